#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon on the bus: questions, rules, history, authority, limits."""
import os
import re
import subprocess
import sys
import time
from harness import ALICE, BOB, INTERACTION, ROOT, BusError, Client, Daemon, Journal, fails, main, test

AGENT_PATH = '-'	# wherever it is installed


def read_source(name):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..', name)) as file:
        return file.read()


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
def status_is_for_everybody():
    with Daemon() as daemon, Client(ALICE, 'none') as alice:
        status = alice.call('Manager', 'GetStatus')
        assert status['state'] == 'protecting', status
        assert status['module-version'] == 'fake' and status['counters']['upcall'] == 7
        assert status['tables']['flows'] == [0, 65536], status['tables']
        assert status['default-out'] == 'ask' and status['default-in'] == 'deny'


@test
def an_answer_makes_a_rule():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        flow = daemon.ask()
        number, token, question = ask = alice.event('Ask')
        assert question['title'] == 'curl wants to connect to 192.0.2.1 on port 80 (TCP)'
        assert question['program'] == '/usr/bin/curl' and question['name'] == 'curl'
        assert question['remote'] == '192.0.2.1' and question['remote-port'] == 80
        assert question['user'] == ALICE and question['user-name'] == 'alice', question
        assert [s[0] for s in question['scopes']] == ['this-host-port', 'this-host',
                                                      'this-port', 'anything'], question
        assert question['lifetimes'] == ['once', '15m', '1h', 'always']
        assert len(token) == 32 and question['outcome'] == 'deny'
        alice.answer(ask)
        daemon.expect('snapshot 1')
        daemon.expect('decided %d allow 1' % flow)
        rule, = alice.rules()
        assert rule['text'].startswith('allow out program /usr/bin/curl'), rule
        assert rule['text'] == question['scopes'][0][2], (rule, question['scopes'])
        assert rule['owner'] == ALICE and rule['maker'] == ALICE and rule['expires'] == 0
        assert alice.call('Manager', 'GetStatus')['questions'] == 0
        # And holds for the next flow.
        flow = daemon.ask()
        daemon.expect('decided %d allow %d' % (flow, rule['id']))


@test
def an_answer_returns_when_in_force():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        daemon.ask()
        ask = alice.event('Ask')
        daemon.tell('hold')
        alice.start('call', 'Questions', 'Answer', '(tssss)',
                    [ask[0], ask[1], 'allow', 'anything', 'always'], False)
        daemon.expect('snapshot 1')
        time.sleep(0.3)
        try:
            alice.pump(0.3)
            assert not alice.replies, alice.replies
        except Exception as error:
            assert 'Empty' in type(error).__name__, error
        daemon.tell('release')
        alice.finish()


@test
def the_kernel_refuses_a_policy():
    with Daemon() as daemon, Client(ROOT) as root:
        daemon.tell('refuse 12')
        assert 'not in force' in fails('NotReady', root.add, 'deny out')
        assert len(root.rules()) == 1
        root.add('deny in')


@test
def parallel_flows_are_one_question():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        flows = [daemon.ask(local=40000 + i) for i in range(6)]
        ask = alice.event('Ask')
        known = ask[2]['flows']
        while known < 6:
            number, changes = alice.event('Update')
            assert number == ask[0] and changes['flows'] > known, changes
            known = changes['flows']
        alice.quiet('Ask')
        other = daemon.ask(path='/usr/bin/wget', image=101)
        second = alice.event('Ask')
        assert second[2]['name'] == 'wget'
        alice.answer(ask, 'deny', 'this-host-port', 'once')
        for flow in flows:
            daemon.expect('answered %d deny answer 1' % flow)
        assert not alice.rules()


@test
def tokens_and_connections():
    with Daemon() as daemon, Client(ALICE).register() as alice, \
            Client(ALICE) as stranger, Client(ALICE).register() as second:
        daemon.ask()
        ask, other = alice.event('Ask'), second.event('Ask')
        assert ask[0] == other[0] and ask[1] != other[1]
        fails('NotAuthorized', alice.answer, ask, token='0' * 32)
        fails('NotAuthorized', alice.answer, ask, token='')
        fails('NotAuthorized', second.answer, ask)
        fails('NoSuchQuestion', stranger.answer, ask)
        fails('NoSuchQuestion', alice.answer, [ask[0] + 1, ask[1]])
        fails('NotOffered', alice.answer, ask, scope='everything')
        fails('NotOffered', alice.answer, ask, lifetime='99h')
        fails('NotOffered', alice.answer, ask, action='drop')
        alice.answer(ask)
        assert second.event('Cancel') == [ask[0], 'answered']
        fails('NoSuchQuestion', second.answer, other)
        fails('NoSuchQuestion', alice.answer, ask)
        alice.quiet('Cancel', 0.2)


@test
def once_makes_no_rule():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        flow = daemon.ask()
        alice.answer(alice.event('Ask'), lifetime='once')
        daemon.expect('answered %d allow answer 1' % flow)
        assert not alice.rules()


@test
def a_timed_answer_expires():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        daemon.ask()
        alice.answer(alice.event('Ask'), lifetime='15m')
        rule, = alice.rules()
        left = rule['expires'] / 1e6 - time.time()
        assert 14 * 60 < left <= 15 * 60, rule


@test
def a_question_expires():
    with Daemon('[questions]\ndeadline-seconds=1\noutcome=drop\n') as daemon, \
            Client(ALICE).register() as alice:
        flow = daemon.ask()
        ask = alice.event('Ask')
        assert ask[2]['outcome'] == 'drop'
        daemon.expect('answered %d drop deadline 0' % flow)
        assert alice.event('Cancel') == [ask[0], 'expired']
        fails('NoSuchQuestion', alice.answer, ask)
        daemon.ask()
        alice.event('Ask')


@test
def not_now():
    with Daemon() as daemon, Client(ALICE).register() as alice, \
            Client(ALICE).register() as second:
        flow = daemon.ask()
        ask = alice.event('Ask')
        alice.dismiss(ask)
        daemon.expect('answered %d deny answer 0' % flow)
        assert second.event('Cancel') == [ask[0], 'dismissed']
        flow = daemon.ask()
        daemon.expect('answered %d deny answer 0' % flow)
        second.event('Ask')
        second.quiet('Ask')
        daemon.ask(port=81)
        second.event('Ask')


@test
def a_held_question_waits():
    with Daemon('[questions]\ndeadline-seconds=1\n') as daemon, \
            Client(ALICE).register() as alice, Client(ALICE).register() as second:
        flow = daemon.ask()
        number, token, question = ask = alice.event('Ask')
        second.event('Ask')
        fails('NotAuthorized', alice.call, 'Questions', 'Hold', '(tsb)', number, '0' * 32, True)
        alice.call('Questions', 'Hold', '(tsb)', number, token, True)
        changes = second.event('Update')[1]
        assert changes['held'] and changes['deadline'] > question['deadline'] + 200e6, changes
        # It outlives its flows, but not those that end by themselves.
        daemon.tell('gone %d expired' % flow)
        while changes['flows']:
            changes = second.event('Update')[1]
        alice.quiet('Cancel', 1.5)
        alice.call('Questions', 'Hold', '(tsb)', number, token, False)
        changes = second.event('Update')[1]
        left = changes['deadline'] / 1e6 - time.time()
        assert not changes['held'] and 8 < left <= 10, (changes, left)
        alice.answer(ask)
        assert len(alice.rules()) == 1


@test
def a_hold_ends_with_its_agent():
    with Daemon('[questions]\ndeadline-seconds=1\n') as daemon, \
            Client(ALICE).register() as alice:
        with Client(ALICE).register() as second:
            daemon.ask()
            alice.event('Ask')
            number, token, question = second.event('Ask')
            second.call('Questions', 'Hold', '(tsb)', number, token, True)
            assert alice.event('Update')[1]['held']
        assert not alice.event('Update')[1]['held']


@test
def what_was_decided_before_is_told():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        daemon.tell('record uid=%d path=/usr/bin/curl count=3 remote=192.0.2.8' % ALICE)
        daemon.tell('record uid=%d path=/usr/bin/curl remote=192.0.2.9' % ALICE)
        daemon.tell('record uid=%d path=/usr/bin/wget' % ALICE)
        daemon.tell('record uid=%d path=/usr/bin/curl' % BOB)
        daemon.ask()
        question = alice.event('Ask')[2]
        assert tuple(question['past']) == (4, 0, 2), question


@test
def another_program_wants_a_password():
    with Daemon() as daemon, Client(ALICE) as alice:
        daemon.program('/home/alice/agent')
        fails(INTERACTION, alice.register)
        alice.run('polkit', 'secret-alice')
        alice.register(introduced=False, interactive=True)
        action, user, message = alice.event('password')
        assert action.endswith('.agent-foreign') and '/home/alice/agent' in message, message
        daemon.ask()
        alice.event('Ask')


@test
def an_agent_is_what_it_was_executed_as():
    with Daemon() as daemon, Client(ALICE) as alice, Client(ROOT) as root:
        # Nobody said before which program makes the connection.
        fails(INTERACTION, alice.register, introduced=False)
        # Its file is not the one of that name, somebody traces it, it is older.
        for image_flags, process_flags in ((1, 0), (2, 0), (4, 0), (8, 0), (16, 0), (32, 0),
                                           (0, 1), (0, 8), (0, 16)):
            daemon.program(AGENT_PATH, image_flags, process_flags)
            fails(INTERACTION, alice.register)
        # It executed something meanwhile, or was traced: another number.
        daemon.program(AGENT_PATH, number=7)
        alice.run('again')
        daemon.program(AGENT_PATH, number=8)
        fails(INTERACTION, alice.register, introduced=False)
        # The connection is older than the introduction.
        alice.call('Questions', 'Introduce')
        fails(INTERACTION, alice.register, introduced=False)
        alice.register()
        root.register(introduced=False)


@test
def no_module_no_agent():
    with Daemon(absent=True) as daemon, Client(ALICE) as alice, Client(ROOT) as root:
        fails(INTERACTION, alice.register)
        root.register()


@test
def what_allows_more_is_told_to_agents():
    with Daemon() as daemon, Client(ALICE).register() as alice, Client(BOB).register() as bob, \
            Client(ALICE) as no_agent, Client(ROOT) as root:
        number = root.add('allow out program /usr/bin/curl', owner=ALICE)
        rules, count, maker, how = alice.event('Widened')
        assert [r['id'] for r in rules] == [number] and (count, maker, how) == (1, ROOT, 'bus')
        assert rules[0]['text'].startswith('allow out') and 'curl' in rules[0]['sentence'], rules
        root.add('deny out port 25', owner=ALICE)
        root.add('ask out port 26', owner=ALICE)
        root.disable(number)
        root.enable(number)
        assert alice.event('Widened')[0][0]['id'] == number
        root.remove(number)
        root.undo()
        assert alice.event('Widened')[3] == 'undo'
        root.add('allow out program /usr/bin/apt')	# the system's: everybody's
        alice.event('Widened')
        assert bob.event('Widened')[0][0]['owner'] == 2 ** 32 - 1
        bob.quiet('Widened', 0.3)
        no_agent.quiet('Widened', 0.3)
        # Who answers knows.
        daemon.ask(path='/usr/bin/wget', image=101)
        alice.answer(alice.event('Ask'))
        alice.quiet('Widened', 0.3)


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
        root.mode('off', seconds=3600)
        root.mode('normal', seconds=3600)
        assert alice.status()['mode'] == 'normal'
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
def settings_are_the_files():
    with Daemon('[policy]\ndefault-in=drop\n[questions]\ndeadline-seconds=7\n') as daemon, \
            Client(ALICE, 'none') as alice:
        settings = alice.call('Manager', 'GetSettings')
        assert settings['default-in'] == 'drop' and settings['default-out'] == 'ask', settings
        assert settings['deadline-seconds'] == 7 and settings['hosts'] is True, settings


@test
def a_guarded_change_is_taken_back():
    with Daemon() as daemon, Client(ROOT) as root, Client(ROOT) as other:
        first = root.add('allow out program /usr/bin/curl')
        root.guard(1)
        root.edit(first, 'deny out program /usr/bin/curl')
        second = root.add('deny out port 22')
        status = root.status()
        left = status['guard-deadline'] / 1e6 - time.time()
        assert 0 < left <= 1.1 and status['guard-user'] == ROOT, status
        assert [t.split()[0] for t in root.texts()] == ['deny', 'deny']
        until_rules(other, ['allow out program /usr/bin/curl'])
        assert [r['id'] for r in other.rules()] == [first] and second != first
        until_no_guard(other)
        fails('NoSuchChange', root.confirm)
        entries = other.journal()
        assert {e['how'] for e in entries if e['kind'] == 'undo'} == {'not confirmed'}, entries


@test
def a_guarded_change_is_confirmed():
    with Daemon() as daemon, Client(ALICE) as alice, Client(BOB) as bob, Client(ROOT) as root:
        fails('NoSuchChange', alice.confirm)
        alice.guard(2)
        alice.add('deny out port 25')
        fails('NoSuchChange', bob.confirm)	# it is alice's
        bob.guard(5)
        assert 'wait to be confirmed' in fails('Limit', bob.add, 'deny out port 26')
        with Client(ALICE) as second:	# over another connection, which has no guard
            second.confirm()
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


@test
def a_guarded_mode_is_taken_back():
    with Daemon() as daemon, Client(ROOT) as root, Client(ROOT) as other:
        root.guard(1)
        root.mode('lockdown', reason='try')
        assert other.status()['mode'] == 'lockdown'
        until_no_guard(other)
        assert other.status()['mode'] == 'normal'


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
        daemon.expect('mode normal')
        until_rules(root, ['allow out port 80'])
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
def open_flows():
    with Daemon() as daemon, Client(ALICE) as alice, Client(ROOT) as root:
        daemon.tell('flow uid=%d image=100 path=/usr/bin/curl port=443 pid=7 out=1000 in=20000' % ALICE)
        daemon.tell('flow uid=%d image=101 path=/usr/bin/wget port=80' % BOB)
        daemon.tell('flow uid=%d image=100 path=/usr/bin/curl port=53 protocol=17' % ALICE)
        daemon.until_echo()
        when, flows = alice.flows()
        assert abs(when / 1e6 - time.time()) < 5
        assert sorted(f['remote-port'] for f in flows) == [53, 443], flows
        flow, = [f for f in flows if f['remote-port'] == 443]
        assert flow['program'] == '/usr/bin/curl' and flow['action'] == 'allow', flow
        assert flow['user'] == ALICE and flow['pid'] == 7 and flow['rule'] == 3, flow
        assert flow['protocol'] == 'tcp' and flow['remote'] == '192.0.2.1', flow
        assert (flow['bytes-out'], flow['bytes-in']) == (1000, 20000), flow
        assert (flow['packets-out'], flow['packets-in']) == (4, 5), flow
        assert when - flow['since'] == 10000000 and when - flow['used'] == 1000000, flow
        fails(INTERACTION, alice.flows, all=True)
        assert len(root.flows(all=True)[1]) == 3 and root.flows()[1] == []


@test
def open_flows_in_pages():
    with Daemon() as daemon, Client(ROOT) as root:
        for i in range(2500):
            daemon.tell('flow uid=%d port=%d' % (ALICE, i))
        daemon.until_echo()
        seen, after = [], 0
        while True:
            page = root.flows(after, 1000, all=True)[1]
            seen += [f['id'] for f in page]
            if len(page) < 1000:
                break
            after = seen[-1]
        assert len(seen) == 2500 and seen == sorted(set(seen)), len(seen)
        fails('Limit', root.flows, 0, 1001, all=True)
        assert root.flows(0, 0, all=True)[1] == []
        # All of them within a second: the kernel was asked at most that often.
        begun = time.monotonic()
        daemon.until_echo()
        for _ in range(40):
            root.flows(0, 1, all=True)
        listed = daemon.until_echo().count('listed 2500')
        assert listed <= 1 + (time.monotonic() - begun), listed


@test
def a_flow_keeps_its_number():
    with Daemon() as daemon, Client(ALICE) as alice:
        def ports(wanted):
            """The flows, once they are these: a listing is shared for a second."""
            until = time.time() + 10
            while sorted(f['remote-port'] for f in alice.flows()[1]) != wanted:
                assert time.time() < until, alice.flows()
            return alice.flows()[1]
        daemon.tell('flow uid=%d port=1' % ALICE)
        first, = ports([1])
        daemon.tell('flow uid=%d port=2' % ALICE)
        old, new = ports([1, 2])
        assert old['id'] == first['id'] and new['id'] > old['id'], (first, old, new)
        daemon.tell('ended')
        daemon.tell('flow uid=%d port=3' % ALICE)
        third, = ports([3])
        assert third['id'] > new['id'], third
        fails('NoSuchFlow', alice.end, old['id'])


@test
def flows_are_ended_by_who_may():
    with Daemon() as daemon, Client(ALICE) as alice, Client(ROOT) as root:
        daemon.tell('flow uid=%d port=1' % ALICE)
        daemon.tell('flow uid=%d port=2' % ALICE)
        daemon.tell('flow uid=%d port=3' % BOB)
        daemon.until_echo()
        ids = {f['remote-port']: f['id'] for f in root.flows(all=True)[1]}
        alice.end(ids[1], ids[2])
        daemon.expect('end 1')
        daemon.expect('end 2')
        fails(INTERACTION, alice.end, ids[3])
        fails(INTERACTION, alice.end, ids[1], ids[3])	# none of them
        fails('NoSuchFlow', alice.end, ids[1], 999)
        fails('Limit', alice.end, *range(1001))
        assert 'end' not in ' '.join(daemon.until_echo())
        root.end(ids[3])
        daemon.expect('end 3')
        daemon.tell('refuse 5')
        assert 'could not be ended' in fails('NotReady', root.end, ids[3])


@test
def no_flows_without_a_module():
    with Daemon(absent=True) as daemon, Client(ALICE) as alice:
        assert 'does not tell' in fails('NotReady', alice.flows)


@test
def nobody_to_ask():
    with Daemon('[questions]\nnobody=drop\n') as daemon, \
            Client(BOB).register() as bob:
        flow = daemon.ask()
        daemon.expect('answered %d drop nobody 0' % flow)
        flow = daemon.ask(uid=33)
        daemon.expect('answered %d drop nobody 0' % flow)
        bob.quiet('Ask', 0.3)


@test
def the_last_agent_goes():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        with Client(ALICE).register() as second:
            flow = daemon.ask()
            alice.event('Ask')
            second.event('Ask')
        time.sleep(0.3)
        assert 'answered' not in ' '.join(daemon.until_echo())
        alice.close()
        daemon.expect('answered %d deny nobody 0' % flow)


@test
def unregistering_is_going():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        flow = daemon.ask()
        ask = alice.event('Ask')
        alice.call('Questions', 'UnregisterAgent')
        daemon.expect('answered %d deny nobody 0' % flow)
        fails('NoSuchQuestion', alice.answer, ask)
        fails('NoSuchQuestion', alice.call, 'Questions', 'UnregisterAgent')


@test
def grace_for_an_agent_to_come():
    with Daemon('[questions]\ngrace-seconds=2\n') as daemon:
        first = daemon.ask()
        with Client(ALICE).register() as alice:
            ask = alice.event('Ask')
            time.sleep(2.2)
            alice.answer(ask, lifetime='once')
            daemon.expect('answered %d allow answer 1' % first)
        flow = daemon.ask(uid=BOB)
        daemon.expect('answered %d deny nobody 0' % flow, 4)
        flow = daemon.ask(uid=BOB)
        daemon.expect('answered %d deny nobody 0' % flow, 1)


@test
def system_flows_are_root_s():
    with Daemon() as daemon, Client(ALICE).register() as alice, \
            Client(ROOT).register() as root:
        daemon.ask(uid=33, path='/usr/sbin/nginx')
        ask = root.event('Ask')
        alice.quiet('Ask', 0.3)
        root.answer(ask)
        rule, = root.rules()
        assert rule['owner'] == 2 ** 32 - 1 and 'user 33' in rule['text'], rule
        # And root may answer a person's.
        daemon.ask()
        alice.event('Ask')
        root.answer(root.event('Ask'), 'deny')
        assert alice.event('Cancel')[1] == 'answered'
        assert alice.rules()[1]['owner'] == ALICE


@test
def a_new_agent_gets_what_is_open():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        daemon.ask()
        ask = alice.event('Ask')
        with Client(ALICE).register() as second:
            other = second.event('Ask')
            assert other[0] == ask[0]
            second.answer(other)
        assert alice.event('Cancel') == [ask[0], 'answered']


@test
def a_rule_closes_a_question():
    with Daemon() as daemon, Client(ALICE).register() as alice, \
            Client(ROOT) as root:
        daemon.ask()
        ask = alice.event('Ask')
        root.add('deny out program /usr/bin/curl')
        assert alice.event('Cancel') == [ask[0], 'rule']


@test
def flows_that_end_close_a_question():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        first, second = daemon.ask(local=1), daemon.ask(local=2)
        ask = alice.event('Ask')
        daemon.tell('gone %d ended' % first)
        alice.quiet('Cancel', 0.3)
        daemon.tell('gone %d expired' % second)
        assert alice.event('Cancel') == [ask[0], 'expired']
        first = daemon.ask()
        ask = alice.event('Ask')
        daemon.tell('gone %d ended' % first)
        assert alice.event('Cancel') == [ask[0], 'gone']


@test
def without_a_proven_path_only_once():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        flow = daemon.ask(flags=1, path='/tmp/x')
        ask = alice.event('Ask')
        assert ask[2]['lifetimes'] == ['once'] and ask[2]['flags'] == ['foreign'], ask
        assert len(ask[2]['scopes']) == 1 and ask[2]['scopes'][0][2] == ''
        fails('NotOffered', alice.answer, ask)
        fails('NotOffered', alice.answer, ask, scope='anything', lifetime='once')
        alice.answer(ask, lifetime='once')
        daemon.expect('answered %d allow answer 1' % flow)
        daemon.ask(path='/tmp/%ff%1b[2Jx%e2%80%ae')
        ask = alice.event('Ask')
        text = ask[2]['program'] + ask[2]['title']
        assert '\x1b' not in text and '\u202e' not in text and 'x' in text, text
        assert ask[2]['lifetimes'] == ['once']
        daemon.ask(image=1, path='', pid=1)
        ask = alice.event('Ask')
        assert ask[2]['program'] == '' and 'unknown' in ask[2]['title'], ask


@test
def another_version_is_said_to_be_one():
    with Daemon() as daemon, Client(ALICE).register() as alice, \
            Client(ROOT) as root:
        root.add('allow out program /usr/bin/wget hash ' + '0' * 64)
        daemon.ask()
        ask = alice.event('Ask')
        assert 'changed' not in ask[2]['flags'], ask
        alice.answer(ask)
        root.add('allow out program /usr/bin/other hash ' + '0' * 64)
        daemon.ask(path='/usr/bin/other')
        assert 'changed' in alice.event('Ask')[2]['flags']


@test
def an_answer_replaces_its_opposite():
    with Daemon() as daemon, Client(ALICE).register() as alice, \
            Client(ROOT) as root:
        daemon.ask()
        alice.answer(alice.event('Ask'), 'deny')
        first, = alice.rules()
        assert first['text'].startswith('deny')
        # A rule that asks, of the same owner and match, is replaced.
        root.remove(first['id'])
        ask_text = first['text'].replace('deny', 'ask', 1)
        asking = alice.add(ask_text)
        daemon.ask()
        ask = alice.event('Ask')
        assert [s[0] for s in ask[2]['scopes']] == ['this-host-port'], ask[2]['scopes']
        alice.answer(ask)
        rule, = alice.rules()
        assert rule['text'] == ask_text.replace('ask', 'allow', 1) and rule['id'] > asking


@test
def what_the_system_asks_takes_root():
    with Daemon() as daemon, Client(ALICE).register() as alice, \
            Client(ROOT).register() as root:
        root.add('ask out program /usr/bin/curl')
        daemon.ask()
        ask = alice.event('Ask')
        assert ask[2]['lifetimes'] == ['once'], ask
        ask = root.event('Ask')
        assert 'always' in ask[2]['lifetimes'] and len(ask[2]['scopes']) == 4, ask[2]['scopes']
        root.answer(ask, scope='this-host')
        root.add('floor ask out program /usr/bin/wget')
        daemon.ask(path='/usr/bin/wget', image=101)
        assert root.event('Ask')[2]['lifetimes'] == ['once']


@test
def inbound_is_about_the_local_port():
    with Daemon('[policy]\ndefault-in=ask\n') as daemon, \
            Client(ALICE).register() as alice:
        daemon.ask(direction='in', local=8080, port=50001, path='/usr/bin/python3')
        daemon.ask(direction='in', local=8080, port=50002, path='/usr/bin/python3')
        ask = alice.event('Ask')
        alice.quiet('Ask', 0.3)
        assert ask[2]['title'] == ('python3 would accept a connection from 192.0.2.1 '
                                   'on port 8080 (TCP)'), ask[2]['title']
        alice.answer(ask, scope='this-port')
        rule, = alice.texts()
        assert rule == ('allow in program /usr/bin/python3 owner %d protocol tcp port 8080'
                        % ALICE), rule


@test
def icmp_has_no_port():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        daemon.ask(path='/usr/bin/ping', protocol=1, port=0, local=77)
        ask = alice.event('Ask')
        assert [s[0] for s in ask[2]['scopes']] == ['this-host', 'anything'], ask[2]['scopes']
        alice.answer(ask, scope='this-host')


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


def import_text(client, text, interactive=False, **options):
    return client.call('Rules', 'Import', '(sa{sv})', text, options, interactive=interactive)


@test
def many_rules_are_one_change():
    with Daemon() as daemon, Client(ROOT) as root, Client(ROOT) as other, Client(ALICE) as alice:
        assert import_text(root, 'deny out port 1\n# first\ndeny out port 2', more=True) == []
        assert root.rules() == []
        # One import of a user at a time; another user's is another.
        fails('Limit', import_text, other, 'deny out port 3\n')
        assert import_text(alice, 'deny out port 9\ndeny out port 10\n') == [1, 2]
        ids = import_text(root, 'deny out port 3 until 2040-01-01T00:00:00Z\n')
        assert ids == [3, 4, 5], ids
        assert root.texts() == ['deny out port %d' % n for n in (1, 2)] + \
            ['deny out port 3 until 2040-01-01T00:00:00Z']
        daemon.expect('snapshot 5')
        change, = {entry['change'] for entry in root.journal() if entry['rule'] in ids}
        assert len(root.undo(change)) == 3 and root.rules() == []
        assert len(root.undo(change, redo=True)) == 3 and len(root.rules()) == 3
        # All or none, and the line is told.
        message = fails('InvalidRule', import_text, root, 'deny out\n\nnonsense\n')
        assert 'line 3, column 1' in message, message
        fails('InvalidRule', import_text, root, 'deny out\ndeny in until 2001-01-01T00:00:00Z\n')
        fails('InvalidRule', import_text, root, '# nothing\n')
        assert len(root.rules()) == 3
        # What the most needs is what the whole needs.
        fails(INTERACTION, import_text, alice, 'deny out port 4\ndeny out owner system\n')
        # A user has room for so many, and a message for so much.
        fails('Limit', import_text, alice, 'deny out port 5\n' * 2000)
        assert len(alice.rules()) == 5


@test
def an_import_goes_with_its_caller():
    with Daemon(), Client(ALICE) as alice:
        with Client(ALICE) as gone:
            import_text(gone, 'deny out port 1\n', more=True)
            fails('Limit', import_text, alice, 'deny out port 2\n')
        end = time.time() + 10
        while time.time() < end:
            try:
                ids = import_text(alice, 'deny out port 2\n')
                break
            except BusError:
                time.sleep(0.05)
        assert alice.texts() == ['deny out owner %d port 2' % ALICE] and len(ids) == 1
        line = 'deny out port 3 # %s\n' % ('x' * 900)
        part = line * 130
        for _ in range((4 << 20) // len(part)):
            import_text(alice, part, more=True)
        fails('Limit', import_text, alice, part, more=True)
        # It is forgotten, so the next one begins anew.
        assert len(import_text(alice, 'deny out port 4\n')) == 1
        assert len(alice.rules()) == 2


@test
def rules_in_pages():
    with Daemon() as daemon, Client(ROOT) as root:
        part = ''.join('deny out port %d # %s\n' % (n + 1, 'x' * 900) for n in range(100))
        for _ in range(120):
            import_text(root, part, more=True)
        assert len(import_text(root, part)) == 12100
        daemon.expect('snapshot 12100')
        # The bus would throw out who says so much at once.
        fails('Limit', root.rules)
        after, seen, pages = 0, [], 0
        while True:
            page = root.call('Rules', 'List', '(a{sv})', {'after': ['t', after]})
            if not page:
                break
            seen += [rule['id'] for rule in page]
            after, pages = seen[-1], pages + 1
        assert seen == sorted(set(seen)) and len(seen) == 12100 and pages > 3, (len(seen), pages)
        assert len(root.undo()) == 1000 and root.rules() == []


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
def agents_need_a_session():
    with Daemon() as daemon, Client(BOB, 'inactive') as bob, Client(ALICE, 'none') as away:
        for client in bob, away:
            fails(INTERACTION, client.call, 'Questions', 'RegisterAgent', '(oa{sv})', '/agent', {})


@test
def agents_are_bounded():
    with Daemon() as daemon:
        clients = [Client(ALICE).register() for _ in range(8)]
        with Client(ALICE) as ninth:
            fails('Limit', ninth.register)
        fails('Limit', clients[0].call, 'Questions', 'RegisterAgent', '(oa{sv})', '/agent', {})
        clients[0].close()
        time.sleep(0.2)
        with Client(ALICE).register():
            pass
        for client in clients[1:]:
            client.close()


@test
def questions_are_bounded():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        for port in range(1, 67):
            daemon.ask(port=port)
        for _ in range(64):
            alice.event('Ask')
        alice.quiet('Ask')
        for _ in range(2):
            daemon.expect('answered [0-9]+ deny limit 0')
        flows = [daemon.ask(port=1, local=i) for i in range(64)]
        daemon.expect('answered %d deny limit 0' % flows[-1])


@test
def a_stuck_agent_stops_nobody():
    with Daemon() as daemon, Client(ALICE).register() as stuck, \
            Client(ALICE).register() as alice:
        stuck.process.send_signal(19)
        for port in range(1, 41):
            flow = daemon.ask(port=port)
            alice.answer(alice.event('Ask'), lifetime='once')
            daemon.expect('answered %d allow answer 1' % flow)


@test
def watching_shows_one_s_own():
    with Daemon() as daemon, Client(ALICE) as alice, Client(BOB) as bob, Client(ROOT) as root:
        alice.call('History', 'Watch', '(a{sv})', {})
        daemon.tell('record uid=%d path=/usr/bin/b' % BOB)
        daemon.tell('record uid=%d path=/usr/bin/a%%1b' % ALICE)
        records, lost = alice.event('Records')
        assert len(records) == 1 and records[0]['user'] == ALICE and not lost
        assert records[0]['program'].startswith('/usr/bin/a') and \
            '\x1b' not in records[0]['program']
        bob.quiet('Records', 0.4)
        recent = alice.call('History', 'Recent', '(ua{sv})', 10, {})
        assert len(recent) == 1 and recent[0]['serial'] == 2, recent
        assert len(root.call('History', 'Recent', '(ua{sv})', 10, {})) == 0
        fails('Limit', root.call, 'History', 'Recent', '(ua{sv})', 1001, {})
        alice.call('History', 'Unwatch')
        daemon.tell('record uid=%d' % ALICE)
        alice.quiet('Records', 0.5)


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
        assert journal.get(SALLYPORT_EVENT='decision')['SALLYPORT_ACTION'] == 'ask'


@test
def what_rules_log_is_bounded_and_the_rest_told():
    with Journal() as journal, Client(ROOT) as root:
        with Daemon(stderr=journal.stream) as daemon:
            many = root.add('log allow out program /usr/bin/curl')
            few = root.add('log allow out program /usr/bin/wget')
            daemon.tell('record uid=%d rule=%d count=50' % (ALICE, many))
            for _ in range(20):
                assert journal.get(SALLYPORT_EVENT='decision')['SALLYPORT_RULE'] == str(many)
            # Another rule's are not lost by it.
            daemon.tell('record uid=%d rule=%d' % (ALICE, few))
            assert journal.get(SALLYPORT_EVENT='decision')['SALLYPORT_RULE'] == str(few)
        entry = journal.get(SALLYPORT_EVENT='decisions-left-out')
        assert entry['SALLYPORT_RULE'] == str(many) and entry['SALLYPORT_COUNT'] == '30', entry


@test
def a_flood_of_records_is_bounded():
    with Daemon() as daemon, Client(ALICE) as alice:
        alice.call('History', 'Watch', '(a{sv})', {})
        for _ in range(3):
            daemon.tell('record uid=%d count=2000' % ALICE)
            time.sleep(0.1)
        seen = lost = signals = 0
        begin = time.time()
        while seen + lost < 6000:
            records, gone = alice.event('Records')
            assert len(records) <= 200
            seen, lost, signals = seen + len(records), lost + gone, signals + 1
        assert seen + lost == 6000 and lost > 0, (seen, lost)
        assert signals <= 5 * (time.time() - begin) + 3, signals


@test
def a_module_that_is_off_is_not_called_protecting():
    with Daemon(env=[('SALLYPORT_FAKE_OFF', '1')]), Client(ALICE) as alice:
        status = alice.call('Manager', 'GetStatus')
        assert status['state'] == 'off' and status['mode'] == 'off', status
        assert 'judge nothing' in status['reasons'][0], status


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
        assert alice.event('Cancel') == [ask[0], 'gone']
        status = root.call('Manager', 'GetStatus')
        assert status['state'] == 'degraded' and 'as the test said' in status['reasons'][0]
        assert 'not in force' in fails('NotReady', root.add, 'deny out to 192.0.2.9')
        os.unlink(daemon.absent)
        daemon.expect('started 1', 15)
        daemon.ask()
        alice.event('Ask')


def put_file(folder, name, text, mode=0o644):
    """Whole, as editors and configuration management do."""
    os.makedirs(os.path.dirname(folder + '/' + name), exist_ok=True)
    temporary = folder + '/.new'
    with open(temporary, 'w') as file:
        file.write(text)
    os.chmod(temporary, mode)
    os.rename(temporary, folder + '/' + name)


def until_reason(client, word):
    """Waits until the state's reasons have @word, or, without one, are none."""
    while True:
        reasons = '\n'.join(client.call('Manager', 'GetStatus')['reasons'])
        if word in reasons if word else not reasons:
            return
        client.event('Changed')


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


@test
def rules_survive_a_restart():
    with Daemon() as daemon, Client(ROOT) as root:
        root.add('deny out to 192.0.2.1')
        daemon.stop()
        with Daemon(state=daemon.state) as again:
            again.expect('started 1')
            assert root.texts() == ['deny out to 192.0.2.1']


@test
def one_daemon_a_folder():
    with Daemon() as daemon:
        done = subprocess.run([sys.argv[1], '--state', daemon.state, '--config', '/none',
                               '--bus', 'none'], capture_output=True, text=True, timeout=10)
        assert done.returncode == 1 and 'another' in done.stderr, done


@test
def rules_expire():
    with Daemon() as daemon, Client(ROOT) as root:
        until = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + 2))
        root.add('deny out until ' + until)
        daemon.expect('snapshot 1')
        daemon.expect('snapshot 0', 6)
        assert not root.rules()


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
