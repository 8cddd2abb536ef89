#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""Networks: what they are known by, who may name them, and that no switch by itself
reaches a name that nobody gave."""
import subprocess
import sys
import time
from harness import ALICE, INTERACTION, ROOT, Client, Daemon, fails, main, test
from network_device import FIRST, SECOND, Device, ip
from network_manager import NetworkManager

HOME = 'gateway:%s/192.0.2.1' % FIRST
UUID = '6f1c2c1e-7d3b-4a5e-9a57-0a0a0a0a0a01'
OTHER = '6f1c2c1e-7d3b-4a5e-9a57-0a0a0a0a0a02'
PROTECTED = {'connection': {'type': '802-11-wireless'},
             '802-11-wireless-security': {'key-mgmt': 'wpa-psk'}}
OPEN = {'connection': {'type': '802-11-wireless'}}
WIRED = {'connection': {'type': '802-3-ethernet'}}


def networks(client):
    return client.call('Networks', 'List')


def until(client, wanted):
    """The first network for which @wanted is true; the daemon says when to look again."""
    end = time.time() + 15
    while True:
        there = networks(client)
        for network in there:
            if wanted(network):
                return network
        assert time.time() < end, there
        client.event('Changed')


def known_by(ident, device='home0'):
    return lambda network: network['id'] == ident and network['devices'] == [device]


def name(client, ident, text, interactive=False):
    return client.call('Networks', 'Name', '(ss)', ident, text, interactive=interactive)


@test
def a_gateway_is_a_network():
    with Device() as device, Daemon() as daemon, Client(ROOT) as root, \
            Client(ALICE).register():
        network = until(root, known_by(HOME))
        assert network['default'] and not network['name'] and not network['since'], network
        root.add('allow out network home')
        flow = daemon.ask(interface=device.number)
        daemon.expect('asked %d 0' % flow)
        name(root, HOME, 'home')
        daemon.expect('networks .*%d=home.*' % device.number)
        # What waited is decided, and what comes.
        daemon.expect('decided %d allow 1' % flow)
        daemon.expect('decided %d allow 1' % daemon.ask(interface=device.number))
        daemon.expect('asked %d 0' % daemon.ask(interface=device.number + 100))
        network = until(root, known_by(HOME))
        assert network['name'] == 'home' and network['maker'] == 0 and network['since'], network
        assert not network['asks']


@test
def another_gateway_is_another_network():
    with Device() as device, Daemon() as daemon, Client(ROOT) as root:
        until(root, known_by(HOME))
        name(root, HOME, 'home')
        root.add('allow out network home')
        root.add('deny in network home')
        daemon.expect('decided %d allow 1' % daemon.ask(interface=device.number))
        for address, hardware in (('192.0.2.2', FIRST), ('192.0.2.1', SECOND)):
            device.move(address, hardware)
            until(root, known_by('gateway:%s/%s' % (hardware, address)))
            daemon.expect('asked %d 0' % daemon.ask(interface=device.number))
            # What is not known denies.
            daemon.expect('decided %d deny 2' % daemon.ask(interface=device.number,
                                                           direction='in'))
        device.move('192.0.2.1', FIRST)
        until(root, known_by(HOME))
        daemon.expect('decided %d allow 1' % daemon.ask(interface=device.number))


@test
def a_gateway_that_is_asked_for_its_address():
    with Device(hardware=None) as device, Daemon() as daemon, Client(ROOT) as root:
        ip('netns add away')
        try:
            ip('link set home0p netns away')
            ip('-n away link set home0p address', SECOND, 'up')
            ip('-n away address add 192.0.2.1/24 dev home0p')
            ip('route add default via 192.0.2.1 dev home0')
            until(root, known_by('gateway:%s/192.0.2.1' % SECOND))
        finally:
            ip('netns del away')


@test
def somebody_is_asked_once():
    with Device(), Daemon() as daemon, Client(ALICE) as alice, Client(ROOT) as root:
        network = until(alice, lambda network: network['asks'])
        assert network['id'] == HOME
        alice.call('Networks', 'Ignore', '(s)', HOME)
        assert not networks(alice)[0]['asks']
        # One that has a name keeps it.
        name(root, HOME, 'home')
        alice.call('Networks', 'Ignore', '(s)', HOME)
        assert networks(alice)[0]['name'] == 'home'
        root.call('Networks', 'Forget', '(s)', HOME)
        assert until(alice, lambda network: network['asks'])['name'] == ''


@test
def a_tunnel_is_known_by_its_name():
    ip('tuntap add vpn0 mode tun')
    try:
        ip('link set vpn0 up')
        with Daemon() as daemon, Client(ROOT) as root:
            until(root, known_by('device:vpn0', 'vpn0'))
            name(root, 'device:vpn0', 'vpn')
            assert daemon.expect('networks .*=vpn.*')
            assert not networks(root)[0]['default'] and not networks(root)[0]['asks']
    finally:
        ip('link del vpn0')


@test
def names_take_the_systems_authority():
    with Device(), Daemon(), Client(ALICE) as alice, Client(ROOT) as root:
        until(alice, known_by(HOME))
        fails(INTERACTION, name, alice, HOME, 'home')
        fails(INTERACTION, alice.call, 'Networks', 'Forget', '(s)', HOME)
        alice.run('polkit', 'secret-alice')
        fails('NotAuthorized', name, alice, HOME, 'home', interactive=True)
        action, user, message = alice.event('password')
        assert action == 'org.sallyport.firewall1.rules-system' and user == 'root', action
        assert 'the network home0 is called home' in message, message
        assert not networks(root)[0]['name']
    with Device(), Daemon(), Client(ALICE, 'none') as stranger:
        fails(INTERACTION, networks, stranger)
        fails(INTERACTION, stranger.call, 'Networks', 'Ignore', '(s)', HOME)


def is_called(text):
    return lambda network: network['id'] == HOME and network['name'] == text


@test
def a_guarded_name_is_taken_back():
    with Device() as device, Daemon() as daemon, Client(ROOT) as root:
        until(root, known_by(HOME))
        root.call('Manager', 'Guard', '(u)', 1)
        name(root, HOME, 'work')
        daemon.expect('snapshot 0 stops')	# what it denies may be allowed again
        daemon.expect('networks .*%d=work.*' % device.number)
        name(root, HOME, 'public')
        daemon.expect('networks .*%d=public.*' % device.number)
        until(root, is_called(''))	# it had none
        root.call('Manager', 'Guard', '(u)', 0)
        name(root, HOME, 'home')
        since = until(root, is_called('home'))['since']
        root.call('Manager', 'Guard', '(u)', 1)
        root.call('Networks', 'Forget', '(s)', HOME)
        until(root, is_called(''))
        assert until(root, is_called('home'))['since'] == since
        root.call('Manager', 'Guard', '(u)', 600)
        name(root, HOME, 'public')
        root.confirm()
        assert root.status()['guard-deadline'] == 0
        until(root, is_called('public'))


@test
def an_unconfirmed_name_is_taken_back_at_the_start():
    with Device(), Daemon() as daemon, Client(ROOT) as root:
        until(root, known_by(HOME))
        name(root, HOME, 'home')
        root.call('Manager', 'Guard', '(u)', 600)
        name(root, HOME, 'public')
        state = daemon.state
        daemon.process.kill()
        daemon.process.wait()
        daemon.process.returncode = 0	# killed as wanted
    with Device() as device, Daemon(state=state) as daemon, Client(ROOT) as root:
        assert '=home' in daemon.expect('networks .*%d=.*' % device.number).group()
        until(root, is_called('home'))
        while root.status()['guard-deadline']:
            root.event('Changed')
    with Device(), Daemon(state=state) as daemon, Client(ROOT) as root:
        until(root, is_called('home'))


@test
def names_that_can_not_be():
    invalid = 'org.freedesktop.DBus.Error.InvalidArgs'
    with Device(), Daemon(), Client(ROOT) as root:
        until(root, known_by(HOME))
        for text in ('', 'x' * 64, 'two\nlines'):
            fails(invalid, name, root, HOME, text)
        name(root, HOME, 'x' * 63)
        name(root, HOME, 'Café Müller')
        assert networks(root)[0]['name'] == 'Café Müller'
        root.add('allow out network "Café Müller"')
        for ident in ('', 'gateway:x', 'device:lo'):
            fails('NoSuchNetwork', name, root, ident, 'home')
            fails('NoSuchNetwork', root.call, 'Networks', 'Forget', '(s)', ident)


@test
def names_are_kept():
    with Device() as device:
        with Daemon() as daemon, Client(ROOT) as root:
            until(root, known_by(HOME))
            name(root, HOME, 'home')
        # Before anything is judged.
        with Daemon(state=daemon.state) as again, Client(ROOT) as root:
            root.add('allow out network home')
            again.expect('decided %d allow 1' % again.ask(interface=device.number))
        device.move('192.0.2.2', SECOND)
        with Daemon(state=daemon.state) as again, Client(ROOT) as root:
            until(root, lambda network: network['id'] == HOME and not network['devices'])
            root.call('Networks', 'Forget', '(s)', HOME)
            assert not any(network['id'] == HOME for network in networks(root)), networks(root)


@test
def a_full_disk_gives_no_name():
    with Device() as device, Daemon() as daemon, Client(ROOT) as root:
        until(root, known_by(HOME))
        subprocess.run(['mount', '-t', 'tmpfs', '-o', 'ro', 'tmpfs', daemon.state], check=True)
        fails('NotSaved', name, root, HOME, 'home')
        subprocess.run(['umount', daemon.state], check=True)
        assert not networks(root)[0]['name']
        assert not any('=home' in line for line in daemon.until_echo())


@test
def a_protected_wifi_is_known_by_its_connection():
    with Device() as device, NetworkManager() as manager:
        manager.connect('home0', UUID, 'Our Wi-Fi', PROTECTED)
        with Daemon() as daemon, Client(ROOT) as root:
            network = until(root, known_by('connection:' + UUID))
            assert network['title'] == 'Our Wi-Fi'
            name(root, network['id'], 'home')
            root.add('allow out network home')
            daemon.expect('decided %d allow 1' % daemon.ask(interface=device.number))
            # Another one, by the same gateway.
            manager.disconnect()
            manager.connect('home0', OTHER, 'Café', PROTECTED)
            until(root, known_by('connection:' + OTHER))
            daemon.expect('asked %d 0' % daemon.ask(interface=device.number))
            # One that is about to be does not count, nor what a VPN goes over.
            manager.disconnect()
            manager.connect('home0', UUID, 'Our Wi-Fi', PROTECTED, state=1)
            manager.connect('home0', UUID, 'Our VPN', PROTECTED, vpn=True)
            until(root, known_by(HOME))
            daemon.expect('asked %d 0' % daemon.ask(interface=device.number))


@test
def cables_and_open_wifi_prove_nothing():
    for settings in (WIRED, OPEN):
        with Device(), NetworkManager() as manager, Daemon(), Client(ROOT) as root:
            manager.connect('home0', UUID, 'Some connection', settings)
            network = until(root, lambda network: network['title'] == 'Some connection')
            assert network['id'] == HOME, network


@test
def a_manager_that_goes_is_not_believed():
    with Device() as device, Daemon() as daemon, Client(ROOT) as root:
        with NetworkManager() as manager:
            manager.connect('home0', UUID, 'Our Wi-Fi', PROTECTED)
            until(root, known_by('connection:' + UUID))
            name(root, 'connection:' + UUID, 'home')
            root.add('allow out network home')
            daemon.expect('decided %d allow 1' % daemon.ask(interface=device.number))
        until(root, known_by(HOME))
        daemon.expect('asked %d 0' % daemon.ask(interface=device.number))


@test
def a_manager_that_says_nothing_is_not_waited_for():
    with Device() as device:
        with Daemon() as daemon, Client(ROOT) as root:
            until(root, known_by(HOME))
            name(root, HOME, 'home')
        with NetworkManager(mute=True), Daemon(state=daemon.state) as daemon:
            daemon.expect('networks settled .*%d=home.*' % device.number)


sys.exit(main())
