#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""manager_stories.py DAEMON MANAGER: the rules manager with the real daemon and polkit,
as a person lives through it who hears the screen and has a keyboard."""
import os
import subprocess
import sys

from desktop import BUS, HERE, PATIENCE, Desktop, eventually
from harness import ALICE, ROOT, Client, Daemon, main, test

MANAGER = sys.argv.pop(2)
TITLE = 'Sallyport'


class Manager(Desktop):
    """alice's desktop with the manager in the session of @client."""
    eyes_on = 'sallyport-gui'

    def __init__(self, client, page='rules', active='1'):
        self.client, self.page, self.active = client, page, active
        super().__init__(None)

    def start_agent(self):
        config = self.folder + '/.config/sallyport'
        os.makedirs(config)
        open(config + '/welcomed', 'w').close()
        os.chmod(self.folder + '/.config', 0o755)
        self.log = open(self.folder + '/manager.log', 'w+')
        self.manager = self.start([BUS + '/session.sh', self.client.session, str(ALICE),
                                   self.active, MANAGER, '--page', self.page],
                                  plain=True, stderr=self.log)

    def end(self):
        """By its window's own button: what is lost is told at its end."""
        if self.window(TITLE):
            self.push('Close')
        self.manager.wait(PATIENCE)

    def print_log(self):
        self.log.seek(0)
        for line in self.log:
            print('# manager:', line.rstrip())

    def windows(self):
        """libatspi can die of a list that is just being filled."""
        try:
            return super().windows()
        except (AssertionError, BrokenPipeError):
            self.blink()
            return []

    def hears(self, text, title=TITLE):
        return self.says(title, text)

    def hears_no_more(self, text):
        eventually('no "%s"' % text, lambda: not any(
            text in node['name'] for node in (self.window(TITLE) or {'nodes': [{'name': text}]})['nodes']))

    def do(self, *command):
        """As soon as it can be done."""
        def attempt():
            try:
                return self.tell(*command).get('reply')
            except (AssertionError, BrokenPipeError):
                self.blink()
                return None
        eventually(' '.join(command), attempt)

    def push(self, name, role='push button', title=TITLE):
        self.do('press', title, role, name)

    def write(self, name, text, title):
        self.do('write', title, name, text)


    def choose_file(self, title, path):
        """In GTK's own dialog, by keys: a path that begins with a slash is typed."""
        self.appears(title)
        self.focus(title)
        subprocess.run(['xdotool', 'type', '--delay', '30', path], env=self.environment(),
                       check=True)
        self.key('Return')


RECORDED = os.path.join(HERE, '../policy/replay/vm.flows')
PROTOCOLS = {'tcp': 6, 'udp': 17, 'icmp': 1}


def recorded():
    """What programs did in the test machine (tests/vm/suites/replay.sh), a dictionary a flow."""
    with open(RECORDED) as file:
        lines = [line.split() for line in file if not line.startswith('#')]
    return [dict(zip(words[2::2], words[3::2]), action=words[0], direction=words[1])
            for words in lines]


def replay(daemon, flow):
    """As alice's, now."""
    inbound = flow['direction'] == 'in'
    keys = {'uid': ALICE, 'path': flow['program'], 'protocol': PROTOCOLS[flow['protocol']],
            'direction': flow['direction'], 'remote': flow['from' if inbound else 'to'],
            'port': flow.get('remote-port' if inbound else 'port', 0),
            'local': flow.get('port' if inbound else 'local-port', 0),
            'own': flow['called'], 'action': flow['action'], 'rule': 1}
    daemon.tell('record ' + ' '.join('%s=%s' % item for item in keys.items()))


class Story:
    """A daemon, alice, who may have a password, and her manager."""

    def __init__(self, page='rules', password=None, session='active', rules=()):
        self.daemon = Daemon()
        self.alice = Client(ALICE, session)
        with Client(ROOT) as root:
            for rule in rules:
                root.add(rule)
        if password:
            self.alice.run('polkit', password)
        self.manager = Manager(self.alice, page, '1' if session == 'active' else '0')
        self.manager.appears(TITLE)

    def __enter__(self):
        return self.daemon, self.manager, self.alice

    def __exit__(self, *why):
        self.manager.__exit__(*why)
        self.alice.close()
        self.daemon.__exit__(*why)


MINE = 'allow out program /usr/bin/curl owner %d to 192.0.2.1' % ALICE
SENTENCE = 'Allow curl (/usr/bin/curl) to connect to 192.0.2.1.'


def is_on(alice):
    return alice.rules()[0]['enabled']


@test
def a_rule_is_switched_off_and_on_again():
    with Story(password='secret-alice', rules=[MINE]) as (daemon, manager, alice):
        manager.push('On: ' + SENTENCE, 'check box')
        eventually('it is off', lambda: not is_on(alice))
        # To allow more again takes alice's password, which polkit asks for.
        manager.push('On: ' + SENTENCE + ' (Switched off.)', 'check box')
        action, user = alice.event('password', 60)[:2]
        assert (action, user) == ('org.sallyport.firewall1.rules-own-widen', 'alice')
        eventually('it is on', lambda: is_on(alice))


@test
def what_was_learned_is_looked_through():
    with Story(password='secret-alice') as (daemon, manager, alice), Client(ROOT) as root:
        root.mode('learn')
        flow = daemon.ask(path='/usr/bin/id', port=443)
        daemon.expect('answered %d allow learning 1' % flow)
        sentence = 'Allow id (/usr/bin/id) to connect to 192.0.2.1 on port 443 (TCP).'
        manager.hears(sentence)
        manager.hears('learned')
        manager.push('On: ' + sentence + ' (Switched off.)', 'check box')
        assert alice.event('password', 60)[0] == 'org.sallyport.firewall1.rules-own-widen'
        eventually('it is on', lambda: is_on(alice))
        flow = daemon.ask(path='/usr/bin/id', port=443)
        daemon.expect('decided %d allow 1' % flow)


@test
def a_rule_is_removed():
    with Story(rules=[MINE]) as (daemon, manager, alice):
        manager.push('Remove: ' + SENTENCE, 'push button')
        eventually('it is gone', lambda: not alice.rules())


@test
def what_was_done_is_undone():
    with Story(password='secret-alice', rules=[MINE]) as (daemon, manager, alice):
        manager.push('Remove: ' + SENTENCE)
        # The toast is there for some seconds. To have the rule back allows more: that is her password's business.
        manager.push('Undo')
        assert alice.event('password', 60)[0] == 'org.sallyport.firewall1.rules-own-widen'
        eventually('it is back', alice.rules)
        manager.hears(SENTENCE)


@test
def a_rule_is_written():
    with Story(password='secret-alice') as (daemon, manager, alice):
        daemon.tell('record uid=%d path=/usr/bin/curl remote=192.0.2.1 port=443' % ALICE)
        daemon.until_echo()
        manager.push('New Rule')
        manager.appears('New Rule')
        manager.write('Program (its file; empty: any)', 'curl', 'New Rule')
        manager.hears('the path of a program begins with', 'New Rule')
        manager.write('Program (its file; empty: any)', '/usr/bin/curl', 'New Rule')
        manager.write('Port, or first-last (empty: any)', '443', 'New Rule')
        manager.hears('Allow curl (/usr/bin/curl) to connect to any address on port 443.', 'New Rule')
        manager.hears('Of the last 1 recorded connections 1 would be allowed', 'New Rule')
        manager.push('Save', title='New Rule')
        assert alice.event('password', 60)[0] == 'org.sallyport.firewall1.rules-own-widen'
        eventually('it is there', lambda: alice.texts() == [
            'allow out program /usr/bin/curl owner %d port 443' % ALICE])
        manager.goes('New Rule')


@test
def what_happened_is_seen_and_denied():
    with Story('history') as (daemon, manager, alice):
        daemon.tell('record uid=%d path=/usr/bin/curl count=3 remote=192.0.2.8 port=443' % ALICE)
        daemon.until_echo()
        manager.push('Rules', 'page tab')
        manager.push('History', 'page tab')     # it looks again
        manager.hears('3 connections allowed')
        manager.push('New (2)')
        manager.hears('New program')
        manager.push('Deny: curl')
        manager.hears('Deny connections by curl', 'New Rule')
        manager.push('Save', title='New Rule')
        eventually('it is denied', lambda: [r for r in alice.rules() if r['text'].startswith('deny')])


@test
def what_a_machine_did_is_seen_and_judged():
    flows = recorded()
    assert len(flows) == 25
    of_curl = [flow for flow in flows if flow['program'] == '/usr/bin/curl']
    to_tracker = [flow for flow in of_curl if flow['called'] == 'tracker.test']
    # Under the rule the machine had about names, as exported there.
    with Story('history', rules=['allow out protocol udp to 192.0.2.2 port 53']) as (
            daemon, manager, alice):
        for flow in flows:
            replay(daemon, flow)
        daemon.until_echo()
        manager.push('Rules', 'page tab')
        manager.push('History', 'page tab')     # it looks again
        for name in {os.path.basename(flow['program']) for flow in flows}:
            manager.hears(name)
        manager.hears('%d connections allowed · %d attempts refused' % (
            len([flow for flow in flows if flow['action'] == 'allow']),
            len([flow for flow in flows if flow['action'] != 'allow'])))
        manager.push('Rules', 'page tab')
        manager.push('New Rule')
        manager.appears('New Rule')
        manager.write('Program (its file; empty: any)', '/usr/bin/curl', 'New Rule')
        # What the rule about names allows already would not change.
        manager.hears('Of the last 25 recorded connections %d would be allowed, such as' % len(
            [flow for flow in of_curl if flow.get('port') != '53']), 'New Rule')
        manager.write('Other end (host, *.domain, address, lan, @list; empty: any)', 'tracker.test', 'New Rule')
        manager.hears('Of the last 25 recorded connections %d would be allowed, such as' %
                      len(to_tracker), 'New Rule')


@test
def rules_are_unlocked_from_afar():
    """Her session is not the active one: to see what is hers takes her password."""
    with Story(password='secret-alice', session='inactive', rules=[MINE]) as (
            daemon, manager, alice):
        manager.hears('Your password is needed to see your rules here.')
        manager.push('Unlock…')
        action, user = alice.event('password', 60)[:2]
        assert (action, user) == ('org.sallyport.firewall1.observe-own', 'alice')
        manager.hears(SENTENCE)


@test
def without_the_password_it_stays_locked():
    with Story(password='wrong', session='inactive', rules=[MINE]) as (daemon, manager, alice):
        manager.push('Unlock…')
        alice.event('password', 60)
        manager.hears('Your password is needed to see your rules here.')
        assert manager.node(TITLE, 'label', SENTENCE) is None


@test
def rules_are_imported_and_exported():
    with Story(rules=[MINE]) as (daemon, manager, alice):
        path = manager.folder + '/some.rules'
        with open(path, 'w') as file:
            file.write('deny out owner %d to 192.0.2.7\n%s\n' % (ALICE, MINE))
        manager.push('Import and Export')
        manager.push('Import…', 'menu item')
        manager.choose_file('Import Rules', path)
        manager.hears('1 rule would be added.', 'Import Rules')
        assert len(alice.rules()) == 1          # not before it is said
        manager.push('Import', title='Import Rules')
        eventually('it is there', lambda: len(alice.rules()) == 2)


@test
def the_daemon_goes_and_comes_back():
    with Client(ALICE) as alice:
        daemon = Daemon()
        with Manager(alice) as manager:
            manager.appears(TITLE)
            daemon.stop()
            with Daemon(), Client(ROOT) as root:
                root.add(MINE)
                manager.hears(SENTENCE)


@test
def a_screen_reader_finds_its_way():
    with Story(rules=[MINE]) as (daemon, manager, alice):
        manager.hears(SENTENCE)
        for node in manager.window(TITLE)['nodes']:
            if 'focusable' in node['states'] and node['role'] in ('push button', 'toggle button'):
                assert node['name'] and not node['name'].startswith(('Gtk', 'Adw')), node
                assert '_' not in node['name'], node


@test
def root_is_turned_away():
    done = subprocess.run([MANAGER], stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2 and 'not run as root' in done.stderr, done


sys.exit(main())
