# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what the firewall says of each scenario with what the peer counted.

    scenarios_table.py LIST RAN LOG PEER DENIED REFUSED GOOD...

Files: LIST of "scenarios.py list", RAN what the programs said, LOG records of
"sallyport log --json", PEER and DENIED the peer's counters ("nft -j") after who may
and who may not; REFUSED packets passed the firewall and were too long for the device, by the
kernel's count; GOOD are the programs that may. Prints a table as comments, and on
standard error "pass|fail|skip NAME" a line."""

import json
import sys

PROTOCOLS = {"tcp": 6, "udp": 17, "udplite": 136, "sctp": 132, "dccp": 33, "icmp": 1,
             "icmpv6": 58, "ipv6-icmp": 58, "253": 253, "254": 254}
SLACK = 120     # bytes a flow: the last acknowledgement is nobody's
# The peer counts what SCTP bundles before it is cut into packets with their headers.
PER_CENT = {"sctp": 2}
# MPTCP makes one that is too long now and then, and sends what was in it again.
MTU = 1500


def counters(path):
    """{set: {key: [packets, bytes]}}"""
    found = {}
    for item in json.load(open(path))["nftables"]:
        if "set" not in item:
            continue
        name, elements = item["set"]["name"], item["set"].get("elem", [])
        for element in elements:
            key, counter = element["elem"]["val"]["concat"], element["elem"]["counter"]
            key = tuple(PROTOCOLS.get(part, part) for part in key)
            total = found.setdefault(name, {}).setdefault(key, [0, 0])
            total[0] += counter["packets"]
            total[1] += counter["bytes"]
    return found


def peer_saw(counted, row):
    """[packets, bytes] that arrived there and that were sent back."""
    protocol, key = PROTOCOLS[row["protocol"]], row["port"]
    if row["port"]:
        sets = ("in_from", "out_to") if row["inbound"] else ("in_to", "out_from")
    else:
        sets = ("in_other", "out_other")
        key = row["address"]
    pair = (protocol, key) if row["port"] else (key, protocol)
    return [counted.get(name, {}).get(pair, [0, 0]) for name in sets]


def firewall_saw(records, row):
    """Bytes out and in, whose, of how many flows: by the records of their ends."""
    total, programs, flows = [0, 0], set(), 0
    for record in records:
        port = record["local-port" if row["inbound"] else "remote-port"]
        if PROTOCOLS.get(record["protocol"], record["protocol"]) != PROTOCOLS[row["protocol"]]:
            continue
        if port != row["port"] if row["port"] else record["remote"] != row["address"]:
            continue
        programs.add(record["program"])
        flows += record["flows"]
        total[0] += record["bytes-out"]
        total[1] += record["bytes-in"]
    return total, programs, flows


RESET = 60      # bytes that say "refused", with everything that may be in it


def answered(counted, row):
    """Packets to the peer that are more than a reset."""
    packets, size = peer_saw(counted, row)[0]
    return packets if size > packets * RESET else 0


def near(ours, theirs, row, flows, refused=0):
    per_cent = PER_CENT.get(row["protocol"], 1)
    slack = max(theirs * per_cent / 100, SLACK * flows)
    more = refused * MTU if row["name"].startswith("mptcp") else 0
    return -slack <= ours - theirs <= slack + more


def rows_of(path):
    for line in open(path):
        name, protocol, address, port, *inbound = line.split()
        yield {"name": name, "protocol": protocol, "address": address, "port": int(port),
               "inbound": bool(inbound)}


def judge(row, said, records, allowed, denied, refused, good):
    """(result, text of the table)"""
    if said.startswith("absent"):
        return "skip", said
    (ours_out, ours_in), programs, flows = firewall_saw(records, row)
    arrived, returned = peer_saw(allowed, row)
    leaked = answered(denied, row) if row["inbound"] else peer_saw(denied, row)[0][0]
    text = (f"{ours_out:>8} /{arrived[1]:>8} out {ours_in:>8} /{returned[1]:>8} in"
            f"  denied: {leaked} arrived")
    wrong = []
    if said != "done":
        wrong.append(said)
    if programs - good or not programs:
        wrong.append("named " + (", ".join(sorted(programs)) or "nobody"))
    if (not arrived[1] or not near(ours_out, arrived[1], row, flows, refused) or
            not near(ours_in, returned[1], row, flows)):
        wrong.append("other bytes than the peer")
    if leaked:
        wrong.append("not kept in")
    return ("fail" if wrong else "pass"), "; ".join([text] + wrong)


def main(list_path, ran_path, log_path, peer_path, denied_path, refused, *good):
    said = dict(line.rstrip("\n").split(" ", 1) for line in open(ran_path) if " " in line)
    records = [json.loads(line) for line in open(log_path)]
    records = [record for record in records if record["event"] == "ended"]
    allowed, denied = counters(peer_path), counters(denied_path)
    print(f"# {'scenario':<20} {'the firewall / the peer, bytes':<50}")
    for row in rows_of(list_path):
        result, text = judge(row, said.get(row["name"], "failed: not run"), records,
                             allowed, denied, int(refused), set(good))
        print(f"# {row['name']:<20} {text}")
        print(f"{result} {row['name']}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
