#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""stories.py DAEMON AGENT: agent and prompt with the real daemon, as a person at
a desktop lives through them."""
import os
import signal
import sys
import time

from desktop import Desktop, eventually
from harness import ALICE, ROOT, Client, Daemon, main, test

AGENT = sys.argv.pop(2)


class Story:
    """A daemon, alice's desktop with its agent, and root who looks on."""

    def __init__(self, config='', **variables):
        self.daemon = Daemon(config)
        self.root, self.alice = Client(ROOT), Client(ALICE)
        self.desktop = Desktop(AGENT, **variables)
        self.desktop.registered(self.root)

    def __enter__(self):
        return self.daemon, self.desktop, self.alice

    def __exit__(self, *why):
        self.desktop.__exit__(*why)
        self.root.close()
        self.alice.close()
        self.daemon.__exit__(*why)


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


sys.exit(main())
