#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pour.py PORT SPEED: an HTTP server whose one answer has no end; it comes with so many
bytes a second."""
import socket
import sys
import threading
import time

TICK = 0.02


def pour(link, speed):
    """By the clock: a tick that came late is made up for."""
    link.recv(65536)
    link.sendall(b'HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n')
    begin, sent = time.monotonic(), 0
    while True:
        due = int((time.monotonic() - begin) * speed) - sent
        try:
            link.sendall(bytes(due))
        except OSError:
            return
        sent += due
        time.sleep(TICK)


def main():
    server = socket.create_server(('', int(sys.argv[1])))
    while True:
        link, _ = server.accept()
        threading.Thread(target=pour, args=(link, int(sys.argv[2])), daemon=True).start()


main()
