#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""Modes, and changes that are taken back unless confirmed."""
import os
import re
import sys
import time
from harness import ALICE, BOB, INTERACTION, ROOT, BusError, Client, Daemon, NotShown, fails, main, test


def until_rules(client, texts):
    """They are taken back by the daemon itself; it says so with Changed."""
    end = time.time() + 10
    while client.texts() != texts:
        assert time.time() < end, client.texts()
        client.event('Changed')


def until_no_guard(client):
    end = time.time() + 10
    while client.status()['guard-deadline']:
        assert time.time() < end, client.status()
        client.event('Changed')


@test
def lockdown_leaves_the_floor():
    with Daemon() as daemon, Client(ALICE).register() as alice, Client(ROOT) as root:
        floor = root.add('floor allow out program /usr/bin/apt')
        root.add('allow out program /usr/bin/curl')
        waits = daemon.ask(path='/usr/bin/wget', image=101)
        ask = alice.event('Ask')
        assert root.status()['mode'] == 'normal' and root.status()['mode-since'] == 0
        root.mode('lockdown', reason='somebody is in')
        daemon.expect('decided %d deny 0' % waits)
        assert alice.event('Cancel') == [ask[0], 'rule']
        daemon.expect('mode normal')
        flow = daemon.ask()
        daemon.expect('decided %d deny 0' % flow)
        flow = daemon.ask(path='/usr/bin/apt', image=102)
        daemon.expect('decided %d allow %d' % (flow, floor))
        status = alice.status()
        assert (status['mode'], status['mode-reason']) == ('lockdown', 'somebody is in'), status
        assert status['mode-maker'] == ROOT and status['mode-until'] == 0, status
        assert abs(status['mode-since'] / 1e6 - time.time()) < 10, status
        alice.event('Changed')
        state = daemon.state
    # It stays, whoever starts the daemon again.
    with Daemon(state=state) as daemon, Client(ROOT) as root:
        daemon.expect('started 1')
        assert root.status()['mode'] == 'lockdown'
        root.mode('normal')
        daemon.expect('snapshot 2')
        flow = daemon.ask()
        daemon.expect('decided %d allow .*' % flow)
        assert root.status()['mode'] == 'normal'


@test
def off_is_the_kernels():
    with Daemon() as daemon, Client(ROOT) as root:
        root.mode('off')
        daemon.expect('mode off')
        status = root.status()
        assert (status['mode'], status['state']) == ('off', 'off') and not status['reasons'], status
        state = daemon.state
    with Daemon(state=state) as daemon, Client(ROOT) as root:
        daemon.expect('mode off')
        root.mode('lockdown')
        daemon.expect('mode normal')
        assert root.status()['mode'] == 'lockdown'


@test
def a_pause_ends():
    with Daemon() as daemon, Client(ROOT) as root, Client(ALICE) as alice:
        root.mode('lockdown')
        daemon.expect('mode normal')
        root.mode('off', seconds=2)
        daemon.expect('mode off')
        until = alice.status()['mode-until'] / 1e6 - time.time()
        assert 0 < until <= 2.1, until
        daemon.expect('mode normal')	# to the mode that had no end
        status = alice.status()
        assert status['mode'] == 'lockdown' and status['mode-until'] == 0, status
        root.mode('off', seconds=8 * 3600)
        root.mode('normal', seconds=86400)
        left = alice.status()['mode-until'] / 1e6 - time.time()
        assert alice.status()['mode'] == 'normal' and 86000 < left <= 86401, left
        state = daemon.state
    # The time runs on without the daemon, and another start of the machine ends it.
    with Daemon(state=state) as daemon, Client(ROOT) as root:
        assert root.status()['mode'] == 'normal' and root.status()['mode-until']
    with open(state + '/mode') as file:
        text = file.read()
    with open(state + '/mode', 'w') as file:
        file.write(re.sub('boot=.*', 'boot=another', text))
    with Daemon(state=state) as daemon, Client(ROOT) as root:
        assert root.status()['mode'] == 'lockdown' and root.status()['mode-until'] == 0


def without_module(daemon, client):
    """The verdict thread fails, and does not come back."""
    open(daemon.absent, 'w').close()
    daemon.tell('stop 5')
    while client.status()['state'] != 'degraded':
        client.event('Changed')


def until_mode(client, mode):
    while client.status()['mode'] != mode:
        client.event('Changed')


@test
def a_pause_ends_without_a_module():
    with Daemon() as daemon, Client(ROOT) as root:
        root.mode('off', seconds=2)
        daemon.expect('mode off')
        without_module(daemon, root)
        until_mode(root, 'normal')
        with open(daemon.state + '/mode') as file:
            assert 'mode=normal' in file.read()
        time.sleep(1)
        with open(daemon.folder + '/log') as file:	# said once, not again and again
            assert file.read().count('could not be changed') == 1
        os.unlink(daemon.absent)
        daemon.expect('mode normal')


@test
def a_mode_is_what_is_kept_without_a_module():
    with Daemon() as daemon, Client(ROOT) as root:
        root.mode('lockdown')
        without_module(daemon, root)
        assert 'not in force' in fails('NotReady', root.mode, 'normal')
        assert root.status()['mode'] == 'normal'


@test
def an_end_that_can_not_be_saved_is_tried_again():
    with Daemon() as daemon, Client(ROOT) as root:
        root.mode('lockdown', seconds=2)
        place = daemon.state + '/mode'
        os.unlink(place)
        os.mkdir(place)
        time.sleep(4)
        assert root.status()['mode'] == 'lockdown'	# what allows more is kept first
        with open(daemon.folder + '/log') as file:
            assert file.read().count('could not be changed') == 1
        os.rmdir(place)
        until_mode(root, 'normal')


@test
def a_module_that_refuses_a_mode_is_told_again():
    with Daemon() as daemon, Client(ROOT) as root:
        root.mode('off')
        daemon.expect('mode off')
        daemon.tell('hold')
        root.start('call', 'Manager', 'SetMode', '(sa{sv})', ['normal', {}], False)
        daemon.expect('snapshot 0')
        daemon.tell('refuse 12')	# not the snapshot, which is answered already, but the mode
        daemon.tell('release')
        assert 'not in force' in fails('NotReady', root.finish)
        daemon.expect('mode normal')
        daemon.expect('mode normal')
        assert root.status()['mode'] == 'normal'


def until_texts(client, texts):
    """Rules come a moment after what they were learned from."""
    while client.texts() != texts:
        client.event('Changed')


@test
def learning_allows_once_and_notes():
    daemon_runs_others = dict(path='/usr/bin/python3.11', image=102)
    with Daemon() as daemon, Client(ALICE).register() as alice, Client(ROOT) as root:
        root.mode('learn', reason='a new machine')
        daemon.expect('mode normal')
        status = alice.status()
        assert status['mode'] == 'learn' and status['state'] == 'protecting', status
        assert abs(status['mode-until'] / 1e6 - time.time() - 3 * 86400) < 60, status
        flow = daemon.ask(path='/usr/bin/id', image=101, own='shop.test', port=443)
        daemon.expect('answered %d allow learning 1' % flow)
        text = 'disabled allow out program /usr/bin/id owner %d protocol tcp to shop.test port 443 ' \
            '# learned' % ALICE
        until_texts(alice, [text])
        rule, = alice.rules()
        assert not rule['enabled'] and rule['note'] == 'learned', rule
        entry, = alice.journal()
        assert entry['how'] == 'learning', entry
        # Nothing is in force: it is asked about again, and learned once.
        flow = daemon.ask(path='/usr/bin/id', image=101, own='shop.test', port=443)
        daemon.expect('answered %d allow learning 1' % flow)
        # What runs other people's code, is out of no package, is root's, or comes in, is asked about.
        for unlike in (daemon_runs_others, dict(path='/usr/lib/nowhere/tool', image=103)):
            daemon.ask(**unlike)
            alice.event('Ask')
        alice.quiet('Ask', 0.2)
        # What a rule asks about, too.
        root.add('ask out port 99')
        daemon.ask(path='/usr/bin/id', image=101, port=99)
        alice.event('Ask')
        time.sleep(2.5)     # in which it would have been noted
        assert sorted(alice.texts()) == ['ask out port 99', text], alice.texts()
        root.mode('normal')
        flow = daemon.ask(path='/usr/bin/id', image=101, own='shop.test', port=443)
        alice.event('Ask')
        assert not [l for l in daemon.until_echo() if l.startswith('answered')]


@test
def learning_needs_nobody_who_could_be_asked():
    with Daemon() as daemon, Client(ALICE) as alice, Client(ROOT) as root:
        root.mode('learn')
        flow = daemon.ask(path='/usr/bin/id', image=101)
        daemon.expect('answered %d allow learning 1' % flow)
        flow = daemon.ask(path='/usr/bin/python3.11', image=102)
        daemon.expect('answered %d deny nobody 0' % flow)
        flow = daemon.ask(path='/usr/lib/nowhere/tool', image=103)
        daemon.expect('answered %d deny nobody 0' % flow)
        flow = daemon.ask(path='/usr/bin/id', image=101, uid=0)
        daemon.expect('answered %d deny nobody 0' % flow)


def answers(daemon, flows):
    found = {}
    while len(found) < len(flows):
        flow, action = daemon.expect(r'answered (\d+) (\w+) .*').groups()
        found[int(flow)] = action
    return [found[flow] for flow in flows]


@test
def what_joins_a_question_is_learned_only_if_all_of_it_may_be():
    for joins in dict(traced=1), dict(bundle='/opt/editor'):
        with Daemon() as daemon, Client(ROOT) as root:
            root.add('ask out parent /opt/editor')
            root.mode('learn')
            daemon.expect('mode normal')
            for image in range(101, 151):	# until it comes before the first was answered
                program = dict(path='/usr/bin/id', image=image)
                first, second = answers(daemon, [daemon.ask(**program),
                                                 daemon.ask(**program, **joins)])
                assert second == 'deny', (first, joins)
                if first == 'deny':
                    break
            else:
                raise NotShown('each flow was answered before the next came')


@test
def many_hosts_are_learned_as_one_rule():
    with Daemon() as daemon, Client(ALICE) as alice, Client(ROOT) as root:
        root.mode('learn')
        for i in range(14):
            flow = daemon.ask(path='/usr/bin/id', image=101, remote='192.0.2.%d' % (i + 1), port=443)
            daemon.expect('answered %d allow learning 1' % flow)
        any_host = 'disabled allow out program /usr/bin/id owner %d protocol tcp port 443 # learned' % ALICE
        while any_host not in alice.texts():
            alice.event('Changed')
        assert len(alice.rules()) == 11, alice.texts()


@test
def learning_ends_by_itself():
    with Daemon() as daemon, Client(ROOT) as root, Client(ALICE) as alice:
        fails(INTERACTION, alice.mode, 'learn')
        fails('org.freedesktop.DBus.Error.InvalidArgs', root.mode, 'learn', seconds=14 * 86400 + 1)
        root.mode('learn', seconds=14 * 86400)
        root.mode('learn', seconds=3600)
        state = daemon.state
    with open(state + '/mode') as file:
        text = file.read()

    def written(**changes):
        changed = text
        for key, value in changes.items():
            changed, count = re.subn('(?m)^%s=.*' % key, '%s=%s' % (key, value), changed)
            assert count == 1, text
        with open(state + '/mode', 'w') as file:
            file.write(changed)

    # The machine starts again and again meanwhile, and counts from its start.
    written(boot='another', until=5)
    with Daemon(state=state) as daemon, Client(ROOT) as root:
        status = root.status()
        assert status['mode'] == 'learn', status
        assert 3000 < status['mode-until'] / 1e6 - time.time() <= 3601, status
    # A clock that was set back does not make it longer than it may be.
    written(boot='another', until=5, ends=int((time.time() + 400 * 86400) * 1e6))
    with Daemon(state=state) as daemon, Client(ROOT) as root:
        left = root.status()['mode-until'] / 1e6 - time.time()
        assert root.status()['mode'] == 'learn' and left <= 14 * 86400 + 1, left
    written(boot='another', until=5, ends=int((time.time() - 5) * 1e6))
    with Daemon(state=state) as daemon, Client(ROOT) as root:
        assert root.status()['mode'] == 'normal' and root.status()['mode-until'] == 0
        root.mode('learn', seconds=1)
        while root.status()['mode'] != 'normal':
            root.event('Changed')


@test
def damage_is_no_mode():
    with Daemon() as daemon, Client(ROOT) as root:
        root.mode('off')
        state = daemon.state
    with open(state + '/mode', 'w') as file:
        file.write('mode=off')
    with Daemon(state=state) as daemon, Client(ROOT) as root:
        daemon.expect('mode normal')
        assert root.status()['mode'] == 'normal'


@test
def modes_that_can_not_be():
    with Daemon() as daemon, Client(ROOT) as root, Client(ALICE) as alice:
        fails(INTERACTION, alice.mode, 'lockdown')
        fails('org.freedesktop.DBus.Error.InvalidArgs', root.mode, 'on')
        fails('org.freedesktop.DBus.Error.InvalidArgs', root.mode, 'off', seconds=86401)
        fails('org.freedesktop.DBus.Error.InvalidArgs', root.mode, 'off', reason='a\nb')
        fails('org.freedesktop.DBus.Error.InvalidArgs', root.mode, 'off', reason='x' * 201)
        fails('org.freedesktop.DBus.Error.InvalidArgs', root.mode, 'off', until=5)
        assert root.status()['mode'] == 'normal'
        assert 'mode' not in ' '.join(daemon.until_echo())


@test
def a_guarded_change_is_taken_back():
    with Daemon() as daemon, Client(ROOT) as root, Client(ROOT) as other:
        first = root.add('allow out program /usr/bin/curl')
        root.guard(1)
        root.edit(first, 'deny out program /usr/bin/curl')
        daemon.expect('snapshot 1 stops')	# what it denies may be allowed again
        second = root.add('deny out port 22')
        daemon.expect('snapshot 2 stops')
        status = root.status()
        left = status['guard-deadline'] / 1e6 - time.time()
        assert 0 < left <= 1.1 and status['guard-user'] == ROOT, status
        assert [t.split()[0] for t in root.texts()] == ['deny', 'deny']
        until_rules(other, ['allow out program /usr/bin/curl'])
        assert [r['id'] for r in other.rules()] == [first] and second != first
        until_no_guard(other)
        daemon.expect('snapshot 1 stops')
        daemon.expect('snapshot 1')	# what is denied all the same ends
        fails('NoSuchChange', root.confirm)
        entries = other.journal()
        assert {e['how'] for e in entries if e['kind'] == 'undo'} == {'not confirmed'}, entries


@test
def a_guarded_change_is_confirmed():
    with Daemon() as daemon, Client(ALICE) as alice, Client(BOB) as bob, Client(ROOT) as root:
        fails('NoSuchChange', alice.confirm)
        alice.guard(2)
        alice.add('deny out port 25')
        daemon.expect('snapshot 1 stops')
        fails('NoSuchChange', bob.confirm)	# it is alice's
        bob.guard(5)
        assert 'wait to be confirmed' in fails('Limit', bob.add, 'deny out port 26')
        with Client(ALICE) as second:	# over another connection, which has no guard
            second.confirm()
            daemon.expect('snapshot 1')
            second.add('deny out port 27')
        bob.add('deny out port 26')
        root.confirm()	# root may
        time.sleep(2.5)
        assert len(alice.rules()) == 2 and len(bob.rules()) == 1
        assert root.status()['guard-deadline'] == 0
        bob.guard(0)
        bob.add('deny out port 28')
        assert root.status()['guard-deadline'] == 0
        fails('org.freedesktop.DBus.Error.InvalidArgs', bob.guard, 601)


def refused_until(client, text):
    end = time.time() + 10
    while True:
        try:
            return client.add(text)
        except BusError as error:
            assert error.name.endswith('.Limit') and time.time() < end, error
            time.sleep(0.1)


@test
def a_guard_of_ones_own_gives_way():
    with Daemon(), Client(ALICE) as alice, Client(BOB) as bob, Client(ROOT) as root, \
            Client(ROOT) as other:
        bob.guard(600)
        bob.add('deny out port 25')
        alice.guard(600)
        fails('Limit', alice.add, 'deny out port 26')	# no more than his
        root.guard(600)
        assert 'try again' in fails('Limit', root.add, 'deny out port 27')
        until_no_guard(other)
        assert 'come first' in fails('Limit', bob.add, 'deny out port 25')
        root.add('deny out port 27')
        assert other.texts() == ['deny out port 27'], other.texts()
        fails('NoSuchChange', bob.confirm)
        root.confirm()
        refused_until(bob, 'deny out port 25')
        # What takes an administrator's authority stays.
        root.confirm()
        alice.run('polkit', 'secret-root')
        alice.add('deny out port 28', owner=0xffffffff, interactive=True)
        assert 'wait to be confirmed' in fails('Limit', root.add, 'deny out port 29')
        alice.confirm()


@test
def a_guarded_mode_is_taken_back():
    with Daemon() as daemon, Client(ROOT) as root, Client(ROOT) as other:
        root.guard(1)
        root.mode('lockdown', reason='try')
        assert other.status()['mode'] == 'lockdown'
        until_no_guard(other)
        assert other.status()['mode'] == 'normal'


@test
def a_guarded_mode_is_taken_back_without_a_module():
    with Daemon() as daemon, Client(ROOT) as root, Client(ROOT) as other:
        root.guard(2)
        root.mode('off', reason='try')
        daemon.expect('mode off')
        without_module(daemon, other)
        until_no_guard(other)
        assert other.status()['mode'] == 'normal'
        os.unlink(daemon.absent)
        daemon.expect('mode normal')


@test
def what_was_not_confirmed_is_taken_back_at_the_start():
    with Daemon() as daemon, Client(ROOT) as root:
        root.add('allow out port 80')
        root.guard(600)
        root.add('deny out port 22')
        root.mode('off')
        state = daemon.state
        daemon.process.kill()
        daemon.process.wait()
        daemon.process.returncode = 0	# killed as wanted
    with Daemon(state=state) as daemon, Client(ROOT) as root:
        # Before anything is judged: with one rule, not with two.
        assert daemon.lines.get(10) == 'started 1'
        daemon.expect('mode normal')
        assert root.texts() == ['allow out port 80']
        until_no_guard(root)
        assert root.status()['mode'] == 'normal'
    with Daemon(state=state) as daemon, Client(ROOT) as root:
        assert root.texts() == ['allow out port 80']


@test
def a_rule_changed_since_stays():
    with Daemon() as daemon, Client(ROOT) as root, Client(ROOT) as other:
        root.guard(1)
        number = root.add('deny out port 22')
        other.edit(number, 'deny out port 2222')
        root.add('deny out port 23')
        until_no_guard(other)
        assert other.texts() == ['deny out port 2222'], other.texts()


@test
def a_guarded_undo_and_redo_are_taken_back():
    with Daemon() as daemon, Client(ROOT) as root, Client(ROOT) as other:
        root.add('allow in port 22')
        root.add('allow in port 80')
        root.undo()
        before = root.texts()
        assert before == ['allow in port 22'], before
        root.guard(1)
        root.undo(redo=True)
        root.undo(1)
        daemon.expect('snapshot 1 stops')
        assert root.texts() == ['allow in port 80'], root.texts()
        until_no_guard(other)
        assert other.texts() == before, other.texts()
        ways = [(e['kind'], e['target']) for e in other.journal() if e['how'] == 'not confirmed']
        assert ways == [('undo', 2), ('redo', 1)], ways


@test
def what_came_out_as_it_was_is_left_alone():
    with Daemon(), Client(ROOT) as root, Client(ROOT) as other:
        root.guard(1)
        root.add('deny in port 22')
        root.undo()
        until_no_guard(other)
        assert other.texts() == []
        assert not [e for e in other.journal() if e['how'] == 'not confirmed']


@test
def an_unconfirmed_undo_is_taken_back_at_the_start():
    with Daemon() as daemon, Client(ROOT) as root:
        root.add('allow in port 22')
        root.guard(600)
        root.undo()
        assert root.texts() == []
        state = daemon.state
        daemon.process.kill()
        daemon.process.wait()
        daemon.process.returncode = 0	# killed as wanted
    with Daemon(state=state) as daemon, Client(ROOT) as root:
        assert daemon.lines.get(10) == 'started 1'
        assert root.texts() == ['allow in port 22']


@test
def a_module_that_is_off_is_not_called_protecting():
    with Daemon(env=[('SALLYPORT_FAKE_OFF', '1')]), Client(ALICE) as alice:
        status = alice.call('Manager', 'GetStatus')
        assert status['state'] == 'off' and status['mode'] == 'off', status
        assert 'judge nothing' in status['reasons'][0], status


sys.exit(main())
