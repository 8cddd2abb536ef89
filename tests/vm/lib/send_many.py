#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""send_many.py FLOWS PORT PER: up to so many flows of datagrams, PER a socket.

For each line "FIRST COUNT" of standard input one datagram in each of those flows, to
10.1.0.0/16; then a line that says how many were taken. The sockets stay open.
"""
import socket
import sys


def main(flows, port, per):
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
               for _ in range(0, flows, per)]
    for line in sys.stdin:
        first, count = map(int, line.split())
        taken = 0
        for number in range(first, first + count):
            address = f'10.1.{number >> 8}.{number & 255}'
            try:
                sockets[number // per].sendto(b'x', (address, port))
                taken += 1
            except OSError:
                pass
        print(taken, flush=True)


main(*map(int, sys.argv[1:4]))
