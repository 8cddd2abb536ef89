# SPDX-License-Identifier: GPL-2.0-or-later
"""Listeners that say which program they are: to each connection, and to each datagram.

    PYTHON listeners.py plain PORT...       of both families, TCP and UDP; a datagram's
                                            answer is as long as it was
    PYTHON listeners.py group PORT          one of those that share it (SO_REUSEPORT)
    PYTHON listeners.py picked PORT         likewise; from now on a BPF program picks
    PYTHON listeners.py dropped PORT UID    no longer root once it listens
    PYTHON listeners.py activated           the listener is descriptor 3

    python3 listeners.py ask tcp|udp ADDRESS PORT COUNT [SIZE]
                                            who answered, how often: "good 12 refused 8"

PYTHON is a copy of the interpreter. "listens" on standard output when they do."""

import collections
import ctypes
import os
import socket
import struct
import sys
import threading

TIMEOUT = 10 * int(os.environ.get("VM_PACE", "1"))
SO_ATTACH_REUSEPORT_CBPF = 51
NAME = os.path.basename(os.readlink("/proc/self/exe")).encode()
KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


def bound(kind, port, shared=False):
    sock = socket.socket(socket.AF_INET6, kind)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, kind == socket.SOCK_STREAM)
    if shared:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.bind(("::", int(port)))
    return sock


def serve_streams(sock):
    while True:
        connection = sock.accept()[0]
        try:
            connection.sendall(NAME)
        except OSError:
            pass    # reset
        connection.close()


def serve_datagrams(sock):
    """From the address that was asked, of which there are several."""
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    while True:
        data, about, _, sender = sock.recvmsg(65536, 1000)
        try:
            sock.sendmsg([NAME.ljust(len(data))], about, 0, sender)
        except OSError:
            pass    # may not answer


def serve(*sockets):
    threads = []
    for sock in sockets:
        stream = sock.type == socket.SOCK_STREAM
        if stream:
            sock.listen(64)
        threads.append(threading.Thread(target=serve_streams if stream else serve_datagrams,
                                        args=(sock,)))
    print("listens", flush=True)
    for thread in threads:
        thread.start()


def let_pick_at_random(sock):
    code = [(0x20, 0, 0, 0xfffff000 + 56),  # a random number
            (0x94, 0, 0, 2),                # modulo the number of members
            (0x16, 0, 0, 0)]
    filters = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in code))
    program = struct.pack("HxxxxxxQ", len(code), ctypes.addressof(filters))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, program)


def group(port, pick):
    sockets = [bound(kind, port, True) for kind in KINDS.values()]
    if pick:
        sockets[0].listen(64)
        for sock in sockets:
            let_pick_at_random(sock)
    serve(*sockets)


def dropped(port, uid):
    sock = bound(socket.SOCK_STREAM, port)
    os.setgroups([])
    os.setgid(int(uid))
    os.setuid(int(uid))
    serve(sock)


def ask_once(kind, address, port, size):
    """Who answers; a socket of its own each time, so that it is another flow."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, kind) as sock:
        sock.settimeout(TIMEOUT)
        try:
            sock.connect((address, port))
            if kind == socket.SOCK_DGRAM:
                sock.send(bytes(size))
            answer = sock.recv(65536)
            if kind == socket.SOCK_DGRAM and len(answer) != size:
                return "short"
            return answer.decode().strip() or "closed"
        except (ConnectionRefusedError, ConnectionResetError):
            return "refused"
        except TimeoutError:
            return "nobody"


def ask(kind, address, port, count, size=100):
    answers = collections.Counter(ask_once(KINDS[kind], address, int(port), int(size))
                                  for _ in range(int(count)))
    print(*(f"{who} {number}" for who, number in sorted(answers.items())))


def main(command, *arguments):
    if command == "plain":
        serve(*(bound(kind, port) for port in arguments for kind in KINDS.values()))
    elif command in ("group", "picked"):
        group(arguments[0], command == "picked")
    elif command == "dropped":
        dropped(*arguments)
    elif command == "activated":
        serve(socket.socket(fileno=3))
    elif command == "ask":
        ask(*arguments)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
