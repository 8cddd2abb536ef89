#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The other side of long conversations, and who writes down what arrives.

Runs in the peer. TCP ports 9000 to 9019 send a line every SECONDS (the argument) and
read what comes; UDP ports likewise answer each datagram. Standard output, a line each:

    TIME tcp|udp PORT BYTES     a packet with BYTES of payload arrived
    TIME reset|end PORT         how a connection ended, as its socket was told

TIME is the kernel's, of the packet's arrival, in seconds of CLOCK_REALTIME.
"""
import os
import select
import socket
import struct
import sys
import threading
import time

FIRST, LAST = 9000, 9019
PAUSE = float(sys.argv[1])
SO_TIMESTAMPNS = 35
ETH_P_IP, ETH_P_IPV6 = 0x0800, 0x86dd


def say(when, *words):
    os.write(1, (f'{when:.6f} ' + ' '.join(map(str, words)) + '\n').encode())


def payload_of(protocol, segment, length):
    """The port it was sent to and the payload's length."""
    port = struct.unpack_from('!H', segment, 2)[0]
    header = (segment[12] >> 4) * 4 if protocol == socket.IPPROTO_TCP else 8
    return port, length - header


def look_at(packet, ethertype, when):
    if ethertype == ETH_P_IP:
        header, total = (packet[0] & 15) * 4, struct.unpack_from('!H', packet, 2)[0]
        protocol, length = packet[9], total - header
    else:
        header, protocol = 40, packet[6]
        length = struct.unpack_from('!H', packet, 4)[0]
    name = {socket.IPPROTO_TCP: 'tcp', socket.IPPROTO_UDP: 'udp'}.get(protocol)
    if not name:
        return
    port, size = payload_of(protocol, packet[header:], length)
    if FIRST <= port <= LAST and size > 0:
        say(when, name, port, size)


def watch(ethertype):
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ethertype))
    tap.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    while True:
        packet, controls, _, address = tap.recvmsg(256, 64)
        seconds, nanoseconds = struct.unpack('qq', controls[0][2][:16])
        if address[2] != socket.PACKET_OUTGOING and len(packet) >= 28:
            look_at(packet, ethertype, seconds + nanoseconds / 1e9)


def talk(connection, port):
    """Until it ends: says how."""
    try:
        while True:
            readable, _, _ = select.select([connection], [], [], PAUSE)
            if readable and not connection.recv(65536):
                say(time.time(), 'end', port)
                return
            connection.send(b'tock\n', socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
    except BlockingIOError:
        say(time.time(), 'end', port)
    except OSError:
        say(time.time(), 'reset', port)


def listen(port):
    server = socket.create_server(('', port), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        connection, _ = server.accept()
        threading.Thread(target=talk, args=(connection, port), daemon=True).start()


def echo(port):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(('', port))
    while True:
        data, address = server.recvfrom(2048)
        server.sendto(data, address)


def main():
    for ethertype in ETH_P_IP, ETH_P_IPV6:
        threading.Thread(target=watch, args=(ethertype,), daemon=True).start()
    for port in range(FIRST, LAST + 1):
        threading.Thread(target=listen, args=(port,), daemon=True).start()
        threading.Thread(target=echo, args=(port,), daemon=True).start()
    threading.Event().wait()


main()
