#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the journal is told: changes, refusals, and what rules with "log" decide."""
import os
import sys
from harness import ALICE, INTERACTION, ROOT, Client, Daemon, Journal, fails, main, test


def read_source(name):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..', name)) as file:
        return file.read()


@test
def what_rules_with_log_decide():
    with Journal() as journal, Daemon(stderr=journal.stream) as daemon, Client(ROOT) as root:
        logged = root.add('log allow out program /usr/bin/curl')
        quiet = root.add('allow out program /usr/bin/wget')
        denied = root.add('log deny in protocol tcp port 22')
        asked = root.add('log ask out program /usr/bin/ssh')
        daemon.tell('record uid=%d path=/usr/bin/wget rule=%d' % (ALICE, quiet))
        daemon.tell('record uid=%d path=/usr/bin/other' % ALICE)
        daemon.tell('record uid=%d path=/usr/bin/cu%%1brl port=443 rule=%d' % (ALICE, logged))
        entry = journal.get(SALLYPORT_EVENT='decision')
        assert entry['MESSAGE_ID'] in read_source('data/sallyport.catalog'), entry
        assert '\x1b' not in str(entry), entry
        wanted = {'SALLYPORT_RULE': str(logged), 'SALLYPORT_ACTION': 'allow',
                  'SALLYPORT_DIRECTION': 'out', 'SALLYPORT_UID': str(ALICE),
                  'SALLYPORT_PROTOCOL': 'TCP', 'SALLYPORT_REMOTE': '192.0.2.1',
                  'SALLYPORT_REMOTE_PORT': '443', 'SALLYPORT_HOST': ''}
        assert wanted.items() <= entry.items(), entry
        daemon.tell('record uid=0 path=/usr/sbin/sshd direction=in local=22 rule=%d action=deny'
                    % denied)
        entry = journal.get(SALLYPORT_EVENT='decision')
        assert entry['MESSAGE'] == ('rule %d: deny in, /usr/sbin/sshd of uid 0, TCP from '
                                    '192.0.2.1 to port 22' % denied), entry
        daemon.tell('record uid=%d path=/usr/bin/ssh rule=%d action=ask' % (ALICE, asked))
        entry = journal.get(SALLYPORT_EVENT='decision')
        assert entry['SALLYPORT_ACTION'] == 'ask' and entry['SALLYPORT_COUNT'] == '1', entry
        daemon.tell('record uid=%d path=/usr/bin/curl flows=12 rule=%d' % (ALICE, logged))
        entry = journal.get(SALLYPORT_EVENT='decision')
        assert entry['SALLYPORT_COUNT'] == '12' and entry['MESSAGE'].endswith(', 12 times'), entry


@test
def what_rules_log_is_bounded_and_the_rest_told():
    with Journal() as journal, Client(ROOT) as root:
        with Daemon(stderr=journal.stream) as daemon:
            many = root.add('log allow out program /usr/bin/curl')
            few = root.add('log allow out program /usr/bin/wget')
            daemon.tell('record uid=%d rule=%d count=50' % (ALICE, many))
            for _ in range(20):
                assert journal.get(SALLYPORT_EVENT='decision')['SALLYPORT_RULE'] == str(many)
            daemon.tell('record uid=%d rule=%d flows=4' % (ALICE, many))
            # Another rule's are not lost by it.
            daemon.tell('record uid=%d rule=%d' % (ALICE, few))
            assert journal.get(SALLYPORT_EVENT='decision')['SALLYPORT_RULE'] == str(few)
        entry = journal.get(SALLYPORT_EVENT='decisions-left-out')
        assert entry['SALLYPORT_RULE'] == str(many) and entry['SALLYPORT_COUNT'] == '34', entry


def told(journal, event, **fields):
    """The next entry about this, explained in the catalogue, by root."""
    entry = journal.get(SALLYPORT_EVENT=event)
    assert entry['MESSAGE_ID'] in read_source('data/sallyport.catalog'), entry
    wanted = {'SALLYPORT_UID': '0', **{'SALLYPORT_' + k: v for k, v in fields.items()}}
    assert wanted.items() <= entry.items(), (wanted, entry)
    return entry['MESSAGE']


@test
def changes_are_told():
    with Journal() as journal, Daemon(stderr=journal.stream), Client(ROOT) as root:
        number = root.add('deny out port 25')
        rule = {'RULE': str(number), 'HOW': 'bus'}
        assert 'deny out port 25' in told(journal, 'rule-added', **rule)
        root.edit(number, 'deny out port 26')
        told(journal, 'rule-replaced', **rule)
        root.remove(number)
        told(journal, 'rule-removed', **rule)
        root.undo()
        told(journal, 'rule-added', RULE=str(number), HOW='undo')
        root.guard(600)
        root.mode('lockdown', reason='a test')
        told(journal, 'mode', MODE='lockdown', REASON='a test')
        root.confirm()
        assert 'confirmed' in told(journal, 'guard')


@test
def refusals_are_told_and_bounded():
    with Journal() as journal, Client(ALICE) as alice:
        with Daemon(stderr=journal.stream):
            for number in range(25):
                fails(INTERACTION, alice.mode, 'off')
                if number < 20:
                    told(journal, 'refused', UID=str(ALICE), METHOD='SetMode', SENDER=alice.name)
        entry = journal.get(SALLYPORT_EVENT='refusals-left-out')
        assert entry['SALLYPORT_COUNT'] == '5', entry


sys.exit(main())
