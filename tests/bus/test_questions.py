#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""Questions: how they are asked, answered, and end."""
import os
import sys
import time
from harness import ALICE, INTERACTION, BOB, ROOT, Client, Daemon, fails, main, test


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
        assert question['lifetimes'] == ['once', '15m', '1h', 'logout', 'reboot', 'always']
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
def what_is_out_of_an_appimage_is_allowed_by_it():
    private = 8     # SALLYPORT_IMAGE_PRIVATE
    shop = dict(flags=private, path='/tmp/.mount_one/app', image=40,
                bundle='/home/alice/Shop.AppImage')
    with Daemon() as daemon, Client(ALICE).register() as alice:
        daemon.ask(flags=private, path='/tmp/.mount_one/app', image=40)
        without = alice.event('Ask')
        assert without[2]['lifetimes'] == ['once'] and len(without[2]['scopes']) == 1, without
        alice.answer(without, scope=without[2]['scopes'][0][0], lifetime='once')
        flow = daemon.ask(**shop)
        number, token, question = ask = alice.event('Ask')
        assert question['bundle'] == '/home/alice/Shop.AppImage'
        assert question['name'] == 'app' and question['lifetime-default'] == 'once'
        assert [s[0] for s in question['scopes']] == ['this-host-port', 'this-host',
                                                      'this-port', 'anything'], question
        alice.answer(ask)
        daemon.expect('decided %d allow 1' % flow)
        text, = alice.texts()
        assert ' parent /home/alice/Shop.AppImage protocol tcp ' in text, text
        flow = daemon.ask(**{**shop, 'path': '/tmp/.mount_two/app', 'image': 41})
        daemon.expect('decided %d allow 1' % flow)
        daemon.ask(**{**shop, 'image': 42, 'bundle': '/home/alice/Other.AppImage'})
        alice.event('Ask')


@test
def a_container_is_allowed_by_its_unit():
    foreign = 1     # SALLYPORT_IMAGE_FOREIGN
    web = dict(flags=foreign, path='/usr/sbin/nginx', container='0123456789ab',
               unit='docker-0123456789abcdef.scope')
    with Daemon() as daemon, Client(ALICE).register() as alice:
        flow = daemon.ask(**web)
        number, token, question = ask = alice.event('Ask')
        assert question['container'] == 'docker 0123456789ab', question
        alice.answer(ask, scope='anything')
        daemon.expect('decided %d allow 1' % flow)
        text, = alice.texts()
        assert ' unit docker-0123456789abcdef.scope' in text and 'nginx' not in text, text
        flow = daemon.ask(**{**web, 'path': '/usr/bin/other', 'image': 41})
        daemon.expect('decided %d allow 1' % flow)
        daemon.ask(**{**web, 'image': 42, 'unit': 'docker-fedcba9876543210.scope'})
        alice.event('Ask')
        # The real nginx is not in it.
        daemon.ask(path='/usr/sbin/nginx', image=43)
        alice.event('Ask')


@test
def a_hardened_service_is_allowed_by_its_unit():
    foreign, deleted, userns, private = 1, 2, 4, 8      # SALLYPORT_IMAGE_…
    clock = dict(uid=105, flags=foreign, path='/usr/lib/systemd/systemd-timesyncd', image=40,
                 process=900, unit='systemd-timesyncd.service')
    with Daemon() as daemon, Client(ROOT).register() as root:
        flow = daemon.ask(**clock)
        number, token, question = ask = root.event('Ask')
        assert 'always' in question['lifetimes'] and 'quit' in question['lifetimes'], question
        assert question['lifetime-default'] == 'once', question
        root.answer(ask, scope='anything', lifetime='always')
        daemon.expect('decided %d allow 1' % flow)
        text, = root.texts()
        assert text == 'allow out user 105 unit systemd-timesyncd.service', text
        # Its next instance, after an upgrade too.
        flow = daemon.ask(**{**clock, 'image': 41, 'process': 901})
        daemon.expect('decided %d allow 1' % flow)
        # What says less about who that is ends with the process.
        for image, other in enumerate([
                dict(uid=ALICE), dict(unit='session-3.scope'), dict(unit='user@105.service'),
                dict(unit='run-u42.service'), dict(unit=''), dict(flags=foreign | deleted),
                dict(flags=foreign | userns), dict(flags=foreign | private)], 50):
            daemon.ask(**{**clock, 'unit': 'other.service', 'image': image, 'process': image,
                          **other})
            number, token, question = ask = root.event('Ask')
            assert question['lifetimes'] == ['once', 'quit'], (other, question)
            assert ' process %d ' % image in question['scopes'][0][2], (other, question)
            root.answer(ask, lifetime='once')


@test
def what_has_no_path_is_allowed_until_it_quits():
    userns = 4      # SALLYPORT_IMAGE_USERNS: a Flatpak, for example
    browser = dict(flags=userns, path='/app/lib/firefox/firefox', image=40, process=900)
    with Daemon() as daemon, Client(ALICE).register() as alice:
        flow = daemon.ask(**browser)
        number, token, question = ask = alice.event('Ask')
        assert question['lifetimes'] == ['once', 'quit'], question
        assert question['lifetime-default'] == 'quit', question
        assert [s[0] for s in question['scopes']] == ['this-host-port', 'this-host',
                                                      'this-port', 'anything'], question
        fails('NotOffered', alice.answer, ask, lifetime='always')
        fails('NotOffered', alice.answer, ask, lifetime='reboot')
        alice.answer(ask, scope='anything', lifetime='quit')
        daemon.expect('decided %d allow 1' % flow)
        text, = alice.texts()
        assert 'process 900' in text and 'until quit' in text and '/app' not in text, text
        rule, = alice.rules()
        assert rule['note'] == 'firefox', rule
        flow = daemon.ask(**browser, port=443)
        daemon.expect('decided %d allow 1' % flow)
        # Another instance of it is another process.
        daemon.ask(**{**browser, 'process': 901, 'port': 444})
        alice.event('Ask')


@test
def a_name_that_comes_late_is_asked_about():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        flow = daemon.ask()
        number, token, question = first = alice.event('Ask')
        assert 'host' not in question
        daemon.late(flow, own='shop.test')
        again, fresh, question = second = alice.event('Ask')
        assert again == number and fresh != token
        assert question['host'] == 'shop.test' and question['host-source'] == 'own', question
        assert 'to shop.test' in question['scopes'][0][2], question['scopes']
        # What was said of the address is not said of the name.
        fails('NotOffered', alice.answer, first)
        daemon.late(flow, own='shop.test')      # nothing new
        alice.quiet('Ask', 0.4)
        alice.answer(second)
        daemon.expect('snapshot 1')
        assert 'to shop.test' in alice.texts()[0], alice.texts()


@test
def putting_off_what_was_asked_again():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        flow = daemon.ask()
        first = alice.event('Ask')
        daemon.late(flow, other='shop.test')
        alice.event('Ask')
        alice.dismiss(first)
        daemon.expect('answered %d deny answer 0' % flow)


SUM, OTHER_SUM = 'ab' * 32, 'cd' * 32


@test
def a_file_of_ones_own_is_answered_for_this_version():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        flow = daemon.ask(path='/home/alice/tool')
        alice.event('Ask')
        daemon.late(flow, hash=SUM)
        ask = alice.event('Ask')
        names = [s[0] for s in ask[2]['scopes']]
        assert names[:2] == ['this-host-port/this-version', 'this-host-port'], names
        assert ask[2]['hash'] == SUM and 'hash ' + SUM in ask[2]['scopes'][0][2], ask
        fails('NotOffered', alice.answer, ask, scope='/this-version')
        alice.answer(ask, scope='anything/this-version')
        daemon.expect('decided %d .*|snapshot 1' % flow)
        assert 'hash ' + SUM in alice.texts()[0], alice.texts()
        # Another version is asked about, and said to be one.
        flow = daemon.ask(path='/home/alice/tool', port=81)
        alice.event('Ask')
        daemon.late(flow, hash=OTHER_SUM)
        ask = alice.event('Ask')
        assert 'changed' in ask[2]['flags'], ask
        alice.dismiss(ask)
        # The same is not.
        flow = daemon.ask(path='/home/alice/tool', port=82)
        alice.event('Ask')
        daemon.late(flow, hash=SUM)
        assert 'changed' not in alice.event('Ask')[2]['flags']


@test
def until_it_quits():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        flow = daemon.ask(process=7)
        ask = alice.event('Ask')
        assert ask[2]['lifetimes'][1] == 'quit', ask
        alice.answer(ask, lifetime='quit')
        daemon.expect('decided %d allow 1' % flow)
        assert ' process 7' in alice.texts()[0] and 'until quit' in alice.texts()[0], alice.texts()
        daemon.ask(process=8)       # another one
        alice.event('Ask')
        # As long as it runs the rule is there; then it goes.
        daemon.expect('lives 7 0', timeout=30)
        assert len(alice.texts()) == 1, alice.texts()
        daemon.tell('quit 7')
        daemon.expect('snapshot 0', timeout=30)
        assert not alice.texts(), alice.texts()


@test
def until_the_machine_restarts():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        flow = daemon.ask()
        alice.answer(alice.event('Ask'), lifetime='reboot')
        daemon.expect('decided %d allow 1' % flow)
        assert 'until reboot boot ' in alice.texts()[0], alice.texts()


@test
def until_she_logs_out():
    with Daemon() as daemon, Client(ALICE).register() as alice, Client(ROOT) as root:
        flow = daemon.ask()
        alice.answer(alice.event('Ask'), lifetime='logout')
        daemon.expect('decided %d allow 1' % flow)
        assert 'until logout session %s' % alice.session in alice.texts()[0], alice.texts()
        os.unlink('/run/systemd/sessions/' + alice.session)
        daemon.expect('snapshot 0', timeout=30)
        assert not root.call('Rules', 'List', '(a{sv})', {'all': True})


@test
def an_installed_program_has_no_versions():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        flow = daemon.ask(path='/usr/bin/env')
        ask = alice.event('Ask')
        daemon.late(flow, hash=SUM)
        while True:
            number, changes = alice.event('Update')
            if 'hash' in changes:
                break
        assert number == ask[0] and changes['hash'] == SUM, changes
        alice.quiet('Ask', 0.4)
        fails('NotOffered', alice.answer, ask, scope='anything/this-version')
        alice.answer(ask)


@test
def a_question_says_what_it_is_about():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        daemon.ask(path='/usr/bin/python3.11')
        question = alice.event('Ask')[2]
        assert question['runs'] == 'interpreter' and 'rule' not in question, question
        alice.add('ask out program /usr/bin/env owner %d' % ALICE)
        daemon.ask(path='/usr/bin/env', image=101)
        question = alice.event('Ask')[2]
        assert 'runs' not in question and question['rule'] == alice.rules()[0]['id'], question
        assert question['rule-text'].startswith('ask out program /usr/bin/env'), question


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


SHOP = ['2001:db8::1', '192.0.2.1']


def joined(daemon, client, **keys):
    """Two addresses of a host as one question, and the flow of each address."""
    flows = {remote: daemon.ask(remote=remote, own='shop.test', port=443, **keys) for remote in SHOP}
    ask = client.event('Ask')
    if not ask[2]['other-remotes']:
        number, changes = client.event('Update')
        assert number == ask[0] and changes['flows'] == 2, changes
        assert [ask[2]['remote']] + changes['other-remotes'] in (SHOP, SHOP[::-1]), changes
    assert client.call('Manager', 'GetStatus')['questions'] == 1
    return ask, flows


@test
def addresses_of_a_host_are_one_question():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        ask, flows = joined(daemon, alice)
        alice.quiet('Ask')
        alice.answer(ask)
        for _ in flows:
            daemon.expect('decided (%d|%d) allow 1' % tuple(flows.values()))
        rule, = alice.rules()
        assert ' to shop.test port 443' in rule['text'], rule
        alice.quiet('Ask')
        assert alice.call('Manager', 'GetStatus')['questions'] == 0


@test
def once_is_for_each_address_of_the_host():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        ask, flows = joined(daemon, alice)
        alice.answer(ask, lifetime='once')
        for _ in flows:
            daemon.expect('answered (%d|%d) allow answer 1' % tuple(flows.values()))
        assert not alice.rules()
        alice.quiet('Ask')


@test
def what_is_said_of_an_address_is_not_said_of_the_others():
    for lifetime, word in ('always', 'decided %d allow 1'), ('once', 'answered %d allow answer 1'):
        with Daemon() as daemon, Client(ALICE).register() as alice:
            ask, flows = joined(daemon, alice)
            alice.answer(ask, scope='this-address', lifetime=lifetime)
            daemon.expect(word % flows.pop(ask[2]['remote']))
            (remote, flow), = flows.items()
            other = alice.event('Ask')
            assert other[0] != ask[0] and other[2]['remote'] == remote, other
            assert other[2]['flows'] == 1 and not other[2]['other-remotes'], other
            assert not [l for l in daemon.until_echo() if l.startswith(('answered', 'decided'))]
            fails('NoSuchQuestion', alice.answer, ask)
            alice.answer(other, 'deny', 'this-address', 'once')
            daemon.expect('answered %d deny answer 1' % flow)


@test
def a_rule_about_one_address_leaves_the_other():
    with Daemon() as daemon, Client(ALICE).register() as alice, Client(ROOT) as root:
        ask, flows = joined(daemon, alice)
        root.add('deny out program /usr/bin/curl to %s' % ask[2]['remote'])
        daemon.expect('decided %d deny 1' % flows.pop(ask[2]['remote']))
        assert alice.event('Cancel') == [ask[0], 'rule']
        (remote, flow), = flows.items()
        other = alice.event('Ask')
        assert other[2]['remote'] == remote, other
        alice.answer(other)
        daemon.expect('decided %d allow 2' % flow)
    with Daemon() as daemon, Client(ALICE).register() as alice, Client(ROOT) as root:
        ask, flows = joined(daemon, alice)
        remote, = set(SHOP) - {ask[2]['remote']}
        root.add('deny out program /usr/bin/curl to ' + remote)
        daemon.expect('decided %d deny 1' % flows.pop(remote))
        number, changes = alice.event('Update')
        while changes['flows'] == 2:
            number, changes = alice.event('Update')
        assert number == ask[0] and not changes['other-remotes'], changes
        alice.answer(ask)
        daemon.expect('decided %d allow 2' % flows[ask[2]['remote']])


@test
def a_rule_about_a_host_closes_its_question():
    with Daemon() as daemon, Client(ALICE).register() as alice, Client(ROOT) as root:
        ask, flows = joined(daemon, alice)
        root.add('deny out program /usr/bin/curl to shop.test')
        for _ in flows:
            daemon.expect('decided (%d|%d) deny 1' % tuple(flows.values()))
        assert alice.event('Cancel') == [ask[0], 'rule']
        alice.quiet('Ask')


@test
def a_name_that_comes_late_joins_two_questions():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        flows = {remote: daemon.ask(remote=remote, port=443) for remote in SHOP}
        asks = [alice.event('Ask'), alice.event('Ask')]
        first, second = sorted(asks, key=lambda ask: ask[0])
        # The younger one learns it first; the one that was there first stays.
        daemon.late(flows[second[2]['remote']], own='shop.test')
        alice.event('Ask')
        daemon.late(flows[first[2]['remote']], own='shop.test')
        assert alice.event('Cancel') == [second[0], 'joined']
        again = alice.event('Ask')
        assert again[0] == first[0] and again[1] != first[1], again
        assert again[2]['flows'] == 2 and again[2]['other-remotes'] == [second[2]['remote']], again
        fails('NoSuchQuestion', alice.answer, second)
        fails('NotOffered', alice.answer, first)
        # One of them turns out to be another's: what is asked about is told once more.
        daemon.late(flows[second[2]['remote']], own='other.test')
        other = alice.event('Ask')
        assert other[0] == second[0] and other[2]['host'] == 'other.test', other
        alice.answer(again)
        daemon.expect('decided %d allow 1' % flows[first[2]['remote']])
        assert not [l for l in daemon.until_echo() if l.startswith(('answered', 'decided'))]


@test
def what_only_resembles_is_asked_about():
    shop = dict(own='shop.test', port=443, process=7)
    with Daemon('[policy]\ndefault-in=ask\n') as daemon, Client(ALICE).register() as alice:
        daemon.ask(remote=SHOP[0], **shop)
        alice.event('Ask')
        for unlike in (dict(port=80), dict(process=8), dict(image=101, path='/usr/bin/wget'),
                       dict(own='shop.example'), dict(protocol=17),
                       dict(direction='in', local=443)):
            flow = daemon.ask(remote=SHOP[1], **{**shop, **unlike})
            ask = alice.event('Ask')
            assert not ask[2]['other-remotes'] and ask[2]['flows'] == 1, (unlike, ask)
            daemon.tell('gone %d ended' % flow)
            assert alice.event('Cancel') == [ask[0], 'gone'], unlike
        # By another program's look-up it is not sure.
        flow = daemon.ask(remote=SHOP[1], port=443, process=7)
        alice.event('Ask')
        daemon.late(flow, other='shop.test')
        assert not alice.event('Ask')[2]['other-remotes']


@test
def not_now_is_for_each_address_of_the_host():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        ask, flows = joined(daemon, alice)
        alice.dismiss(ask)
        for _ in flows:
            daemon.expect('answered (%d|%d) deny answer 0' % tuple(flows.values()))
        for remote in SHOP:
            flow = daemon.ask(remote=remote, own='shop.test', port=443)
            daemon.expect('answered %d deny answer 0' % flow)
        alice.quiet('Ask')


@test
def nobody_answers_about_a_host():
    with Daemon('[questions]\ndeadline-seconds=2\n') as daemon, Client(ALICE).register() as alice:
        ask, flows = joined(daemon, alice)
        for _ in flows:
            daemon.expect('answered (%d|%d) deny deadline 0' % tuple(flows.values()))
        assert alice.event('Cancel') == [ask[0], 'expired']
    with Daemon() as daemon:
        with Client(ALICE).register() as alice:
            ask, flows = joined(daemon, alice)
        for _ in flows:
            daemon.expect('answered (%d|%d) deny nobody 0' % tuple(flows.values()))


@test
def the_daemon_ends_with_a_host_asked_about():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        ask, flows = joined(daemon, alice)
        daemon.tell('stop 5')
        assert alice.event('Cancel')[0] == ask[0]
        alice.quiet('Ask')


@test
def tokens_and_connections():
    with Daemon() as daemon, Client(ALICE).register() as alice, \
            Client(ALICE) as stranger, Client(ALICE).register_second() as second:
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
            Client(ALICE).register_second() as second:
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
            Client(ALICE).register() as alice, Client(ALICE).register_second() as second, \
            Client(ALICE, 'none') as stranger:
        # Nothing that takes a busy machine long comes before it is held.
        flow = daemon.ask()
        number, token, question = ask = alice.event('Ask')
        fails('NotAuthorized', alice.call, 'Questions', 'Hold', '(tsb)', number, '0' * 32, True)
        fails('NoSuchQuestion', stranger.call, 'Questions', 'Hold', '(tsb)', number, token, True)
        alice.call('Questions', 'Hold', '(tsb)', number, token, True)
        second.event('Ask')
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
def a_password_for_each_rule_that_allows():
    with Daemon('[questions]\npassword-to-allow=true\n') as daemon, \
            Client(ALICE).register() as alice:
        flow = daemon.ask()
        ask = alice.event('Ask')
        words = (ask[0], ask[1], 'allow', 'this-host', 'always')
        fails(INTERACTION, alice.answer, ask, scope='this-host')
        fails('NotOffered', alice.answer, ask, scope='everything')
        alice.run('polkit', 'wrong')
        fails('NotAuthorized', alice.call, 'Questions', 'Answer', '(tssss)', *words,
              interactive=True)
        action, user, message = alice.event('password')
        assert action == 'org.sallyport.firewall1.rules-own-widen' and user == 'alice', action
        assert 'curl' in message and '192.0.2.1' in message, message
        assert not alice.rules()
        # The question is still open. What allows nothing for long takes none.
        alice.answer(ask, lifetime='once')
        daemon.expect('answered %d allow answer 1' % flow)
        daemon.ask(port=81)
        alice.answer(alice.event('Ask'), 'deny')
        assert len(alice.rules()) == 1
    with Daemon('[questions]\npassword-to-allow=true\n') as daemon, \
            Client(ALICE).register() as alice:
        alice.run('polkit', 'secret-alice')
        flow = daemon.ask()
        ask = alice.event('Ask')
        alice.call('Questions', 'Answer', '(tssss)', ask[0], ask[1], 'allow', 'anything',
                   'always', interactive=True)
        daemon.expect('decided %d allow 1' % flow)


@test
def what_was_decided_before_is_told():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        daemon.tell('record uid=%d path=/usr/bin/curl count=3 remote=192.0.2.8' % ALICE)
        daemon.tell('record uid=%d path=/usr/bin/curl remote=192.0.2.9' % ALICE)
        daemon.tell('record uid=%d path=/usr/bin/curl remote=192.0.2.53 port=53' % ALICE)
        daemon.tell('record uid=%d path=/usr/bin/wget' % ALICE)
        daemon.tell('record uid=%d path=/usr/bin/curl' % BOB)
        daemon.ask()
        question = alice.event('Ask')[2]
        assert tuple(question['past']) == (4, 0, 2), question


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
        flow = daemon.ask(path='/usr/bin/other')
        assert 'changed' not in alice.event('Ask')[2]['flags']      # nobody knows yet
        daemon.late(flow, hash='1' * 64)
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


sys.exit(main())
