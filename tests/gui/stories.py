#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""stories.py DAEMON AGENT: agent and prompt with the real daemon, as a person at
a desktop lives through them."""
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack

from desktop import HERE, Desktop, eventually, lives
from harness import ALICE, ROOT, Client, Daemon, Lines, NotShown, main, test
from network_device import SECOND, Device

AGENT = sys.argv.pop(2)
SANITIZED = 'ASAN_OPTIONS' in os.environ


class Logind:
    """Who says whether alice's session is in front; the bus of all stories is one."""

    def __enter__(self):
        self.process = subprocess.Popen([HERE + '/logind.py'], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.lines = Lines(self.process.stdout)
        assert self.lines.get(30) == 'ready'
        return self

    def __exit__(self, *why):
        self.process.kill()
        self.process.wait()

    def is_asked(self):
        assert self.lines.get(30) == 'asked'

    def in_front(self, front):
        self.process.stdin.write('yes\n' if front else 'no\n')
        self.process.stdin.flush()
        self.is_asked()


class Overhearing:
    """The names of calls on the system bus, as they come."""

    def __init__(self, *matches):
        self.process = subprocess.Popen(['stdbuf', '-oL', 'dbus-monitor', '--system', *matches],
                                        stdout=subprocess.PIPE, text=True)
        self.lines = Lines(self.process.stdout)
        self.until('member=NameLost')   # it is a monitor from now on

    def until(self, wanted):
        while True:
            line = self.lines.get(30)
            assert line is not None, 'the monitor ended'
            if wanted in line:
                return line

    def next(self):
        return self.until('method call').rsplit('member=', 1)[1]

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.process.kill()
        self.process.wait()


class Story:
    """A daemon, alice's desktop with its agent, and root who looks on. @clock: questions
    have their time; else they wait, as for one who is behind another's session, since a slow
    machine needs longer to see and press than a person."""

    def __init__(self, config='', clock=False, **desktop):
        with ExitStack() as begun:      # what did not begin whole is ended
            logind = None if clock else begun.enter_context(Logind())
            self.daemon = begun.enter_context(Daemon(config))
            self.root, self.alice = [begun.enter_context(Client(uid)) for uid in (ROOT, ALICE)]
            self.desktop = begun.enter_context(Desktop(AGENT, **desktop))
            if logind:
                logind.is_asked()
                logind.in_front(False)
            self.desktop.registered(self.root)
            self.begun = begun.pop_all()

    def __enter__(self):
        return self.daemon, self.desktop, self.alice

    def __exit__(self, *why):
        return self.begun.__exit__(*why)


@test
def a_question_is_allowed_always():
    with Story() as (daemon, desktop, alice):
        flow = daemon.ask(remote='192.0.2.1', port=443)
        desktop.appears('curl')
        desktop.says('curl', 'curl wants to connect to 192.0.2.1 on HTTPS (TCP 443).')
        desktop.press('curl', 'Allow')
        daemon.expect('decided %d allow 1' % flow)
        rule, = alice.rules()
        assert rule['text'] == 'allow out program /usr/bin/curl owner %d protocol tcp ' \
            'to 192.0.2.1 port 443' % ALICE, rule
        assert rule['maker'] == ALICE and rule['expires'] == 0, rule
        desktop.goes('curl')


@test
def a_wider_scope_is_chosen():
    with Story() as (daemon, desktop, alice):
        flow = daemon.ask()
        desktop.appears('curl')
        desktop.says('curl', 'Allow curl (/usr/bin/curl) to connect to 192.0.2.1 on port 80 (TCP).')
        desktop.pick('curl', 'Anything')
        desktop.says('curl', 'Allow curl (/usr/bin/curl) to connect to any address.')
        desktop.press('curl', 'Deny')
        daemon.expect('decided %d deny 1' % flow)
        assert alice.texts() == ['deny out program /usr/bin/curl owner %d' % ALICE], alice.texts()


def entry_of(folder, name, program):
    with open('%s/%s.desktop' % (folder, os.path.basename(program)), 'w') as file:
        file.write('[Desktop Entry]\nType=Application\nName=%s\nExec=%s %%U\n' % (name, program))


@test
def an_application_is_called_by_its_name():
    entry_of('/usr/share/applications', 'Who Am I', '/usr/bin/id')      # not the machine's own
    with Story() as (daemon, desktop, alice):
        # What she, or a program of hers, calls something is not asked for.
        hers = desktop.folder + '/.local/share/applications'
        os.makedirs(hers)
        entry_of(hers, 'Bank', '/usr/bin/tty')
        daemon.ask(path='/usr/bin/id', port=443)
        daemon.ask(path='/usr/bin/tty', image=101)
        desktop.appears('Who Am I')
        desktop.says('Who Am I', 'Who Am I wants to connect to 192.0.2.1 on HTTPS (TCP 443).')
        desktop.says('Who Am I', '/usr/bin/id')
        desktop.says('Who Am I', 'Allow id (/usr/bin/id) to connect to 192.0.2.1')
        desktop.says('tty', 'tty wants to connect to 192.0.2.1 on HTTP (TCP 80).')
        notes = [desktop.notification('A program waits for your answer')['body'] for _ in range(2)]
        assert any(n.startswith('Who Am I wants') and n.endswith('\n/usr/bin/id') for n in notes), notes


def seen_in_time(logind, daemon, desktop, outcome='Denied'):
    """A question whose time begins when its window is there, however long that took."""
    logind.is_asked()
    logind.in_front(False)
    flow = daemon.ask()
    desktop.appears('curl')
    desktop.says('curl', 'the time stands still')
    logind.in_front(True)
    desktop.says('curl', outcome + ' in ')
    return flow


@test
def nobody_answers():
    with Logind() as logind, \
            Story('[questions]\ndeadline-seconds=4\noutcome=drop\n', clock=True) as (daemon, desktop, alice):
        flow = seen_in_time(logind, daemon, desktop, 'Dropped')
        daemon.expect('answered %d drop deadline 0' % flow)
        desktop.goes('curl')
        eventually('the prompt ends', lambda: not desktop.prompts())


@test
def not_now():
    with Story() as (daemon, desktop, alice):
        flow = daemon.ask()
        desktop.appears('curl')
        desktop.press('curl', 'Not Now')
        daemon.expect('answered %d deny answer 0' % flow)
        desktop.goes('curl')
        assert not alice.rules()
        flow = daemon.ask()     # put off for a while
        daemon.expect('answered %d deny answer 0' % flow)


@test
def a_rule_elsewhere_closes_the_window():
    with Story() as (daemon, desktop, alice), Client(ROOT) as root:
        flow = daemon.ask()
        desktop.appears('curl')
        root.add('allow out program /usr/bin/curl')
        daemon.expect('decided %d allow 1' % flow)
        desktop.goes('curl')


@test
def two_programs_are_two_windows():
    with Story() as (daemon, desktop, alice):
        first = daemon.ask()
        second = daemon.ask(path='/usr/bin/wget', image=101)
        third = daemon.ask(path='/usr/bin/wget', image=101, port=81)
        desktop.appears('curl')
        desktop.appears('wget')
        desktop.says('wget', '1 more question of this program')
        assert len(desktop.prompts()) == 1
        desktop.pick('wget', 'Anything')
        desktop.press('wget', 'Allow')
        daemon.expect('decided %d allow 1' % second)
        daemon.expect('decided %d allow 1' % third)
        desktop.goes('wget')
        desktop.appears('curl')     # is still there
        desktop.press('curl', 'Deny')
        daemon.expect('decided %d deny 2' % first)


@test
def a_name_that_comes_late_is_shown():
    with Story() as (daemon, desktop, alice):
        flow = daemon.ask()
        desktop.appears('curl')
        desktop.pick('curl', 'Anything')
        desktop.ready('curl')
        daemon.late(flow, own='shop.test')
        desktop.says('curl', 'curl wants to connect to shop.test on HTTP (TCP 80).')
        desktop.says('curl', 'Allow curl (/usr/bin/curl) to connect to any address.')
        desktop.press('curl', 'Allow')
        daemon.expect('decided %d allow 1' % flow)
        assert alice.texts() == ['allow out program /usr/bin/curl owner %d' % ALICE], alice.texts()


@test
def two_addresses_of_a_host_are_one_question():
    with Story() as (daemon, desktop, alice):
        first = daemon.ask(remote='2001:db8::1', port=443)
        second = daemon.ask(remote='192.0.2.1', port=443)
        desktop.appears('curl')
        desktop.says('curl', '1 more question')
        daemon.late(first, own='shop.test')
        daemon.late(second, own='shop.test')
        desktop.says('curl', 'curl wants to connect to shop.test on HTTPS (TCP 443).')
        desktop.says('curl', 'looked this name up itself')
        eventually('one question', lambda: not any(
            'more question' in node['name'] for node in desktop.window('curl')['nodes']))
        names = ' '.join(node['name'] for node in desktop.window('curl')['nodes'])
        assert '192.0.2.1' in names and '2001:db8::1' in names, names
        desktop.press('curl', 'Allow')
        for _ in range(2):
            daemon.expect('decided (%d|%d) allow 1' % (first, second))
        desktop.goes('curl')
        assert [' to shop.test port 443' in text for text in alice.texts()] == [True], alice.texts()


@test
def an_answer_about_one_address_leaves_the_other():
    with Story() as (daemon, desktop, alice):
        flows = [daemon.ask(remote=remote, port=443, own='shop.test')
                 for remote in ('2001:db8::1', '192.0.2.1')]
        desktop.appears('curl')
        desktop.says('curl', '2001:db8::1')
        desktop.says('curl', '192.0.2.1')
        desktop.pick('curl', 'This address, any port')
        desktop.press('curl', 'Deny')
        first = int(daemon.expect(r'decided (\d+) deny 1')[1])
        flows.remove(first)
        desktop.appears('curl')
        desktop.says('curl', 'curl wants to connect to shop.test on HTTPS (TCP 443).')
        desktop.press('curl', 'Allow')
        daemon.expect('decided %d allow 2' % flows[0])


@test
def a_program_that_others_can_change_is_allowed_as_it_is():
    # Of a file that is not there nobody can say that root alone writes to it.
    with Story() as (daemon, desktop, alice):
        flow = daemon.ask(path='/usr/lib/nowhere/tool')
        desktop.appears('tool')
        daemon.late(flow, hash='ab' * 32)
        desktop.says('tool', 'Also after the program was updated')
        desktop.says('tool', 'When the program is changed, it is asked about again.')
        desktop.press('tool', 'Allow')
        desktop.goes('tool')
        rule, = alice.texts()
        assert ' program /usr/lib/nowhere/tool ' in rule and ' hash ' + 'ab' * 32 in rule, rule


@test
def an_interpreter_is_let_out_twice():
    with Story() as (daemon, desktop, alice):
        flow = daemon.ask(path='/usr/bin/python3.11')
        desktop.appears('python3.11')
        desktop.pick('python3.11', 'Anything')
        desktop.press('python3.11', 'Allow')
        desktop.says('python3.11', 'python3.11 runs other code: whatever that is may connect')
        assert not [l for l in daemon.until_echo() if l.startswith(('answered', 'decided'))]
        desktop.press('python3.11', 'Allow')
        daemon.expect('decided %d allow 1' % flow)


@test
def another_person_is_in_front():
    deadline = 60 if SANITIZED else 8   # it must be seen to run: reading takes its time
    with Logind() as logind, \
            Story('[questions]\ndeadline-seconds=%d\n' % deadline, clock=True) as (daemon, desktop, alice):
        logind.is_asked()
        logind.in_front(False)
        flow = daemon.ask()     # while she is away
        second = daemon.ask(remote='192.0.2.9')
        desktop.appears('curl')
        desktop.says('curl', 'the time stands still')
        desktop.says('curl', '1 more question')
        time.sleep(deadline + 2)    # what their deadlines would have been, and more
        assert not [l for l in daemon.until_echo() if l.startswith(('answered', 'decided'))]
        logind.in_front(True)
        desktop.says('curl', 'Denied in ')
        # Their clocks go on together: either may be over first.
        over = [daemon.expect('answered (%d|%d) deny deadline 0' % (flow, second),
                              timeout=deadline + 60).group(1) for _ in range(2)]
        assert sorted(over) == sorted([str(flow), str(second)]), over


@test
def the_next_question_takes_its_time():
    sentence = 'curl wants to connect to %s on HTTP (TCP 80).'
    with Story() as (daemon, desktop, alice):
        # Which is told first is not said: their programs are looked up side by side.
        flows = {remote: daemon.ask(remote=remote) for remote in ('192.0.2.76', '192.0.2.77')}
        desktop.appears('curl')
        shown = eventually('one of them', lambda: [
            remote for remote in flows
            if any(sentence % remote in n['name'] for n in desktop.window('curl')['nodes'])])[0]
        desktop.press('curl', 'Allow')
        daemon.expect('decided %d allow 1' % flows.pop(shown))
        desktop.says('curl', sentence % next(iter(flows)))
        desktop.ready('curl')       # after a moment, by itself
        assert 'decided' not in ' '.join(daemon.until_echo())
        assert len(alice.rules()) == 1


@test
def a_flood_is_one_list():
    with Story() as (daemon, desktop, alice):
        for i in range(500):
            daemon.ask(remote='198.51.%d.%d' % (100 + i // 250, i % 250), port=443)
        desktop.appears('curl')
        # The daemon gives an agent so many, and refuses what nobody can have.
        desktop.says('curl', 'curl wants to make 64 connections.')
        assert len(desktop.windows()) == 1 and len(desktop.prompts()) == 1
        nodes = desktop.window('curl')['nodes']
        assert 64 in [n.get('rows') for n in nodes], nodes
        mark = [n for n in nodes if n['role'] == 'check box'][0]
        assert mark['name'].startswith('198.51.100.') and 'checked' in mark['states'], mark
        lines = ' '.join(daemon.until_echo())
        assert 'allow' not in lines, 'something was allowed because there was too much'
        assert lines.count(' deny limit 0') == 500 - 64, lines.count('deny limit')
        desktop.pick('curl', 'Anything', 'shift+Tab')
        desktop.press('curl', 'Deny')
        desktop.goes('curl')
        assert 'deny out program /usr/bin/curl owner %d' % ALICE in alice.texts()


@test
def hostile_text_is_shown_as_it_is():
    name = '<b>x<b>&amp;%1b[2J%e2%80%aegnp.%ff' + 'long' * 40
    with Story() as (daemon, desktop, alice):
        daemon.ask(path='/home/alice/%s' % name)
        whole = '<b>x<b>&amp;\\x1B[2J\\u{202E}gnp.\\xFF' + 'long' * 40
        window = desktop.appears(whole)
        texts = eventually('its text', lambda: [
            n['name'] for n in desktop.windows()[0]['nodes'] if 'wants to connect' in n['name']])
        assert texts[0].startswith('<b>x<b>&amp;\\x1B[2J\\u'), texts
        assert '\u2026' in texts[0] and 'longlong wants to connect' in texts[0], texts
        desktop.press(whole, 'Details')
        desktop.says(whole, '/home/alice/' + whole)
        for node in desktop.window(whole)['nodes']:
            for character in node['name']:
                assert character not in '\u202e\x1b\ufffd', node
        assert 'In a home folder' in [n['name'] for n in window['nodes']]


@test
def the_prompt_is_killed():
    with Story() as (daemon, desktop, alice):
        flow = daemon.ask()
        desktop.appears('curl')
        pid, = desktop.prompts()
        os.kill(pid, signal.SIGKILL)
        eventually('another prompt', lambda: desktop.prompts() not in ([], [pid]))
        desktop.appears('curl')
        desktop.press('curl', 'Allow')
        daemon.expect('decided %d allow 1' % flow)


@test
def another_prompt_knows_all_addresses():
    with Story() as (daemon, desktop, alice):
        daemon.ask(remote='2001:db8::1', port=443, own='shop.test')
        desktop.appears('curl')
        desktop.says('curl', '2001:db8::1')
        daemon.ask(remote='192.0.2.1', port=443, own='shop.test')
        desktop.says('curl', '2001:db8::1, 192.0.2.1')
        pid, = desktop.prompts()
        os.kill(pid, signal.SIGKILL)
        eventually('another prompt', lambda: desktop.prompts() not in ([], [pid]))
        desktop.appears('curl')
        desktop.says('curl', '2001:db8::1, 192.0.2.1')


@test
def the_prompt_dies_again_and_again():
    with Story() as (daemon, desktop, alice):
        flow = daemon.ask()
        killed = set()
        while len(killed) < 5:
            pid, = eventually('a prompt', lambda: set(desktop.prompts()) - killed)
            killed.add(pid)
            os.kill(pid, signal.SIGKILL)
        note = desktop.notification("Questions of the firewall can't be shown")
        assert 'sallyport answer' in note['body'], note
        assert not [l for l in daemon.until_echo() if l.startswith('answered')]


@test
def the_agent_is_killed():
    with Story() as (daemon, desktop, alice), Client(ROOT) as root:
        flow = daemon.ask()
        desktop.appears('curl')
        pid, = desktop.prompts()
        desktop.agent.kill()
        daemon.expect('answered %d deny nobody 0' % flow)
        desktop.goes('curl')
        eventually('no prompt', lambda: not lives(pid))
        desktop.start_agent()
        desktop.registered(root)
        flow = daemon.ask()
        desktop.appears('curl')
        desktop.press('curl', 'Allow')
        daemon.expect('decided %d allow 1' % flow)


@test
def the_agent_stops_when_told():
    with Story() as (daemon, desktop, alice):
        flow = daemon.ask()
        desktop.appears('curl')
        pid, = desktop.prompts()
        assert desktop.stop_agent() == 0
        daemon.expect('answered %d deny nobody 0' % flow)
        eventually('no prompt', lambda: not lives(pid))
        desktop.agent_log.seek(0)
        assert 'Sanitizer' not in desktop.agent_log.read()


@test
def what_allows_more_is_told():
    with Story() as (daemon, desktop, alice), Client(ROOT) as root:
        root.add('allow out program /usr/bin/curl', owner=ALICE)
        note = desktop.notification('1 rule that allows more was made')
        assert note['body'].startswith('By root:\n') and 'curl' in note['body'], note


@test
def an_agent_that_is_older_than_the_module():
    with Daemon() as daemon, Client(ROOT) as root:
        daemon.program('-', 16)
        desktop = Desktop(AGENT)
        try:
            eventually('it is executed anew', lambda: b'SALLYPORT_AGENT_ANEW=1' in open(
                '/proc/%d/environ' % desktop.agent.pid, 'rb').read())
            # Once; then it is as any other.
            assert root.status()['agents'] == 0
            daemon.stop()
            with Daemon():
                with Client(ROOT) as again:
                    desktop.registered(again)
        finally:
            desktop.__exit__(None, None, None)


@test
def a_network_is_asked_about():
    with Device() as device, Story() as (daemon, desktop, alice):
        note = desktop.notification('Which network is “%s”?' % device.name)
        assert 'network home' in note['body'], note
        desktop.choose(note, 'ignore')
        eventually('nobody is asked', lambda: not any(
            network['asks'] for network in alice.call('Networks', 'List')))
        # A name takes a password, and nobody is there to be asked for it.
        device.move('192.0.2.2', SECOND)
        note = desktop.notification('Which network is “%s”?' % device.name)
        desktop.choose(note, 'home')
        note = desktop.notification('The network was not named')
        assert 'password' in note['body'], note
        assert not any(network['name'] for network in alice.call('Networks', 'List'))


@test
def the_mode_is_told():
    with Story() as (daemon, desktop, alice), Client(ROOT) as root:
        root.mode('lockdown', reason='somebody is in')
        note = desktop.notification('Lockdown: nearly all connections are refused')
        assert note['body'] == 'somebody is in' and note['urgency'] == 2, note
        root.mode('off', seconds=3600)
        note = desktop.notification('The firewall was switched off')
        assert note['body'].startswith('Until '), note
        root.mode('normal')
        desktop.notification('The firewall works as usual again')
        root.mode('learn')
        note = desktop.notification('The firewall learns what your programs do')
        assert note['body'].startswith('Until '), note
        root.mode('normal')
        note = desktop.notification('The firewall has learned, and asks you from now on')
        assert 'switched off' in note['body'] and 'show' in note['actions'], note


@test
def the_daemon_starts_again():
    with Story() as (daemon, desktop, alice):
        daemon.ask()
        desktop.appears('curl')
        daemon.stop()
        desktop.goes('curl')
        note = desktop.notification('The firewall is not running')
        assert 'systemctl start sallyportd' in note['body'] and note['urgency'] == 2, note
        with Daemon() as second, Client(ROOT) as root:
            desktop.registered(root)
            flow = second.ask()
            desktop.appears('curl')
            desktop.press('curl', 'Deny')
            second.expect('decided %d deny 1' % flow)


@test
def keys_that_come_early_do_nothing():
    with Story() as (daemon, desktop, alice):
        for turn in range(10):
            name = 'tool%d' % turn
            flow = daemon.ask(path='/usr/bin/' + name, image=300 + turn)
            desktop.appears(name)
            desktop.focus(name)
            desktop.key('alt+a')
            button = desktop.node(name, 'push button', 'Allow')
            if button and 'sensitive' not in button['states']:
                break       # the buttons sleep still: so they did when the key came
        else:
            raise NotShown('no key was pressed in time on this machine')
        desktop.ready(name)
        assert not [l for l in daemon.until_echo()
                    if l.startswith(('answered %d ' % flow, 'decided %d ' % flow))]
        desktop.key('alt+a')
        daemon.expect('decided %d allow .*' % flow)


@test
def keys_do_nothing_by_accident():
    with Story() as (daemon, desktop, alice):
        flow = daemon.ask()
        desktop.appears('curl')
        desktop.focus('curl')
        desktop.key('Return', 'space', 'Return', 'Escape')
        desktop.ready('curl')
        role, name = desktop.focused('curl')
        assert role == 'heading' and name.startswith('curl wants to connect'), (role, name)
        desktop.key('Return', 'space', 'Return', 'Escape')
        assert not [l for l in daemon.until_echo() if l.startswith(('answered', 'decided'))]
        assert desktop.window('curl')
        desktop.key('alt+d')
        daemon.expect('decided %d deny 1' % flow)
        desktop.goes('curl')
        flow = daemon.ask(path='/usr/bin/wget', image=101)
        desktop.appears('wget')
        desktop.focus('wget')
        desktop.ready('wget')
        desktop.key('alt+a')
        daemon.expect('decided %d allow 2' % flow)


@test
def the_focus_goes_from_top_to_bottom():
    with Story() as (daemon, desktop, alice):
        daemon.ask()
        desktop.appears('curl')
        desktop.focus('curl')
        desktop.ready('curl')
        seen = []
        for _ in range(7):
            desktop.key('Tab')
            seen.append(desktop.focused('curl'))
        names = [name for role, name in seen if name]
        wanted = ['This host and port', 'For how long: always', 'Details', 'Deny', 'Not Now', 'Allow']
        assert [n for n in names if n in wanted] == wanted, seen


@test
def a_screen_reader_finds_its_way():
    with Story() as (daemon, desktop, alice):
        daemon.ask(path='/usr/bin/python3.11')
        nodes = desktop.appears('python3.11')['nodes']
        have = {(n['role'], n['name']) for n in nodes}
        for pair in (('push button', 'Allow'), ('push button', 'Deny'), ('push button', 'Not Now'),
                     ('combo box', 'For how long'), ('grouping', 'The answer is for'),
                     ('radio button', 'This host and port'), ('radio button', 'Anything'),
                     ('heading', 'python3.11 wants to connect to 192.0.2.1 on HTTP (TCP 80).')):
            assert pair in have, (pair, have)
        # No underscores of mnemonics, no class names where the focus can be.
        for node in nodes:
            assert '_' not in node['name'] or '/' in node['name'], node
            if 'focusable' in node['states'] and node['role'] in ('push button', 'radio button'):
                assert node['name'] and not node['name'].startswith(('Gtk', 'Adw')), node
        desktop.says('python3.11', 'python3.11 runs other code')


@test
def a_hand_stops_the_clock():
    with Logind() as logind, Story(clock=True) as (daemon, desktop, alice):
        flow = seen_in_time(logind, daemon, desktop)
        desktop.moves_over('curl')
        desktop.says('curl', 'the time stands still')
        daemon.tell('gone %d expired' % flow)       # the kernel holds it no longer
        desktop.moves_away()
        desktop.says('curl', 'Denied in ')
        desktop.press('curl', 'Allow')
        desktop.goes('curl')
        assert len(alice.rules()) == 1


@test
def keys_stop_the_clock():
    with Logind() as logind, Story(clock=True) as (daemon, desktop, alice):
        seen_in_time(logind, daemon, desktop)
        desktop.focus('curl')
        desktop.key('Tab')
        desktop.says('curl', 'the time stands still')


@test
def a_password_where_more_is_allowed_for_long():
    with Story('[questions]\npassword-to-allow=true\n') as (daemon, desktop, alice):
        flow = daemon.ask()
        desktop.appears('curl')
        desktop.press('curl', 'Allow')          # and nobody is there to be asked for it
        desktop.says('curl', 'password')
        assert not [l for l in daemon.until_echo() if l.startswith(('answered', 'decided'))]
        desktop.press('curl', 'Deny')
        daemon.expect('decided %d deny 1' % flow)


@test
def a_server_that_knows_markup():
    with Story() as (daemon, desktop, alice):
        daemon.ask(path='/home/alice/<b>&amp;')
        note = desktop.notification('A program waits for your answer')
        assert note['body'].startswith('&lt;b&gt;&amp;amp; wants to connect'), note


@test
def a_server_that_shows_text_alone():
    with Story(server=['body']) as (daemon, desktop, alice):
        daemon.ask(path='/home/alice/<b>&amp;')
        note = desktop.notification('A program waits for your answer')
        assert note['body'].startswith('<b>&amp; wants to connect'), note
        assert note['actions'] == [], note


@test
def nobody_looks():
    with Story() as (daemon, desktop, alice):
        flow = daemon.ask()
        note = desktop.notification('A program waits for your answer')
        assert note['body'].startswith('curl wants to connect to 192.0.2.1'), note
        assert note['urgency'] == 2, note
        actions = dict(zip(note['actions'][::2], note['actions'][1::2]))
        assert set(actions) == {'default', 'show', 'deny'}, actions
        desktop.choose(note, 'allow')       # there is no such thing
        desktop.choose(note, 'deny')
        daemon.expect('answered %d deny answer 1' % flow)
        desktop.goes('curl')
        assert not alice.rules()


@test
def what_is_over_is_not_asked_about():
    with Story() as (daemon, desktop, alice):
        daemon.ask()
        note = desktop.notification('A program waits for your answer')
        daemon.process.kill()       # one that stops takes its questions back itself
        daemon.process.wait()
        daemon.process.returncode = 0   # killed as wanted
        desktop.withdrawn(note)
        with Daemon() as second, Client(ROOT) as root:
            desktop.registered(root)
            second.ask()        # with the number of the other
            desktop.appears('curl')
            desktop.choose(note, 'deny')
            desktop.press('curl', 'Allow')
            second.expect('decided .* allow 1')


@test
def what_was_refused_before_is_told_after_log_in():
    with Daemon() as daemon, Client(ROOT) as root:
        for port in (80, 443):
            daemon.tell('record uid=%d path=/usr/bin/curl port=%d action=deny by=nobody' % (ALICE, port))
        daemon.tell('record uid=%d path=/usr/bin/wget port=80 action=deny by=rule' % ALICE)
        daemon.until_echo()
        with Desktop(AGENT) as desktop:
            desktop.registered(root)
            note = desktop.notification('Refused while nobody could be asked')
            assert note['body'] == 'curl, 2 times \u2013 nobody could be asked', note
            assert 'show' in note['actions'], note


@test
def nothing_is_missed_while_the_agent_registers():
    with Story() as (daemon, desktop, alice):
        desktop.stop_agent()
        with Overhearing('member=Watch', 'member=RegisterAgent') as calls:
            desktop.start_agent()
            assert calls.next() == 'Watch'
            assert calls.next() == 'RegisterAgent'


@test
def refusals_are_told_together():
    with Story() as (daemon, desktop, alice):
        daemon.tell('record uid=%d path=/usr/bin/curl port=80 action=deny by=deadline' % ALICE)
        note = desktop.notification('A connection was refused')
        assert 'nobody answered in time' in note['body'], note
        # What comes right after is one more, not many.
        for port in range(1, 40):
            daemon.tell('record uid=%d path=/opt/p%d port=%d action=deny by=limit' % (ALICE, port, port))
        note = desktop.notification('39 connections were refused')
        assert note['body'].endswith('\nand 28 more programs'), note


@test
def a_degraded_firewall_is_told():
    with Story() as (daemon, desktop, alice):
        open(daemon.absent, 'w').close()        # or it is back at once
        daemon.tell('stop 19')
        note = desktop.notification('The firewall protects only in part')
        assert note['urgency'] == 2 and note['body'] == 'as the test said', note


@test
def a_machine_without_the_module_is_told():
    with Daemon(absent=True) as daemon, Client(ROOT) as root, Desktop(AGENT) as desktop:
        note = desktop.notification('The firewall does not protect this machine')
        assert note['urgency'] == 2 and note['body'] == 'the kernel module is not there', note
        # When it comes, the agent is one, and nobody had to do anything.
        os.unlink(daemon.absent)
        desktop.registered(root)
        daemon.ask()
        desktop.appears('curl')


@test
def the_agent_is_small_and_sleeps():
    with Story() as (daemon, desktop, alice):
        pid = desktop.agent.pid
        # It has worked before: a window, and a notification.
        flow = daemon.ask(path='/usr/bin/id')
        desktop.notification('A program waits for your answer')
        daemon.tell('gone %d ended' % flow)
        eventually('the prompt ends', lambda: not desktop.prompts())
        private = 0
        with open('/proc/%d/smaps_rollup' % pid) as file:
            for line in file:
                if line.startswith(('Private_Clean', 'Private_Dirty')):
                    private += int(line.split()[1])
        print('# private memory of the agent: %d kB' % private)
        assert private < 8192 or SANITIZED, private
        with open('/proc/%d/maps' % pid) as file:
            assert 'libgtk' not in file.read()
        assert any(sleeps(pid) for _ in range(5)), 'it wakes up while idle'


def sleeps(pid):
    """Nothing is waited for: for this long nothing must happen."""
    before = switches(pid)
    time.sleep(6)
    return switches(pid) == before


def switches(pid):
    """Of all threads, by their own will."""
    total = 0
    for task in os.listdir('/proc/%d/task' % pid):
        with open('/proc/%d/task/%s/status' % (pid, task)) as file:
            total += sum(int(line.split()[1]) for line in file if line.startswith('voluntary'))
    return total


def others_cannot_read_it():
    with Story() as (daemon, desktop, alice):
        daemon.ask()
        desktop.appears('curl')
        for pid in desktop.prompts() + [desktop.agent.pid]:
            assert os.stat('/proc/%d/mem' % pid).st_uid == 0, pid


if not SANITIZED:       # who looks for leaks must read it
    test(others_cannot_read_it)


@test
def a_second_agent_of_the_session_leaves():
    with Story() as (daemon, desktop, alice):
        first = desktop.agent
        desktop.start_agent()
        assert desktop.agent.wait(30) == 0
        assert first.poll() is None


sys.exit(main())
