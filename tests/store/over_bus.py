# SPDX-License-Identifier: GPL-2.0-or-later
"""What stands on the store, over the bus: changing rules, undo, redo, the journal,
what happens when the disk is full or the store is damaged; and the history."""
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'bus'))
from harness import ALICE, BOB, INTERACTION, ROOT, Client, Daemon, fails, main, test  # noqa: E402


@test
def rules_are_edited():
    with Daemon() as daemon, Client(ROOT) as root, Client(ALICE) as alice:
        mine = root.add('allow out program /usr/bin/curl', owner=ALICE)
        first = alice.rules()[0]
        alice.edit(mine, 'drop out program /usr/bin/curl # quietly')
        rule = alice.rules()[0]
        assert rule['text'] == 'drop out program /usr/bin/curl owner %d # quietly' % ALICE, rule
        assert [rule[k] for k in ('id', 'created', 'maker')] == \
            [first[k] for k in ('id', 'created', 'maker')]
        assert daemon.expect('snapshot .*')
        # Wider takes the password, and nothing happens without it.
        fails(INTERACTION, alice.edit, mine, 'allow out program /usr/bin/curl')
        fails(INTERACTION, alice.edit, mine, 'deny out owner system')
        assert alice.rules() == [rule]
        number = root.add('deny out')
        fails(INTERACTION, alice.edit, number, 'deny out port 1')
        root.edit(number, 'deny out to 192.0.2.1', lifetime='1h')
        assert root.rules()[0]['expires']
        assert 'column 1' in fails('InvalidRule', root.edit, number, 'nonsense')
        fails('NoSuchRule', root.edit, 99, 'deny out')
        fails('org.freedesktop.DBus.Error.InvalidArgs', root.edit, number, 'deny out', owner=5)


@test
def rules_are_switched():
    with Daemon() as daemon, Client(ROOT) as root, Client(ALICE) as alice:
        numbers = [root.add('allow out to 192.0.2.%d' % i) for i in range(3)]
        fails(INTERACTION, alice.disable, numbers[0])
        root.disable(*numbers[:2])
        assert [rule['enabled'] for rule in root.rules()] == [False, False, True]
        root.disable(*numbers)
        root.enable(numbers[0])
        assert [rule['enabled'] for rule in root.rules()] == [True, False, False]
        fails('NoSuchRule', root.enable, numbers[1], 99)
        assert [rule['enabled'] for rule in root.rules()] == [True, False, False]
        # One's own denial: off takes the password, on does not.
        mine = alice.add('deny out program /usr/bin/curl')
        fails(INTERACTION, alice.disable, mine)
        root.disable(mine)
        alice.enable(mine)
        assert alice.rules()[-1]['enabled']


@test
def changes_are_undone_and_redone():
    with Daemon() as daemon, Client(ROOT) as root:
        number = root.add('allow out to 192.0.2.1')
        root.edit(number, 'deny out to 192.0.2.1')
        entries = root.undo()
        assert len(entries) == 1 and entries[0]['rule'] == number, entries
        assert entries[0]['before'] == 'allow out to 192.0.2.1'
        assert root.texts() == ['allow out to 192.0.2.1']
        root.undo()
        assert root.texts() == []
        fails('NoSuchChange', root.undo)
        root.undo(redo=True)
        root.undo(redo=True)
        assert root.texts() == ['deny out to 192.0.2.1']
        fails('NoSuchChange', root.undo, redo=True)
        root.remove(number)
        root.undo()
        assert root.rules()[0]['id'] == number
        kinds = [entry['kind'] for entry in root.journal()]
        assert kinds == ['undo', 'change', 'redo', 'redo', 'undo', 'undo', 'change', 'change'], kinds
        assert root.journal(1)[0]['target'] == root.journal(2)[1]['change']


@test
def an_undo_that_can_not_be_says_why():
    with Daemon() as daemon, Client(ROOT) as root:
        number = root.add('allow out to 192.0.2.1')
        root.edit(number, 'deny out to 192.0.2.1')
        message = fails('Conflict', root.undo, 1)
        assert 'deny out to 192.0.2.1' in message and 'rule %d' % number in message, message
        fails('NoSuchChange', root.undo, 77)
        assert root.texts() == ['deny out to 192.0.2.1']


@test
def undo_takes_what_its_effect_takes():
    with Daemon() as daemon, Client(ROOT) as root, Client(ALICE) as alice, Client(BOB) as bob:
        alice.run('polkit', 'secret-alice')
        alice.add('deny out program /usr/bin/curl')
        # It would allow more than now.
        fails(INTERACTION, alice.undo)
        alice.undo(interactive=True)
        assert alice.event('password')[0] == 'org.sallyport.firewall1.rules-own-widen'
        assert alice.rules() == []
        # Again: a denial, which takes nothing.
        alice.undo(redo=True)
        # Root's and others' changes are not hers, by number neither.
        number = root.add('deny out to 192.0.2.7')
        fails(INTERACTION, alice.undo, root.journal(1)[0]['change'])
        fails('NoSuchChange', bob.undo)
        assert len(root.rules()) >= 1 and number


@test
def the_journal_shows_one_s_own():
    with Daemon() as daemon, Client(ROOT) as root, Client(ALICE) as alice, Client(BOB) as bob:
        alice.add('deny out program /usr/bin/curl')
        root.add('deny out to 192.0.2.7')
        assert len(alice.journal()) == 2
        assert [entry['maker'] for entry in bob.journal()] == [ROOT]
        assert len(root.journal()) == 1 and len(root.journal(all=True)) == 2
        fails(INTERACTION, bob.journal, all=True)
        fails('Limit', root.journal, 1001)


class SmallDisk:
    """A state folder on a file system of its own, and a folder that the restart empties."""
    def __init__(self):
        self.folder = tempfile.mkdtemp(dir='/run/test')
        self.state, self.run = self.folder + '/state', self.folder + '/run'
        os.mkdir(self.state)
        os.mkdir(self.run)
        subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=1m,mode=0700', 'tmpfs', self.state],
                       check=True)

    def daemon(self):
        return Daemon(state=self.state, env={'RUNTIME_DIRECTORY': self.run})

    def fill(self):
        with open(self.state + '/filler', 'wb', buffering=0) as file:
            try:
                while file.write(b'x' * 4096):
                    pass
            except OSError:
                pass

    def free(self):
        os.unlink(self.state + '/filler')


def wear_out(root):
    """What room is left in the log is used up."""
    while True:
        try:
            root.add('allow out to 192.0.2.2')
        except Exception as error:
            assert 'NotSaved' in str(error) and 'full' in str(error), error
            return


@test
def a_full_disk_refuses_no_denial():
    disk = SmallDisk()
    with disk.daemon() as daemon, Client(ROOT) as root:
        root.add('allow out to 192.0.2.1')
        disk.fill()
        wear_out(root)
        before = root.texts()
        # What allows more is refused.
        fails('NotSaved', root.add, 'allow out to 192.0.2.99')
        assert root.texts() == before
        # What denies is in force, and it is said that it is not saved.
        message = fails('NotSaved', root.add, 'deny out to 192.0.2.1')
        assert 'until the machine is restarted' in message, message
        assert root.texts() == before + ['deny out to 192.0.2.1']
        message = fails('NotSaved', root.remove, 1)
        assert 'until the machine is restarted' in message, message
        now = root.texts()
        assert len(now) == len(before)
        status = root.call('Manager', 'GetStatus')
        assert any('not saved' in reason for reason in status['reasons']), status['reasons']
    # The daemon starts again, and the disk is still full.
    with disk.daemon() as daemon, Client(ROOT) as root:
        assert root.texts() == now
        disk.free()
        root.add('deny in')
        assert root.texts() == now + ['deny in']
        status = root.call('Manager', 'GetStatus')
        assert not any('not saved' in reason for reason in status['reasons'])
        assert not os.path.exists(disk.run + '/unsaved')
    with disk.daemon() as daemon, Client(ROOT) as root:
        assert root.texts() == now + ['deny in']


@test
def an_answer_holds_on_a_full_disk():
    disk = SmallDisk()
    with disk.daemon() as daemon, Client(ROOT) as root, Client(ALICE) as alice:
        alice.register()
        root.add('deny in')
        disk.fill()
        wear_out(root)
        before = root.texts()
        flow = daemon.ask()
        ask = alice.event('Ask')
        message = fails('NotSaved', alice.answer, ask)
        assert 'until the machine is restarted' in message, message
        daemon.expect('snapshot .*')
        assert len(alice.rules()) == len(before) + 1
        assert flow and 'allow out program /usr/bin/curl' in alice.texts()[-1]


@test
def a_damaged_store_is_told_and_restored():
    state = tempfile.mkdtemp(dir='/run/test') + '/state'
    with Daemon(state=state) as daemon, Client(ROOT) as root:
        number = root.add('allow out to 192.0.2.1')
        root.add('deny out to 192.0.2.2')
        texts = root.texts()
    with open(state + '/policy.db', 'r+b') as file:
        file.truncate(5000)
    with Daemon(state=state) as daemon, Client(ROOT) as root:
        assert root.texts() == texts
        status = root.call('Manager', 'GetStatus')
        assert any('policy.db.damaged-1' in reason for reason in status['reasons']), status
        assert all(rule['confirmed'] for rule in root.rules())
    # And with a copy that lacks the last change: its allows ask.
    old = open(state + '/policy.rules', 'rb').read()
    with Daemon(state=state) as daemon, Client(ROOT) as root:
        root.add('deny out to 192.0.2.3')
    with open(state + '/policy.rules', 'wb') as file:
        file.write(old)
    os.unlink(state + '/policy.db')
    with Daemon(state=state) as daemon, Client(ROOT) as root:
        assert root.texts() == texts
        assert [rule['confirmed'] for rule in root.rules()] == [False, True]
        reasons = root.call('Manager', 'GetStatus')['reasons']
        assert any('until they are confirmed' in reason for reason in reasons), reasons
        root.enable(number)
        assert all(rule['confirmed'] for rule in root.rules())


HOUR = 3600 * 1000000


def totals(client, *by, step=0, since=HOUR, interactive=False, **options):
    now = int(time.time() * 1000000)
    return client.call('History', 'Totals', '(xxuasa{sv})', now - since, now + HOUR, step, by,
                       options, interactive=interactive)[1]


def record(daemon, **keys):
    daemon.tell('record ' + ' '.join('%s=%s' % item for item in keys.items()))


@test
def rules_end_with_the_boot():
    state = tempfile.mkdtemp(dir='/run/test') + '/state'
    with Daemon(state=state) as daemon, Client(ROOT) as root:
        with open('/proc/sys/kernel/random/boot_id', encoding='ascii') as file:
            root.add('allow out to 192.0.2.1 until reboot boot ' + file.read().strip())
        root.add('allow out to 192.0.2.2 until reboot boot ' + '0' * 32)
        root.add('allow out to 192.0.2.3')
        root.remove(3)
        assert len(root.rules()) == 2
    with Daemon(state=state) as daemon, Client(ROOT) as root:
        daemon.expect('snapshot 1')
        assert [rule['id'] for rule in root.rules()] == [1]
        # That was nobody's change: what root undoes is his own.
        assert root.journal(1)[0]['how'] == 'expired'
        root.undo()
        assert [rule['id'] for rule in root.rules()] == [1, 3]


@test
def history_is_summed_up():
    state = tempfile.mkdtemp(dir='/run/test') + '/state'
    with Daemon(state=state) as daemon, Client(ALICE) as alice, Client(BOB) as bob, \
            Client(ROOT) as root:
        record(daemon, uid=ALICE, path='/usr/bin/curl', port=443, remote='192.0.2.1', flows=3)
        record(daemon, uid=ALICE, path='/usr/bin/curl', port=443, remote='192.0.2.2')
        record(daemon, uid=BOB, path='/usr/bin/wget', port=80, remote='192.0.2.1')
        daemon.until_echo()
        assert totals(alice, 'program') == [{'program': '/usr/bin/curl', 'flows': 4,
                                             'bytes-out': 0, 'bytes-in': 0}]
        rows = totals(alice, 'host', 'port', 'action')
        assert [(r['host'], r['port'], r['action'], r['flows']) for r in rows] == \
            [('192.0.2.1', 443, 'allow', 3), ('192.0.2.2', 443, 'allow', 1)], rows
        assert totals(bob, 'program')[0]['flows'] == 1
        assert [row['user'] for row in totals(root, 'user', all=True)] == [ALICE, BOB]
        fails(INTERACTION, totals, alice, 'user', all=True)
        steps = totals(alice, step=3600)
        assert len(steps) == 1 and steps[0]['start'] % HOUR == 0, steps
        fails('org.freedesktop.DBus.Error.InvalidArgs', totals, alice, 'nonsense')
        fails('org.freedesktop.DBus.Error.InvalidArgs', totals, alice, step=7)
        # Pages, and what has this in it; others' rows are in none of them.
        part = lambda client, **options: [row['host'] for row in totals(client, 'host', **options)]
        assert part(alice, limit=['u', 1]) == ['192.0.2.1']
        assert part(alice, limit=['u', 1], skip=['u', 1]) == ['192.0.2.2']
        assert part(alice, limit=['u', 1], skip=['u', 2]) == []
        assert part(alice, program=['s', '/usr/bin/curl']) == ['192.0.2.1', '192.0.2.2']
        assert part(alice, program=['s', '/usr/bin/wget']) == []
        assert part(alice, contains=['s', '2.2']) == ['192.0.2.2']
        assert part(alice, contains=['s', 'CURL']) == ['192.0.2.1', '192.0.2.2']
        for limit in (0, 10001):
            fails('org.freedesktop.DBus.Error.InvalidArgs', part, alice, limit=['u', limit])
    # It outlives the daemon.
    with Daemon(state=state) as daemon, Client(ALICE) as alice:
        assert totals(alice)[0]['flows'] == 4


@test
def history_is_forgotten():
    with Daemon() as daemon, Client(ALICE) as alice, Client(ROOT) as root:
        for uid in ALICE, BOB:
            record(daemon, uid=uid, path='/usr/bin/curl', port=443, remote='192.0.2.1')
        daemon.until_echo()
        assert len(totals(root, 'user', all=True)) == 2
        fails(INTERACTION, alice.call, 'History', 'Forget', '(a{sv})', {})
        alice.run('polkit', 'secret-alice')
        fails(INTERACTION, alice.call, 'History', 'Forget', '(a{sv})', {'all': True})
        alice.call('History', 'Forget', '(a{sv})', {}, interactive=True)
        assert alice.call('History', 'Recent', '(ua{sv})', 10, {}) == []
        assert [row['user'] for row in totals(root, 'user', all=True)] == [BOB]
        root.call('History', 'Forget', '(a{sv})', {'all': True})
        assert root.call('History', 'Recent', '(ua{sv})', 10, {'all': True}) == []
        assert totals(root, 'user', all=True) == []


@test
def hosts_are_not_recorded():
    with Daemon(config='[history]\nhosts=false\n') as daemon, Client(ALICE) as alice:
        record(daemon, uid=ALICE, path='/usr/bin/curl', port=443, remote='192.0.2.1')
        daemon.until_echo()
        assert totals(alice, 'host', 'port') == [{'host': '', 'port': 443, 'flows': 1,
                                                  'bytes-out': 0, 'bytes-in': 0}]


@test
def a_damaged_history_stops_nothing():
    state = tempfile.mkdtemp(dir='/run/test') + '/state'
    with Daemon(state=state) as daemon, Client(ALICE) as alice:
        record(daemon, uid=ALICE, path='/usr/bin/curl', port=443, remote='192.0.2.1')
        daemon.until_echo()
        assert totals(alice, 'program')
    with open(state + '/history.db', 'r+b') as file:
        file.write(b'nonsense' * 20)
    with Daemon(state=state) as daemon, Client(ALICE) as alice:
        alice.add('deny out')
        assert totals(alice, 'program') == []
        record(daemon, uid=ALICE, path='/usr/bin/curl', port=443, remote='192.0.2.1')
        daemon.until_echo()
        assert totals(alice, 'program')[0]['flows'] == 1


sys.exit(main())
