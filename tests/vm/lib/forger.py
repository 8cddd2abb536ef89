#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A DNS server that lies, and a client that goes where the lies say.

forger.py serve ADDRESS OTHER   answers each query with forged replies, each wrong in
                                one thing, that name the address in the query's first
                                label (a-b-c-d); then with the right one, 192.0.2.3.
                                OTHER is another address to send from.
forger.py ask SERVER NAME       sends a query, waits until the right reply is there
forger.py go ADDRESS            connects to port 80 there: status 0, or 7 if refused
"""
import socket
import struct
import sys

RIGHT = "192.0.2.3"


def name_end(message):
    at = 12
    while message[at]:
        at += message[at] + 1
    return at + 1


def reply(query, address, identity=None, question=None, answers=1):
    question = question or query[12:name_end(query) + 4]
    identity = identity or query[:2]
    record = struct.pack(">HHHIH", 0xC00C, 1, 1, 300, 4) + socket.inet_aton(address)
    return identity + struct.pack(">HHHHH", 0x8180, 1, answers, 0, 0) + question + record


def lies(query):
    first = query[13:13 + query[12]].decode()
    address = first.replace("-", ".")
    question = query[12:name_end(query) + 4]
    wrong_id = struct.pack(">H", struct.unpack(">H", query[:2])[0] ^ 1)
    wrong_name = bytes([question[0]]) + b"z" * question[0] + question[question[0] + 1:]
    yield reply(query, address, identity=wrong_id)
    yield reply(query, address, question=wrong_name)
    yield reply(query, address, question=question[:-4] + struct.pack(">HH", 28, 1))
    for number in range(200):
        yield reply(query, address, identity=struct.pack(">H", number))


def serve(address, other):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))
    elsewhere = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    elsewhere.bind((other, 53))
    port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    port.bind((address, 5353))
    while True:
        query, client = server.recvfrom(512)
        lie = reply(query, query[13:13 + query[12]].decode().replace("-", "."))
        elsewhere.sendto(lie, client)
        port.sendto(lie, client)
        for message in lies(query):
            server.sendto(message, client)
        server.sendto(reply(query, RIGHT), client)
        server.sendto(lie, client)  # the second answer comes too late


def ask(server, name):
    labels = b"".join(bytes([len(l)]) + l.encode() for l in name.split("."))
    query = struct.pack(">HHHHHH", 0x4242, 0x100, 1, 0, 0, 0) + labels + b"\0\0\1\0\1"
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.settimeout(20)
    client.connect((server, 53))
    client.send(query)
    seen = 0
    while True:
        message = client.recv(512)
        seen += 1
        if message[:2] == query[:2] and message[-4:] == socket.inet_aton(RIGHT):
            break
    client.recv(512)  # the late one
    print(seen, "replies")


def go(address):
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.settimeout(20)
    try:
        client.connect((address, 80))
    except ConnectionRefusedError:
        sys.exit(7)


if __name__ == "__main__":
    {"serve": serve, "ask": ask, "go": go}[sys.argv[1]](*sys.argv[2:])
