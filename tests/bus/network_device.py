# SPDX-License-Identifier: GPL-2.0-or-later
"""Devices of the tests' network namespace, and gateways."""
import socket
import subprocess

FIRST, SECOND = '02:00:5e:00:00:01', '02:00:5e:00:00:02'


def ip(*words):
    subprocess.run(['ip', *' '.join(words).split()], check=True)


class Device:
    """A device of this namespace, its way out by default through 192.0.2.1."""
    def __init__(self, name='home0', hardware=FIRST):
        self.name = name
        subprocess.run(['ip', 'link', 'del', name], stderr=subprocess.DEVNULL)
        ip('link add', name, 'type veth peer name', name + 'p')
        ip('link set', name + 'p up')
        ip('link set', name, 'up')
        ip('address add 192.0.2.9/24 dev', name)
        if hardware:
            self.gateway('192.0.2.1', hardware)
            ip('route add default via 192.0.2.1 dev', name)
        self.number = socket.if_nametoindex(name)

    def gateway(self, address, hardware):
        ip('neigh replace', address, 'lladdr', hardware, 'nud permanent dev', self.name)

    def move(self, address, hardware):
        """To another gateway, by way of none."""
        ip('route del default dev', self.name)
        self.gateway(address, hardware)
        ip('route add default via', address, 'dev', self.name)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        subprocess.run(['ip', 'link', 'del', self.name], stderr=subprocess.DEVNULL)
