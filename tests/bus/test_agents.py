#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""Agents: who may be one, what they are told, how they go."""
import sys
import tempfile
import time
from harness import (ALICE, BOB, INTERACTION, ROOT, AGENT_PATH, Client, Daemon, fails,
                     main, test)


@test
def a_hold_ends_with_its_agent():
    with Daemon('[questions]\ndeadline-seconds=1\n') as daemon, \
            Client(ALICE).register() as alice:
        with Client(ALICE).register_second() as second:
            daemon.ask()
            alice.event('Ask')
            number, token, question = second.event('Ask')
            second.call('Questions', 'Hold', '(tsb)', number, token, True)
            assert alice.event('Update')[1]['held']
        assert not alice.event('Update')[1]['held']


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
def a_second_packaged_agent_wants_a_password():
    with Daemon() as daemon, Client(ALICE).register() as alice, Client(BOB).register(), \
            Client(ALICE) as second, Client(ALICE) as third:
        fails(INTERACTION, second.register)
        second.run('polkit', 'secret-alice')
        second.register(introduced=False, interactive=True)
        action, user, message = second.event('password')
        assert action.endswith('.agent-foreign') and 'a second agent' in message, message
        daemon.ask()
        alice.event('Ask')
        second.event('Ask')
        # Its place is free when it has gone; that of one with a password is none.
        fails(INTERACTION, third.register)
        third.quiet('Changed')
        second.call('Questions', 'UnregisterAgent')
        fails(INTERACTION, third.register)
        alice.call('Questions', 'UnregisterAgent')
        third.event('Changed')
        third.register()


@test
def a_password_is_asked_for_once():
    with Daemon() as daemon, Client(ALICE, 'inactive') as alice:
        daemon.program('/usr/bin/sallyport')
        alice.run('again')
        alice.run('polkit', 'secret-alice')
        alice.register(introduced=False, interactive=True)
        assert alice.event('password')[0] == 'org.sallyport.firewall1.agent-foreign'
        # What it may from then on it may also say.
        flow = daemon.ask()
        alice.answer(alice.event('Ask'), lifetime='once')
        daemon.expect('answered %d allow answer 1' % flow)
        alice.quiet('password', 0.2)
    # A long list comes in pages.
    with Daemon(), Client(ALICE, 'inactive') as alice:
        alice.run('polkit', 'secret-alice')
        for page in range(3):
            alice.call('Rules', 'List', '(a{sv})', {}, interactive=True)
        assert alice.event('password')[0] == 'org.sallyport.firewall1.observe-own'
        alice.quiet('password', 0.2)


@test
def a_session_that_is_switched_away_from():
    with Daemon() as daemon, Client(ALICE).register() as alice, Client(BOB).register() as bob:
        flow = daemon.ask()
        ask = alice.event('Ask')
        bob.quiet('Ask', 0.3)
        alice.switch(False)
        fails(INTERACTION, alice.answer, ask)
        fails(INTERACTION, alice.dismiss, ask)
        # The other one at the machine is asked about his own.
        daemon.ask(uid=BOB)
        bob.answer(bob.event('Ask'))
        alice.switch(True)
        alice.answer(ask)
        daemon.expect('decided %d allow 2' % flow)


@test
def an_agent_is_what_it_was_executed_as():
    with Daemon() as daemon, Client(ALICE) as alice, Client(ROOT) as root:
        # Nobody said before which program makes the connection.
        fails(INTERACTION, alice.register, introduced=False)
        # What is typed into sallyport(1) need not come from a person.
        daemon.program('/usr/bin/sallyport')
        fails(INTERACTION, alice.register)
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
        with Client(ALICE).register_second() as second:
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
def agents_come_back_after_a_restart():
    with tempfile.TemporaryDirectory(dir='/run/test') as folder:
        kept = {'RUNTIME_DIRECTORY': folder}
        with Daemon(env=kept) as daemon, Client(ALICE).register() as alice:
            daemon.stop()
            with Daemon(env=kept) as daemon:
                flow = daemon.ask()
                bobs = daemon.ask(uid=BOB)
                daemon.expect('answered %d deny nobody 0' % bobs)
                with Client(ALICE).register() as back:
                    back.answer(back.event('Ask'), lifetime='once')
                    daemon.expect('answered %d allow answer 1' % flow)
        with Daemon(env=kept) as daemon:
            flow = daemon.ask()
            daemon.expect('answered %d deny nobody 0' % flow)


@test
def a_new_agent_gets_what_is_open():
    with Daemon() as daemon, Client(ALICE).register() as alice:
        daemon.ask()
        ask = alice.event('Ask')
        with Client(ALICE).register_second() as second:
            other = second.event('Ask')
            assert other[0] == ask[0]
            second.answer(other)
        assert alice.event('Cancel') == [ask[0], 'answered']


@test
def agents_need_a_session():
    with Daemon() as daemon, Client(BOB, 'inactive') as bob, Client(ALICE, 'none') as away:
        for client in bob, away:
            fails(INTERACTION, client.call, 'Questions', 'RegisterAgent', '(oa{sv})', '/agent', {})


@test
def agents_are_bounded():
    with Daemon() as daemon:
        clients = [Client(ALICE).register()]
        clients += [Client(ALICE).register_second() for _ in range(7)]
        with Client(ALICE) as ninth:
            fails('Limit', ninth.register_second)
        fails('Limit', clients[0].call, 'Questions', 'RegisterAgent', '(oa{sv})', '/agent', {})
        with Client(ALICE) as tenth:
            clients[0].close()
            tenth.event('Changed')
            tenth.register()
        for client in clients[1:]:
            client.close()


@test
def a_stuck_agent_stops_nobody():
    with Daemon() as daemon, Client(ALICE).register() as stuck, \
            Client(ALICE).register_second() as alice:
        stuck.process.send_signal(19)
        for port in range(1, 41):
            flow = daemon.ask(port=port)
            alice.answer(alice.event('Ask'), lifetime='once')
            daemon.expect('answered %d allow answer 1' % flow)


sys.exit(main())
