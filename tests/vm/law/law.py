#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The law from end to end: rules change while programs make flows.

    law.py run FOLDER PHASES FLOWS     changes rules PHASES times, and after each
                                       change waits for FLOWS more flows
    law.py check FOLDER ARRIVED        compares; prints what is wrong

"run" writes FOLDER/phases: which rules were in force from when to when, from the
moment the command that made it so had returned to the moment the next one began;
a line for each single change. FOLDER has what each program says of its flows, P.log (see load.c); ARRIVED is what came
to the peer: "ADDRESS PROTOCOL SOURCE-PORT PORT" a line.

A flow that begins after a change was acknowledged gets what the new rules say: it
is answered and no less, or refused and nothing of it arrives. One that was under
way during changes gets what all the rules in force meanwhile say; where they
differ, either.
"""
import glob
import itertools
import json
import random
import re
import subprocess
import sys
import time

PROGRAMS = [f"/run/law/p{i}" for i in range(6)]
PORTS = range(7001, 7005)
PREFIX = {4: "192.0.2.0/24", 6: "2001:db8::/32"}
TRIES = 1200    # of 0.1 s, for as many flows as a phase wants


# --- what the rules say ----------------------------------------------------------
# A rule is (action, program, protocol, port, family); None is any. Of those that
# match, the ones that no other is narrower than decide, and of these the stricter.

def matches(rule, flow):
    return all(r is None or r == f for r, f in zip(rule[1:], flow))


def narrower(a, b):
    return a[1:] != b[1:] and all(y is None or x == y for x, y in zip(a[1:], b[1:]))


def allowed(rules, flow):
    found = [r for r in rules if matches(r, flow)]
    decide = [r for r in found if not any(narrower(o, r) for o in found)]
    return bool(decide) and all(r[0] == "allow" for r in decide)


def as_text(rule):
    action, program, protocol, port, family = rule
    words = [action, "out"]
    if program:
        words += ["program", program]
    if family:
        words += ["to", PREFIX[family]]
    if protocol:
        words += ["protocol", protocol]
    if port:
        words += ["port", str(port)]
    return " ".join(words)


def random_rule(dice):
    """Mostly narrow ones; the wide ones forbid, or allow one program."""
    program = dice.choice(PROGRAMS)
    protocol, port = dice.choice(["tcp", "udp"]), dice.choice(PORTS)
    action = dice.choice(["allow", "allow", "deny"])
    return dice.choice([
        (action, program, protocol, port, None),
        (action, program, protocol, port, dice.choice([4, 6])),
        (action, program, protocol, None, None),
        ("allow", program, None, None, None),
        ("deny", None, protocol, port, None),
        ("deny", program, None, None, dice.choice([4, 6])),
    ])


# --- changing them -----------------------------------------------------------------

class Firewall:
    def __init__(self, phases):
        self.rules = {}         # by number
        self.phases = phases    # a file
        self.begin = 0          # of this phase; 0: before the first

    def command(self, *words):
        if self.begin:
            phase = [self.begin, time.monotonic_ns(), list(self.rules.values())]
            print(json.dumps(phase), file=self.phases)
        return subprocess.run(["sallyport", "rules", *words], check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def add(self, rule):
        if any(rule[1:] == r[1:] for r in self.rules.values()):
            return          # one about the same would take its place
        number = self.command("add", as_text(rule))
        self.begin = time.monotonic_ns()
        self.rules[int(re.search(r"\d+", number).group())] = rule

    def remove(self, number):
        self.command("remove", str(number))
        self.begin = time.monotonic_ns()
        del self.rules[number]


def flows_made(folder):
    return sum(open(f, "rb").read().count(b"\n") for f in glob.glob(f"{folder}/p*.log"))


def wait_for_flows(folder, count):
    wanted = flows_made(folder) + count
    for _ in range(TRIES):
        if flows_made(folder) >= wanted:
            return
        time.sleep(0.1)
    sys.exit(f"no {count} flows were made")


def change(firewall, dice):
    """The first rule is the widest one and stays."""
    for _ in range(dice.randint(0, min(2, len(firewall.rules) - 1))):
        firewall.remove(dice.choice(list(firewall.rules)[1:]))
    for _ in range(dice.randint(1, 3)):
        firewall.add(random_rule(dice))


def run(folder, phases, flows):
    dice = random.Random(20261128)
    with open(f"{folder}/phases", "w") as out:
        firewall = Firewall(out)
        firewall.add(("deny", None, None, None, None))
        for program in PROGRAMS[:3]:
            firewall.add(("allow", program, None, None, None))
        for _ in range(phases):
            change(firewall, dice)
            wait_for_flows(folder, flows)
        firewall.command("list")


# --- comparing ----------------------------------------------------------------------

def during(phases, begin, end):
    """The sets of rules in force at some time from begin to end; none: not known."""
    if begin < phases[0][0] or end > phases[-1][1]:
        return []
    first = max(i for i, phase in enumerate(phases) if phase[0] <= begin)
    last = min(i for i, phase in enumerate(phases) if phase[1] >= end)
    return [phase[2] for phase in phases[min(first, last):max(first, last) + 1]]


def read_flows(folder):
    for index, _ in enumerate(PROGRAMS):
        with open(f"{folder}/p{index}.log") as log:
            for line in log:
                protocol, family, source, port, begin, end, outcome = line.split()
                yield (index, protocol, int(family), int(source), int(port),
                       int(begin), int(end), outcome)


def address_of(index, family):
    return f"192.0.2.{10 + index}" if family == 4 else f"2001:db8::{10 + index}"


def fault(may, tcp, outcome, came):
    """What is wrong with a flow that all rules allow (True), forbid (False), or not."""
    if outcome == "ok" and not came:
        return "was answered, but the referee did not see it"
    if may == {True} and outcome != "ok":
        return f"was allowed, but ended with {outcome}"
    if may == {False} and (came or outcome == "ok"):
        return "was forbidden, but arrived"
    if may == {False} and outcome != "refused" and (tcp or outcome != "silence"):
        return f"was forbidden, but told {outcome}"
    return None


def check(folder, arrived_file):
    phases = [json.loads(line) for line in open(f"{folder}/phases")]
    arrived = {tuple(line.split()) for line in open(arrived_file)}
    made, faults = set(), []
    seen = {"allowed": 0, "forbidden": 0, "either": 0}
    for index, protocol, family, source, port, begin, end, outcome in read_flows(folder):
        key = (address_of(index, family), protocol, str(source), str(port))
        made.add(key)
        flow = (PROGRAMS[index], protocol, port, family)
        may = {allowed(rules, flow) for rules in during(phases, begin, end)}
        if not may:
            continue
        seen["either" if len(may) > 1 else "allowed" if True in may else "forbidden"] += 1
        wrong = fault(may, protocol == "tcp", outcome, key in arrived)
        if wrong:
            faults.append(f"p{index} {protocol} {family} {source} -> {port} at {begin}: {wrong}")
    faults += [f"nobody's: {key}" for key in arrived - made]
    print(f"{len(made)} flows:", *(f"{n} {kind}" for kind, n in seen.items()))
    if min(seen["allowed"], seen["forbidden"]) < len(made) / 10:
        faults.append("too few of one kind to say anything")
    print(*faults[:20], sep="\n")
    return faults


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        run(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1:2] == ["check"]:
        sys.exit(1 if check(sys.argv[2], sys.argv[3]) else 0)
    else:
        sys.exit(__doc__)
