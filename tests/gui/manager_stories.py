#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""manager_stories.py DAEMON MANAGER: the rules manager with the real daemon and polkit,
as a person lives through it who hears the screen and has a keyboard."""
import os
import subprocess
import sys

from desktop import BUS, Desktop, eventually
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
        self.start([BUS + '/session.sh', self.client.session, str(ALICE), self.active,
                    MANAGER, '--page', self.page], plain=True, stderr=self.log)

    def print_log(self):
        self.log.seek(0)
        for line in self.log:
            print('# manager:', line.rstrip())

    def hears(self, text):
        return self.says(TITLE, text)

    def push(self, name, role):
        """As soon as it is there; libatspi can die of a list that is just being filled."""
        def press():
            try:
                return self.tell('press', TITLE, role, name).get('reply')
            except (AssertionError, BrokenPipeError):
                self.blink()
                return None
        eventually('a ' + name, press)


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
def a_rule_is_removed():
    with Story(rules=[MINE]) as (daemon, manager, alice):
        manager.push('Remove: ' + SENTENCE, 'push button')
        eventually('it is gone', lambda: not alice.rules())


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
