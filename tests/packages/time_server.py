#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A clock for others, over NTP: this machine's own time."""

import socket
import struct
import time

SINCE_1900 = 2208988800


def stamp():
    now = time.time() + SINCE_1900
    return struct.pack("!II", int(now), int(now % 1 * 2**32))


def reply(request):
    # Version 4, a server; stratum 1, a second's poll, a microsecond's precision.
    head = struct.pack("!BBbb", 0x24, 1, 0, -20) + bytes(8) + b"TEST"
    return head + stamp() + request[40:48] + stamp() + stamp()


server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("192.0.2.2", 123))
while True:
    request, client = server.recvfrom(1024)
    if len(request) >= 48:
        server.sendto(reply(request), client)
