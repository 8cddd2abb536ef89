# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets in pieces, and packets about packets.

    PYTHON pieces.py send ADDRESS PORT SIZE COUNT   datagrams, each answered in full
    PYTHON pieces.py closed ADDRESS PORT            what a datagram's socket is told
    PYTHON pieces.py connect ADDRESS PORT           what a connection is told
    PYTHON pieces.py by-hand FROM TO PORT COUNT [alone]
                                                    datagrams in two pieces each, by a raw
                                                    socket; alone: the kernel leaves them so
    PYTHON pieces.py error ADDRESS COUNT            errors of ICMP, by a raw socket
    PYTHON pieces.py about REMOTE OWN-PORT ADDRESS REMOTE-PORT
                                                    an error from here to ADDRESS, about
                                                    what it sent from there to REMOTE;
                                                    then a datagram from there
    PYTHON pieces.py first ADDRESS PORT             the first of two pieces, alone

PYTHON may be a copy of the interpreter. What became of it is on standard output."""

import errno
import os
import socket
import struct
import sys

TIMEOUT = 10 * int(os.environ.get("VM_PACE", "1"))
IP_NODEFRAG = 22
MORE = 0x2000


def is_six(address):
    return ":" in address


def new_socket(address, kind, protocol=0):
    sock = socket.socket(socket.AF_INET6 if is_six(address) else socket.AF_INET, kind, protocol)
    sock.settimeout(TIMEOUT)
    return sock


def send(address, port, size, count):
    sock = new_socket(address, socket.SOCK_DGRAM)
    sock.connect((address, int(port)))
    for _ in range(int(count)):
        sock.send(bytes(int(size)))
        if len(sock.recv(65536)) != int(size):
            raise OSError(errno.EPROTO, "not all came back")
    return "answered"


def closed(address, port):
    """Not by send(): that would be our own kernel, which refused."""
    sock = new_socket(address, socket.SOCK_DGRAM)
    sock.connect((address, int(port)))
    sock.send(b"x")
    try:
        return sock.recv(10).decode()
    except OSError as error:
        return "told " + errno.errorcode.get(error.errno, "nothing")


def connect(address, port):
    sock = new_socket(address, socket.SOCK_STREAM)
    code = sock.connect_ex((address, int(port)))
    return "told " + errno.errorcode.get(code, "nothing")


# --- by hand ---------------------------------------------------------------------------

def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip_header(own, remote, protocol, length, number=0, offset=0):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + length, number, offset, 64, protocol, 0,
                       socket.inet_aton(own), socket.inet_aton(remote))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:]


def udp_header(own_port, remote_port, length):
    return struct.pack("!HHHH", own_port, remote_port, 8 + length, 0)


def pieces(own, remote, port, number):
    """A datagram of 1016 bytes, cut in the middle."""
    body = udp_header(40000 + number, int(port), 1008) + bytes(1008)
    return (ip_header(own, remote, 17, 512, number, MORE) + body[:512],
            ip_header(own, remote, 17, 504, number, 512 // 8) + body[512:])


def by_hand(own, remote, port, count, alone=""):
    sock = new_socket(own, socket.SOCK_RAW, socket.IPPROTO_RAW)
    sock.setsockopt(socket.IPPROTO_IP, IP_NODEFRAG, bool(alone))
    refused = 0
    for number in range(1, int(count) + 1):
        for piece in pieces(own, remote, port, number):
            try:
                sock.sendto(piece, (remote, 0))
            except OSError:
                refused += 1
    return f"refused {refused}"


def first(address, port):
    sock = new_socket(address, socket.SOCK_RAW, socket.IPPROTO_RAW)
    sock.sendto(pieces("0.0.0.0", address, port, 77)[0], (address, 0))
    return "sent"


# --- errors ------------------------------------------------------------------------------

def unreachable(six, about):
    """No port there; of ICMPv6 the kernel makes the checksum."""
    if six:
        return struct.pack("!BBHI", 1, 4, 0, 0) + about
    message = struct.pack("!BBHI", 3, 3, 0, 0) + about
    return message[:2] + struct.pack("!H", checksum(message)) + message[4:]


def quoted(own, own_port, remote, remote_port):
    body = udp_header(own_port, remote_port, 100) + bytes(100)
    if not is_six(own):
        return ip_header(own, remote, 17, len(body)) + body
    return struct.pack("!IHBB", 6 << 28, len(body), 17, 64) + \
        socket.inet_pton(socket.AF_INET6, own) + socket.inet_pton(socket.AF_INET6, remote) + body


def raw_icmp(address):
    return new_socket(address, socket.SOCK_RAW,
                      socket.IPPROTO_ICMPV6 if is_six(address) else socket.IPPROTO_ICMP)


def error(address, count):
    sock = raw_icmp(address)
    about = quoted(address, 1, "::1" if is_six(address) else "127.0.0.1", 1)
    refused = 0
    for _ in range(int(count)):
        try:
            sock.sendto(unreachable(is_six(address), about), (address, 0))
        except OSError:
            refused += 1
    return f"refused {refused}"


def about(remote, own_port, address, remote_port):
    raw_icmp(address).sendto(
        unreachable(is_six(address), quoted(address, int(own_port), remote, int(remote_port))),
        (address, 0))
    sock = new_socket(address, socket.SOCK_DGRAM)
    sock.bind((remote, int(remote_port)))
    sock.connect((address, int(own_port)))
    sock.send(b"let me in")
    try:
        return "answered by " + sock.recv(100).decode().strip()
    except ConnectionRefusedError:
        return "refused"


COMMANDS = {"send": send, "closed": closed, "connect": connect, "by-hand": by_hand,
            "first": first, "error": error, "about": about}

if __name__ == "__main__":
    try:
        print(COMMANDS[sys.argv[1]](*sys.argv[2:]))
    except OSError as failure:
        sys.exit(f"failed: {failure}")
