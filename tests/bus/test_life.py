#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon begins and ends; module, store and bus come and go."""
import os
import signal
import subprocess
import sys
import time
from harness import ALICE, ERROR, PATIENCE, ROOT, Client, Daemon, fails, main, test


@test
def status_is_for_everybody():
    with Daemon() as daemon, Client(ALICE, 'none') as alice:
        status = alice.call('Manager', 'GetStatus')
        assert status['state'] == 'protecting', status
        assert status['module-version'] == 'fake' and status['counters']['upcall'] == 7
        assert status['tables']['flows'] == [0, 65536], status['tables']
        assert status['default-out'] == 'ask' and status['default-in'] == 'deny'


@test
def the_kernel_refuses_a_policy():
    with Daemon() as daemon, Client(ROOT) as root:
        daemon.tell('refuse 12')
        daemon.tell('echo refuses')
        daemon.expect('echo refuses')
        assert 'not in force' in fails('NotReady', root.add, 'deny out')
        assert len(root.rules()) == 1
        root.add('deny in')


@test
def without_a_module():
    with Daemon(absent=True) as daemon, Client(ROOT) as root:
        status = root.call('Manager', 'GetStatus')
        assert status['state'] == 'no module' and 'module' in status['reasons'][0], status
        root.add('deny out')
        os.unlink(daemon.absent)
        daemon.expect('started 1', 15)
        assert root.call('Manager', 'GetStatus')['state'] == 'protecting'


@test
def the_verdict_thread_fails():
    with Daemon() as daemon, Client(ALICE).register() as alice, \
            Client(ROOT) as root:
        daemon.expect('started 0')
        daemon.ask()
        ask = alice.event('Ask')
        open(daemon.absent, 'w').close()
        daemon.tell('stop 5')
        assert alice.event('Cancel') == [ask[0], 'disconnected']
        status = root.call('Manager', 'GetStatus')
        assert status['state'] == 'degraded' and 'as the test said' in status['reasons'][0]
        assert 'not in force' in fails('NotReady', root.add, 'deny out to 192.0.2.9')
        os.unlink(daemon.absent)
        daemon.expect('started 1', 15)
        daemon.ask()
        alice.event('Ask')


@test
def rules_survive_a_restart():
    with Daemon() as daemon, Client(ROOT) as root:
        root.add('deny out to 192.0.2.1')
        daemon.stop()
        with Daemon(state=daemon.state) as again:
            again.expect('started 1')
            assert root.texts() == ['deny out to 192.0.2.1']


CALLS = [
    ('Manager', 'GetStatus', None),
    ('Rules', 'List', '(a{sv})', {}),
    ('Rules', 'Add', '(sa{sv})', 'deny out to 192.0.2.1', {}),
    ('Manager', 'SetMode', '(sa{sv})', 'lockdown', {}),
    ('Rules', 'Journal', '(ua{sv})', 10, {}),
    ('Rules', 'Undo', '(a{sv})', {}),
    ('Flows', 'List', '(tua{sv})', 0, 10, {}),
    ('Questions', 'Introduce', None),
    ('Networks', 'List', None),
    ('Manager', 'Guard', '(u)', 60),
    ('Manager', 'GetStatus', None),
]


@test
def it_ends_with_calls_under_way():
    """They come just before it is told to end, or at once, when it goes on to run."""
    for rounds in range(12):
        with Daemon() as daemon, Client(ROOT) as root:
            root.status()
            if rounds % 2:
                daemon.process.send_signal(signal.SIGSTOP)
            root.run('burst', CALLS)
            daemon.process.send_signal(signal.SIGTERM)
            daemon.process.send_signal(signal.SIGCONT)
            ends = root.event('burst')
            daemon.process.send_signal(signal.SIGTERM)      # whoever is impatient
            assert daemon.process.wait(PATIENCE) == 0, daemon.process.returncode
            # Done, refused, or nobody was there any more.
            assert all(end in ('', ERROR + 'NotReady', ERROR + 'NoSuchChange',
                               'org.freedesktop.DBus.Error.NoReply',
                               'org.freedesktop.DBus.Error.ServiceUnknown',
                               'org.freedesktop.DBus.Error.UnknownMethod',
                               'org.freedesktop.DBus.Error.NameHasNoOwner')
                       for end in ends), ends


DAY = 86400 * 10 ** 6


@test
def it_is_noted_when_rules_decided_last():
    with Daemon() as daemon, Client(ROOT) as root, Client(ALICE) as alice:
        first, second = root.add('deny out to 192.0.2.1'), root.add('deny out to 192.0.2.2')
        today = int(time.time() * 1e6) // DAY * DAY
        daemon.tell('record uid=%d rule=%d' % (ALICE, first))
        daemon.tell('echo told')
        daemon.expect('echo told')
        deadline = time.time() + 10
        while root.rules()[0]['used'] == 0 and time.time() < deadline:
            time.sleep(0.05)
        assert root.rules()[0]['used'] in (today, today + DAY), root.rules()
        assert root.rules()[1]['used'] == 0 and root.rules()[1]['noted'] >= today
        # Who uses a system rule is not for everybody.
        assert 'used' not in alice.rules()[0], alice.rules()
        daemon.stop()
        path = daemon.state + '/rules.used'
        with open(path, encoding='ascii') as file:
            assert len(file.read().split('\n')) == 3
        # A week later, in a file that somebody has been at.
        with open(path, 'w', encoding='ascii') as file:
            file.write('%d\n%d %d\nnonsense\n999 1\n%d 99999999\n' % (
                today // DAY - 9, first, today // DAY - 7, second))
        with Daemon(state=daemon.state) as again:
            again.expect('started 2')
            rules = root.rules()
            assert rules[0]['used'] == today - 7 * DAY, rules
            assert rules[1]['used'] == 0 and rules[1]['noted'] >= today, rules


@test
def one_daemon_a_folder():
    with Daemon() as daemon:
        done = subprocess.run([sys.argv[1], '--state', daemon.state, '--config', '/none',
                               '--bus', 'none'], capture_output=True, text=True, timeout=10)
        assert done.returncode == 1 and 'another' in done.stderr, done


@test
def the_bus_comes_later_and_goes():
    with Daemon(bus='unix:path=/run/test/bus') as daemon:
        daemon.expect('started 0')
        bus = None
        for turn in range(2):
            if os.path.exists('/run/test/bus'):
                os.unlink('/run/test/bus')
            bus = subprocess.Popen(['dbus-daemon', '--system', '--nofork', '--nopidfile',
                                    '--nosyslog', '--address=unix:path=/run/test/bus'])
            deadline = time.time() + 20
            while time.time() < deadline:
                done = subprocess.run(['gdbus', 'call', '-a', 'unix:path=/run/test/bus', '-d',
                                       'org.sallyport.Firewall1', '-o', '/org/sallyport/Firewall1',
                                       '-m', 'org.sallyport.Firewall1.Manager.GetStatus'],
                                      capture_output=True, text=True)
                if done.returncode == 0:
                    break
                time.sleep(0.3)
            assert done.returncode == 0, done
            bus.kill()
            bus.wait()
        daemon.tell('echo alive')
        daemon.expect('echo alive')


sys.exit(main())
