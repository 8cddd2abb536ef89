#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""The administrator's files: rules, lists, settings."""
import os
import sys
import time
from harness import (ALICE, ROOT, SANITIZERS, Client, Daemon, fails, main, put_file, test,
                     until_reason)


@test
def settings_are_the_files():
    with Daemon('[policy]\ndefault-in=drop\n[questions]\ndeadline-seconds=7\n') as daemon, \
            Client(ALICE, 'none') as alice:
        settings = alice.call('Manager', 'GetSettings')
        assert settings['default-in'] == 'drop' and settings['default-out'] == 'ask', settings
        assert settings['deadline-seconds'] == 7 and settings['hosts'] is True, settings
        kept = [settings[key] for key in ('kept-minutes', 'kept-hours', 'kept-days', 'history-size')]
        assert kept == [1, 31, 366, 32], kept


@test
def the_administrators_files():
    with Daemon() as daemon, Client(ROOT) as root, Client(ALICE) as alice:
        root.add('allow out to 203.0.113.9')
        daemon.expect('snapshot 1')
        put_file(daemon.folder, 'rules.d/10-first.rules', 'deny out to 203.0.113.0/24\n')
        daemon.expect('snapshot 2')
        rule = [rule for rule in alice.rules() if rule['file']][0]
        assert rule['floor'] and rule['text'] == 'floor deny out to 203.0.113.0/24'
        flow = daemon.ask(remote='203.0.113.9')
        daemon.expect('decided %d deny %d' % (flow, rule['id']))
        fails('NoSuchRule', root.remove, rule['id'])
        # wrong: reported, and what was good stays
        put_file(daemon.folder, 'rules.d/20-second.rules', 'deny out port 25\nalow out\n')
        until_reason(root, '20-second.rules:2:1: unknown word')
        assert len(root.rules()) == 2
        flow = daemon.ask(remote='203.0.113.9')
        daemon.expect('decided %d deny %d' % (flow, rule['id']))
        put_file(daemon.folder, 'rules.d/20-second.rules', 'deny out port 25\n')
        daemon.expect('snapshot 3')
        until_reason(root, None)
        # others can write it: it is not trusted
        put_file(daemon.folder, 'rules.d/30-third.rules', 'allow out\n', 0o666)
        until_reason(root, 'others than its owner')
        os.remove(daemon.folder + '/rules.d/30-third.rules')
        os.remove(daemon.folder + '/rules.d/20-second.rules')
        daemon.expect('snapshot 2')


@test
def files_that_are_wrong_at_the_start():
    with Daemon() as daemon:
        put_file(daemon.folder, 'rules.d/10-first.rules', 'deny out to 203.0.113.0/24\n')
        daemon.expect('snapshot 1')
        state = daemon.state
    # what was read last counts
    with Daemon(state=state, files={'rules.d/10-first.rules': 'nonsense'}) as daemon, \
            Client(ROOT) as root:
        rule, = root.rules()
        assert rule['text'] == 'floor deny out to 203.0.113.0/24'
        until_reason(root, '10-first.rules:1:1')
    # nothing is known: nothing is allowed
    with Daemon(files={'rules.d/10-first.rules': 'nonsense'}) as daemon, Client(ROOT) as root:
        root.add('allow out')
        daemon.expect('snapshot 3')
        flow = daemon.ask(remote='203.0.113.9')
        daemon.expect('decided %d deny .*' % flow)
        put_file(daemon.folder, 'rules.d/10-first.rules', '')
        daemon.expect('snapshot 1')
        flow = daemon.ask(remote='203.0.113.9')
        daemon.expect('decided %d allow .*' % flow)


@test
def files_that_were_edited_meanwhile():
    """The verdict thread hears that their rules' numbers may have been others'."""
    files = {'rules.d/10-first.rules': 'allow out to a.example\n'}
    with Daemon(files=files) as daemon:
        daemon.expect('renumbered .*')
        state = daemon.state
    with Daemon(state=state, files=files) as daemon:
        assert not [line for line in daemon.until_echo() if line.startswith('renumbered')]
    files['rules.d/10-first.rules'] = 'deny out port 25\nallow out to a.example\n'
    with Daemon(state=state, files=files) as daemon:
        daemon.expect('renumbered %d' % (1 << 52))


@test
def lists_are_read_again():
    with Daemon(files={'lists/bad': '203.0.113.0/24\n'}) as daemon, Client(ROOT) as root:
        number = root.add('deny out to @bad')
        root.add('allow out')
        daemon.expect('snapshot 2')
        flow = daemon.ask(remote='203.0.113.9')
        daemon.expect('decided %d deny %d' % (flow, number))
        flow = daemon.ask(remote='198.51.100.9')
        daemon.expect('decided %d allow .*' % flow)
        put_file(daemon.folder, 'lists/bad', '198.51.100.0/24\n')
        daemon.expect('snapshot 2')
        flow = daemon.ask(remote='198.51.100.9')
        daemon.expect('decided %d deny %d' % (flow, number))
        flow = daemon.ask(remote='203.0.113.9')
        daemon.expect('decided %d allow .*' % flow)
        # whole or not at all
        put_file(daemon.folder, 'lists/bad', '203.0.113.0/24\n300.1.1.1\n')
        until_reason(root, 'lists/bad:2:1')
        flow = daemon.ask(remote='203.0.113.9')
        daemon.expect('decided %d allow .*' % flow)
        # a list that is not there: what forbids forbids all
        os.remove(daemon.folder + '/lists/bad')
        daemon.expect('snapshot 2')
        flow = daemon.ask(remote='203.0.113.9')
        daemon.expect('decided %d deny %d' % (flow, number))


def resident(daemon):
    """MB of memory."""
    with open('/proc/%d/status' % daemon.process.pid) as file:
        return [int(line.split()[1]) for line in file if line.startswith('VmRSS')][0] / 1024


def until_resident(daemon, most):
    end = time.time() + 20
    while resident(daemon) > most:
        assert time.time() < end, '%d MB, wanted %d' % (resident(daemon), most)
        time.sleep(0.1)


@test
def a_large_list_takes_no_more_when_it_is_read_again():
    names = ''.join('host%07d.example\n' % i for i in range(1000000))
    with Daemon() as daemon, Client(ROOT) as root:
        number = root.add('deny out to @large')
        daemon.expect('snapshot 1')
        before = resident(daemon)
        for last in '192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4':
            put_file(daemon.folder, 'lists/large', names + last + '\n')
            daemon.expect('snapshot 1', 60)
        flow = daemon.ask(remote='192.0.2.4')
        daemon.expect('decided %d deny %d' % (flow, number))
        if not SANITIZERS:
            until_resident(daemon, before + 64)
        put_file(daemon.folder, 'lists/large', names + 'no name\n')
        until_reason(root, 'lists/large:1000001:1')
        flow = daemon.ask(remote='192.0.2.4')
        daemon.expect('decided %d deny %d' % (flow, number))
        if not SANITIZERS:
            until_resident(daemon, before + 64)


sys.exit(main())
