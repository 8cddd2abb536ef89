#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Names by other ways than a datagram of port 53: mDNS, LLMNR, TCP in pieces.

local_names.py network ADDRESS      there: answers mDNS and LLMNR. A name's first label is
                                    the address (a-b-c-d); evil.local, for which nobody asks,
                                    is said with each answer to be 192.0.2.13
local_names.py pieces ADDRESS       there: a name server for TCP that answers in segments of
                                    seven bytes, and asked for a text, says in it what looks
                                    like the other question's answer
local_names.py mdns|oneshot|llmnr NAME   here: asks, until there is an answer
local_names.py tcp ADDRESS NAME...  here: asks for all at once, in segments of five bytes; for
                                    text.NAME first, for a text
"""
import select
import socket
import struct
import sys
import time

from forger import name_end

MDNS = ("224.0.0.251", 5353)
LLMNR = ("224.0.0.252", 5355)
HERE = "192.0.2.1"
A, TXT = 1, 16


def labels(name):
    return b"".join(bytes([len(l)]) + l.encode() for l in name.split(".")) + b"\0"


def query(name, kind=A, identity=0x4242):
    return struct.pack(">HHHHHH", identity, 0, 1, 0, 0, 0) + labels(name) + struct.pack(">HH", kind, 1)


def record(name, data, kind=A):
    return name + struct.pack(">HHIH", kind, 1, 300, len(data)) + data


def listener(group, address):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("", group[1]))
    server.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                      socket.inet_aton(group[0]) + socket.inet_aton(address))
    server.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
    server.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    return server


def network(address):
    groups = {listener(group, address): group for group in (MDNS, LLMNR)}
    while True:
        for server in select.select(groups, [], [])[0]:
            message, asker = server.recvfrom(1500)
            if message[2] & 0x80:
                continue
            everybody = asker[1] == MDNS[1]
            name = message[12:name_end(message)]
            wanted = socket.inet_aton(name[1:1 + name[0]].decode().replace("-", "."))
            question = b"" if everybody else message[12:name_end(message) + 4]
            answer = (message[:2] + struct.pack(">HHHHH", 0x8400, bool(question), 2, 0, 0) + question +
                      record(name, wanted) + record(labels("evil.local"), socket.inet_aton("192.0.2.13")))
            server.sendto(answer, groups[server] if everybody else asker)


def ask(group, name, everybody=False):
    client = listener(group, HERE) if everybody else socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(HERE))
    client.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    client.settimeout(3)
    for _ in range(20):
        client.sendto(query(name, identity=0 if everybody else 0x4242), group)
        try:
            while not client.recv(1500)[2] & 0x80:
                pass
            return
        except TimeoutError:
            pass
    sys.exit("no answer")


def send_in_pieces(stream, data, size):
    for at in range(0, len(data), size):
        stream.sendall(data[at:at + size])
        time.sleep(0.01)


def receive(stream, size):
    data = b""
    while len(data) < size:
        part = stream.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def receive_message(stream):
    return receive(stream, struct.unpack(">H", receive(stream, 2))[0])


def with_length(message):
    return struct.pack(">H", len(message)) + message


def answer_to(message, address):
    question = message[12:name_end(message) + 4]
    return (message[:2] + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0) + question +
            record(b"\xc0\x0c", socket.inet_aton(address)))


def talk(stream):
    text = None
    while True:
        message = receive_message(stream)
        if message[-4:-2] == struct.pack(">H", TXT):
            text = message
            continue
        if text:
            lie = with_length(answer_to(message, "192.0.2.16"))
            question = text[12:name_end(text) + 4]
            whole = with_length(text[:2] + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0) + question +
                                record(b"\xc0\x0c", bytes([len(lie)]) + lie, TXT))
            stream.sendall(whole[:-len(lie)])
            time.sleep(0.2)
            stream.sendall(whole[-len(lie):])
            time.sleep(0.2)
        text = None
        send_in_pieces(stream, with_length(answer_to(message, "192.0.2.15")), 7)


def pieces(address):
    server = socket.create_server((address, 53))
    while True:
        stream = server.accept()[0]
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            talk(stream)
        except EOFError:
            stream.close()


def tcp(address, *names):
    stream = socket.create_connection((address, 53), 30)
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    all_of_them = b"".join(
        with_length(query(name.removeprefix("text."), TXT if name.startswith("text.") else A, number))
        for number, name in enumerate(names, 7))
    send_in_pieces(stream, all_of_them, 5)
    for _ in names:
        receive_message(stream)


if __name__ == "__main__":
    {"network": network, "pieces": pieces, "tcp": tcp,
     "mdns": lambda name: ask(MDNS, name, True), "oneshot": lambda name: ask(MDNS, name),
     "llmnr": lambda name: ask(LLMNR, name)}[sys.argv[1]](*sys.argv[2:])
