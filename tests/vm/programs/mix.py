#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mix.py ADDRESS TCP UDP: so many connections to port 9007 there and so many datagrams, each
from a socket of its own; prints how many of them were answered.

mix.py ADDRESS keep: one connection; for each line of standard input it says whether it
is still answered.

mix.py ADDRESS serve: answers all that, until it is killed.
"""
import selectors
import socket
import sys

PATIENCE = 30  # s, for an answer that must come
PORT = 9007


def answered(sock):
    sock.settimeout(PATIENCE)
    sock.sendall(b'hello')
    return sock.recv(5) == b'hello'


def tcp(address):
    with socket.create_connection((address, PORT), PATIENCE) as sock:
        return answered(sock)


def udp(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((address, PORT))
        return answered(sock)


def count(talk, address, times):
    good = 0
    for _ in range(times):
        try:
            good += talk(address)
        except OSError:
            pass
    return good


def keep(address):
    with socket.create_connection((address, PORT), PATIENCE) as sock:
        print('connected', flush=True)
        for _ in sys.stdin:
            print('yes' if answered(sock) else 'no', flush=True)


def accept(listener, selector):
    selector.register(listener.accept()[0], selectors.EVENT_READ, echo)


def echo(sock, selector):
    try:
        data = sock.recv(100)
        sock.sendall(data)
    except ConnectionError:
        data = b''
    if not data:
        selector.unregister(sock)
        sock.close()


def echo_datagram(sock, _selector):
    sock.sendto(*sock.recvfrom(100))


def serve(address):
    selector = selectors.DefaultSelector()
    listener = socket.create_server((address, PORT), backlog=100)
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind((address, PORT))
    selector.register(listener, selectors.EVENT_READ, accept)
    selector.register(datagrams, selectors.EVENT_READ, echo_datagram)
    while True:
        for key, _ in selector.select():
            key.data(key.fileobj, selector)


def main(address, *what):
    if what == ('keep',):
        keep(address)
    elif what == ('serve',):
        serve(address)
    else:
        print(count(tcp, address, int(what[0])), count(udp, address, int(what[1])))


main(*sys.argv[1:])
