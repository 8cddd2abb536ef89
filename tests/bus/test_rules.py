#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules: who may change them, and what a password does."""
import sys
import time
from harness import ALICE, BOB, INTERACTION, ROOT, BusError, Client, Daemon, fails, main, test


@test
def root_changes_rules():
    with Daemon() as daemon, Client(ROOT) as root, Client(ALICE) as alice:
        number = root.add('deny out to 203.0.113.0/24')
        alice.event('Changed')
        daemon.expect('snapshot 1')
        rule, = alice.rules()
        assert rule['id'] == number and rule['owner'] == 2 ** 32 - 1
        assert rule['sentence'] and rule['maker'] == 0
        flow = daemon.ask(remote='203.0.113.9')
        daemon.expect('decided %d deny %d' % (flow, number))
        root.remove(number)
        daemon.expect('snapshot 0')
        assert not root.rules()
        fails('NoSuchRule', root.remove, number)
        fails('org.freedesktop.DBus.Error.InvalidArgs', root.remove)
        fails('InvalidRule', root.add, 'alow out')
        fails('InvalidRule', root.add, '# nothing')
        fails('InvalidRule', root.add, 'allow out\nallow in')
        fails('InvalidRule', root.add, 'allow out # ' + 'x' * 1001)
        fails('Limit', root.add, 'allow out # ' + 'x' * 70000)
        fails('InvalidRule', root.add, 'allow out until 2001-01-01T00:00:00Z')


@test
def options_are_checked():
    with Daemon() as daemon, Client(ROOT) as root:
        wrong = 'org.freedesktop.DBus.Error.InvalidArgs'
        fails(wrong, root.call, 'Rules', 'List', '(a{sv})', {'al': True})
        fails(wrong, root.call, 'Rules', 'List', '(a{sv})', {'all': 'yes'})
        fails(wrong, root.call, 'History', 'Watch', '(a{sv})', {'everything': True})
        for lifetime in '', 'm', '0m', '-1m', '15', '15x', '1e3m', '99999999d':
            fails(wrong, root.add, 'deny out', lifetime=lifetime)
        fails('InvalidRule', root.add, 'deny out until 2999-01-01T00:00:00Z', lifetime='1h')
        root.add('deny out', lifetime='2d', owner=BOB)
        rule, = root.call('Rules', 'List', '(a{sv})', {'all': True})
        assert rule['owner'] == BOB and 1.9 < (rule['expires'] / 1e6 - time.time()) / 86400 <= 2
        assert not root.rules()
        with Client(ALICE) as alice:
            fails(INTERACTION, alice.call, 'Rules', 'List', '(a{sv})', {'all': True})
            fails(INTERACTION, alice.call, 'History', 'Watch', '(a{sv})', {'all': True})
            fails(INTERACTION, alice.call, 'History', 'Recent', '(ua{sv})', 1, {'all': True})


@test
def who_looks_at_changes_leaves_room_for_others():
    with Daemon(), Client(BOB) as bob, Client(ROOT) as root:
        root.add('deny out port 25')
        change = root.journal()[0]['change']
        waiting = [Client(ALICE) for i in range(4)]
        for alice in waiting:	# each has found what the change was, and waits for a password
            alice.run('polkit', 'HANG')
            alice.start('call', 'Rules', 'Undo', '(a{sv})', [{'change': ['t', change]}], True)
            alice.event('password')
        with Client(ALICE) as alice:
            fails('Limit', alice.undo, change)
            fails('Limit', alice.journal)
            fails(INTERACTION, bob.undo, change)
            waiting.pop().close()
            while not may(alice.journal):
                time.sleep(0.1)
        for alice in waiting:
            alice.close()


def may(look):
    try:
        look()
    except BusError as error:
        assert error.name.endswith('.Limit'), error
        return False
    return True


@test
def an_undo_of_very_much_is_the_machines():
    def imported(client, text):
        client.call('Rules', 'Import', '(sa{sv})', text, {})
        return client.journal(1)[0]['change']

    with Daemon(), Client(ALICE) as alice, Client(BOB) as bob, Client(ROOT) as root:
        plain = imported(root, 'deny out owner system\n' * 4001)
        floor = imported(root, 'deny out owner system\n' * 4000 + 'floor deny out\n')
        bob.run('polkit', 'wrong')
        fails('NotAuthorized', bob.undo, floor, interactive=True)
        assert bob.event('password')[0].endswith('.rules-system')
        alice.run('polkit', 'secret-root')
        assert len(alice.undo(plain, interactive=True)) == 1000
        assert alice.event('password')[0].endswith('.rules-system')
        assert len(alice.undo(floor, interactive=True)) == 1000
        assert alice.event('password')[0].endswith('.floor')	# besides
        assert root.rules() == []


@test
def a_users_changes_leave_room_for_others():
    with Daemon() as daemon, Client(BOB) as bob, Client(ALICE) as one, Client(ALICE) as two, \
            Client(ALICE) as three:
        daemon.tell('hold')
        for alice in one, two, three:
            alice.run('burst', [['Rules', 'Add', '(sa{sv})', 'deny out port %d' % port, {}]
                                for port in range(1, 17)])
        daemon.expect('snapshot 1')
        time.sleep(1)	# the others wait now
        bob.start('call', 'Rules', 'Add', '(sa{sv})', ['deny out port 25', {}], False)
        time.sleep(0.5)
        daemon.tell('release')
        bob.finish()
        ends = sum((alice.event('burst') for alice in (one, two, three)), [])
        assert len(ends) == 48 and ends.count('') >= 9, ends


@test
def an_undo_is_looked_at_first():
    with Daemon(), Client(ALICE) as alice, Client(BOB) as bob, Client(ROOT) as root, \
            Client(ALICE, 'none') as away:
        fails('NoSuchChange', alice.undo, dry_run=True)
        number = alice.add('deny out port 25')
        entry, = alice.undo(dry_run=True)
        assert entry['rule'] == number and entry['before'] == '', entry
        assert entry['after'] == alice.rules()[0]['text'], entry
        fails('NotAuthorized', bob.undo, entry['change'], dry_run=True)
        assert root.undo(entry['change'], dry_run=True) == [entry]
        fails(INTERACTION, away.undo, dry_run=True)	# as the list, from elsewhere
        fails('NoSuchChange', alice.undo, redo=True, dry_run=True)
        assert alice.texts() == [entry['after']]
        assert [e['kind'] for e in alice.journal()] == ['change']
        root.undo(entry['change'])
        again, = alice.undo(entry['change'], redo=True, dry_run=True)
        assert again['after'] == entry['after'] and alice.texts() == [], again


@test
def users_change_their_own():
    with Daemon() as daemon, Client(ALICE) as alice, Client(BOB, 'inactive') as bob, \
            Client(ALICE, 'none') as away, Client(ROOT) as root:
        number = alice.add('deny out program /usr/bin/curl')
        assert alice.rules()[0]['owner'] == ALICE
        bob.add('deny out to 192.0.2.7')
        fails(INTERACTION, away.add, 'deny out')
        fails(INTERACTION, alice.add, 'allow out program /usr/bin/curl')
        fails(INTERACTION, alice.remove, number)
        fails(INTERACTION, alice.add, 'deny out owner system')
        fails(INTERACTION, alice.add, 'deny out owner %d' % BOB)
        fails(INTERACTION, alice.add, 'floor deny out owner system')
        # No agent for passwords: the flag changes nothing.
        fails(INTERACTION, alice.add, 'allow out', interactive=True)
        # Of another's rules one sees nothing.
        assert len(alice.rules()) == 1
        fails(INTERACTION, bob.rules)


@test
def passwords():
    with Daemon() as daemon, Client(ALICE) as alice:
        alice.run('polkit', 'secret-alice')
        # Not without the flag.
        fails(INTERACTION, alice.add, 'allow out program /usr/bin/curl')
        number = alice.add('allow out program /usr/bin/curl', interactive=True)
        action, user, message = alice.event('password')
        assert action == 'org.sallyport.firewall1.rules-own-widen' and user == 'alice'
        sentence, = [r['sentence'] for r in alice.rules()]
        assert message == ('Authentication is required to let your programs use more of the '
                           'network: ' + sentence), message
        # Taking back needs none.
        alice.remove(number)


@test
def wrong_passwords():
    with Daemon() as daemon, Client(ALICE) as alice:
        alice.run('polkit', 'wrong')
        fails('NotAuthorized', alice.add, 'allow out program /usr/bin/curl', interactive=True)
        assert not alice.rules()


@test
def dismissed_passwords():
    with Daemon() as daemon, Client(ALICE) as alice:
        alice.run('polkit', 'CANCEL')
        assert 'dismissed' in fails('NotAuthorized', alice.add, 'allow out', interactive=True)


@test
def a_caller_that_goes_takes_its_check_along():
    with Daemon() as daemon, Client(ALICE) as alice:
        alice.run('polkit', 'HANG')
        alice.start('call', 'Rules', 'Add', '(sa{sv})', ['allow out', {}], True)
        alice.event('password')
        alice.close()
        time.sleep(0.3)
        with Client(ROOT) as root:
            assert not root.rules()
            root.add('deny out')


@test
def rules_expire():
    with Daemon() as daemon, Client(ROOT) as root:
        until = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + 2))
        root.add('deny out until ' + until)
        daemon.expect('snapshot 1')
        daemon.expect('snapshot 0', 6)
        assert not root.rules()


sys.exit(main())
