# SPDX-License-Identifier: GPL-2.0-or-later
"""The peer of the scenarios: echoes.

    python3 scenarios_peer.py serve            standard input: what "scenarios.py list"
                                               prints; says "ready" on standard output
    python3 scenarios_peer.py tcp|udp|fastopen ADDRESS PORT   connects, exchanges; exit
                                               status
    python3 scenarios_peer.py mptcp ADDRESS PORT     sends a word, reads to the end
    python3 scenarios_peer.py from OWN ADDRESS PORT  connects from that port, reads to the
                                               end; exit status"""

import os
import socket
import struct
import sys
import threading

KINDS = {"tcp": (socket.SOCK_STREAM, 0), "mptcp": (socket.SOCK_STREAM, 262),
         "sctp": (socket.SOCK_STREAM, 132), "dccp": (6, 33),
         "udp": (socket.SOCK_DGRAM, 0), "udplite": (socket.SOCK_DGRAM, 136)}
SILENT = ("broadcast", "closed-at-once", "brief-processes", "packet-socket")
FASTOPEN, MSG_FASTOPEN = 23, 0x20000000
kept = []
CHUNK = 700
TIMEOUT = 5 * int(os.environ.get("VM_PACE", "1"))


def echo_stream(sock):
    try:
        while part := sock.recv(65536):
            sock.sendall(part)
    except OSError:
        pass
    sock.close()


def accept(server):
    while True:
        sock = server.accept()[0]
        threading.Thread(target=echo_stream, args=(sock,), daemon=True).start()


def echo_datagrams(sock):
    while True:
        data, sender = sock.recvfrom(2000)
        sock.sendto(data, sender)


def serve(name, protocol, address, port):
    kind, number = KINDS["mptcp" if name.startswith("mptcp") else protocol]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, kind, number)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if name == "dccp":
        sock.setsockopt(269, 2, struct.pack("!I", 42))
    sock.bind(("", port) if family == socket.AF_INET else (address, port))
    if name in SILENT:
        kept.append(sock)
        return
    if kind == socket.SOCK_DGRAM:
        threading.Thread(target=echo_datagrams, args=(sock,), daemon=True).start()
        return
    if name.startswith("fastopen"):
        sock.setsockopt(socket.IPPROTO_TCP, FASTOPEN, 5)
    sock.listen(64)
    threading.Thread(target=accept, args=(sock,), daemon=True).start()


def serve_all():
    for line in sys.stdin:
        name, protocol, address, port = line.split()[:4]
        if protocol not in KINDS:
            continue
        try:
            serve(name, protocol, address, int(port))
        except OSError as error:
            print(name, error, file=sys.stderr)
    print("ready", flush=True)
    threading.Event().wait()


def exchange(protocol, address, port):
    fast = protocol == "fastopen"
    sock = socket.socket(socket.AF_INET, KINDS["tcp" if fast else protocol][0])
    sock.settimeout(None if fast else TIMEOUT)    # or it does not wait for the handshake
    if not fast:
        sock.connect((address, int(port)))
    for i in range(40):
        if fast and not i:
            sock.sendto(bytes(CHUNK), MSG_FASTOPEN, (address, int(port)))
        else:
            sock.sendall(bytes(CHUNK))
        got = 0
        while got < CHUNK:
            part = sock.recv(2000)
            if not part:
                return 1
            got += len(part)
    sock.close()
    return 0


def read_by_mptcp(address, port):
    sock = socket.socket(socket.AF_INET, *KINDS["mptcp"])
    sock.settimeout(4 * TIMEOUT)
    sock.connect((address, int(port)))
    sock.sendall(b"hello")
    while sock.recv(100):
        pass
    return 0


def read_to_the_end(own, address, port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("", int(own)))
    sock.settimeout(TIMEOUT)
    sock.connect((address, int(port)))
    while sock.recv(100):
        pass
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve_all()
    try:
        if sys.argv[1] == "from":
            sys.exit(read_to_the_end(*sys.argv[2:]))
        if sys.argv[1] == "mptcp":
            sys.exit(read_by_mptcp(*sys.argv[2:]))
        sys.exit(exchange(*sys.argv[1:]))
    except OSError as error:
        sys.exit(str(error))
