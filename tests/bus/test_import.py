#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""Many rules at once: imported in one change, listed in pages."""
import sys
import time
from harness import ALICE, INTERACTION, ROOT, BusError, Client, Daemon, fails, main, test


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
        # So much at once would hold up everybody else.
        assert 'pages' in fails('Limit', root.rules)
        after, seen, pages = 0, [], 0
        while True:
            page = root.call('Rules', 'List', '(a{sv})', {'after': ['t', after]})
            if not page:
                break
            seen += [rule['id'] for rule in page]
            after, pages = seen[-1], pages + 1
        assert seen == sorted(set(seen)) and len(seen) == 12100 and pages > 3, (len(seen), pages)
        few = root.call('Rules', 'List', '(a{sv})', {'after': ['t', seen[4]], 'limit': ['u', 7]})
        assert [rule['id'] for rule in few] == seen[5:12], few
        fails('org.freedesktop.DBus.Error.InvalidArgs', root.call, 'Rules', 'List', '(a{sv})', {'limit': ['u', 0]})
        assert len(root.undo()) == 1000 and root.rules() == []


sys.exit(main())
