#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""The bus, attacked: whoever may not, gets nothing, and the daemon serves on.

The attacks are those of attack.py, in sessions of bob (who does not sit at the
machine) and of alice (who does).
"""
import os
import subprocess
import sys
from xml.etree import ElementTree
from harness import ALICE, BOB, HERE, ROOT, Client, Daemon, main, test

MEGABYTE = 1024		# kB
sessions = 0


def attack(uid, session, *words, timeout=120):
    """The attack's lines, run as this user."""
    global sessions
    sessions += 1
    command = ['/usr/bin/python3', '-W', 'ignore', HERE + '/attack.py', *map(str, words)]
    active = {'active': '1', 'inactive': '0', 'none': 'none'}[session]
    command = [HERE + '/session.sh', 'spbus9%d' % sessions, str(uid), active] + command
    result = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.splitlines()


def memory(daemon, key='VmRSS'):
    """In kB."""
    with open('/proc/%d/status' % daemon.process.pid) as file:
        for line in file:
            if line.startswith(key + ':'):
                return int(line.split()[1])


def table(lines):
    return dict(line.split(' | ') for line in lines)


def show(who, rows):
    for what, result in rows.items():
        print('# %-10s %-44s %-18s %s' % (who, what, ACTION.get(what) or '-', result))


# What each takes: a polkit action, or None, where it only ends what the caller began.
ACTION = {
    'Manager.GetStatus': 'status', 'Manager.GetSettings': 'status', 'Manager.SetMode': 'mode',
    'Manager.Guard': None,
    'Rules.List': 'observe-own', "Rules.List, everybody's": 'observe-all',
    'Rules.Add, allow': 'rules-own-widen', 'Rules.Add, deny': 'rules-own-narrow',
    'Rules.Add, for another user': 'rules-system', 'Rules.Add, for the system': 'rules-system',
    'Rules.Add, owner written in the text': 'rules-system',
    'Rules.Add, a floor rule of the system': 'floor',
    'Rules.Import, one for the system': 'rules-system',
    'Rules.Remove, one of the system': 'rules-system',
    'Rules.Enable, one of the system': 'rules-system',
    'Rules.Disable, one of the system': 'rules-system',
    'Rules.Edit, one of the system': 'rules-system',
    'Rules.Undo, a change of the system': 'rules-system',
    'Rules.Redo, a change of the system': 'rules-system',
    'Rules.Journal': 'observe-own', "Rules.Journal, everybody's": 'observe-all',
    'Networks.List': 'observe-own', 'Networks.Name': 'rules-system',
    'Networks.Forget': 'rules-system', 'Networks.Ignore': 'answer',
    'Questions.Introduce': None, 'Questions.RegisterAgent': 'agent-foreign',
    'Questions.RegisterAgent, introduced': 'answer',
    'Questions.UnregisterAgent': None,
    'Questions.Answer': 'answer', 'Questions.Dismiss': 'answer', 'Questions.Hold': None,
    'History.Totals': 'observe-own', "History.Totals, everybody's": 'observe-all',
    'History.Forget': 'forget-own', "History.Forget, everybody's": 'forget-all',
    'History.Recent': 'observe-own', "History.Recent, everybody's": 'observe-all',
    'History.Watch': 'observe-own', "History.Watch, everybody's": 'observe-all',
    'History.Unwatch': None,
    'Flows.List': 'observe-own', "Flows.List, everybody's": 'observe-all',
    "Flows.End, another's": 'rules-system',
}
PASSWORD = 'InteractiveAuthorizationRequired'
NOT_THERE = {
    'Rules.Add, a floor rule': 'InvalidRule',
    'a method that is not there': 'UnknownMethod',
    "Manager.Confirm, another's": 'NoSuchChange',
    'an interface that is not there': 'AccessDenied',
    "an agent's method": 'AccessDenied',
    'taking the name': 'AccessDenied',
}


def defaults():
    """Of each action: who needs no password, of "any", "inactive" and "active"."""
    path = '/usr/share/polkit-1/actions/org.sallyport.firewall1.policy'
    return {action.get('id').rsplit('.', 1)[1]:
            {kind for kind in ('any', 'inactive', 'active')
             if action.findtext('defaults/allow_' + kind) == 'yes'}
            for action in ElementTree.parse(path).getroot().iter('action')}


def expected(what, session, free):
    if what in NOT_THERE:
        return {NOT_THERE[what]}
    if what.startswith('properties of'):
        return {'ok'}	# there are none
    if what.startswith('setting a property'):
        return {'InvalidArgs'}
    action = ACTION[what]
    if action and session not in free[action]:
        return {PASSWORD}
    # Nobody has a question, and who did not become an agent is none.
    if what in ('Questions.Answer', 'Questions.Dismiss', 'Questions.Hold'):
        return {'NoSuchQuestion'}
    if what == 'Networks.Ignore':
        return {'NoSuchNetwork'}
    return {'ok', 'NoSuchQuestion'} if what == 'Questions.UnregisterAgent' else {'ok'}


def every_method():
    """As the interfaces have them, but for the agents'."""
    tree = ElementTree.parse(os.path.dirname(os.path.abspath(__file__)) +
                             '/../../data/org.sallyport.Firewall1.xml')
    for interface in tree.getroot().iter('interface'):
        short = interface.get('name').rsplit('.', 1)[1]
        for method in interface.iter('method'):
            if short != 'Agent':
                yield short + '.' + method.get('name')


@test
def everything_once():
    with Daemon() as daemon, Client(ROOT) as root:
        rule = root.add('allow out program /usr/bin/curl')
        daemon.tell('flow uid=0')
        daemon.until_echo()
        assert root.call('Flows', 'List', '(tua{sv})', 0, 1, {'all': True})[1][0]['id'] == 1
        free = defaults()
        for session, uid, other in ('inactive', BOB, ALICE), ('active', ALICE, BOB):
            rows = table(attack(uid, session, 'attempts', other, rule))
            show(session, rows)
            for method in every_method():
                assert any(what.split(',')[0] == method for what in rows), method
            for what, result in rows.items():
                assert result in expected(what, session, free), (session, what, result)
        assert root.texts() == ['allow out program /usr/bin/curl'], root.texts()
        everybody_s = root.call('Rules', 'List', '(a{sv})', {'all': True})
        assert sorted(r['text'] for r in everybody_s) == [
            'allow out program /usr/bin/curl', 'deny out owner %d to 203.0.113.1' % ALICE,
            'deny out owner %d to 203.0.113.1' % BOB], everybody_s


@test
def anything():
    with Daemon() as daemon, Client(ROOT) as root:
        root.add('allow out program /usr/bin/curl')
        for seed, session, uid in (1, 'inactive', BOB), (2, 'active', ALICE), (3, 'none', BOB):
            rows = table(attack(uid, session, 'random', seed, 60))
            show(session, rows)
            assert len(rows) >= 11, rows	# of methods
        everybody_s = root.call('Rules', 'List', '(a{sv})', {'all': True})
        assert [r['text'] for r in everybody_s] == ['allow out program /usr/bin/curl'], everybody_s


@test
def somebody_else_s_question():
    with Daemon() as daemon, Client(ALICE).register() as alice, Client(BOB) as bob:
        flow = daemon.ask()
        number, token, _ = ask = alice.event('Ask')
        words = number, token, 'allow', 'anything', 'always'
        for session, uid, result in (('inactive', BOB, PASSWORD), ('active', BOB, 'NoSuchQuestion'),
                                     ('active', ALICE, 'NoSuchQuestion')):
            line, = attack(uid, session, 'answer', *words)
            show(session, {'the right token by another connection of uid %d' % uid: line})
            assert line == result, line
            line, = attack(uid, session, 'guess', number, 300)
            show(session, {'300 tokens guessed by uid %d' % uid: line})
            assert line == result + ':300', line
        assert 'decided' not in ' '.join(daemon.until_echo())
        alice.answer(ask, action='deny')
        daemon.expect('decided %d deny .*' % flow)
        for other in alice, bob:	# once
            try:
                other.answer(ask)
            except Exception as error:
                assert 'NoSuchQuestion' in str(error), error
            else:
                raise AssertionError('answered again')


@test
def agents_of_others_get_nothing():
    with Daemon() as daemon, Client(ALICE).register() as alice, Client(BOB).register() as bob:
        daemon.ask()
        alice.event('Ask')
        daemon.ask(uid=ROOT)
        bob.quiet('Ask')


# Bounded: what a user can make the daemon take is a few megabytes, and root is
# served meanwhile. A bus has its own limit of connections.
FLOODS = (('connections', 300), ('agents', 200), ('watches', 200), ('calls', 500),
          ('strings', 1000000), ('strings', 30000000), ('options', 100000),
          ('numbers', 3000000))


@test
def floods_are_bounded():
    with Daemon() as daemon, Client(ROOT) as root:
        root.call('Manager', 'GetStatus')
        before = memory(daemon)
        for kind, count in FLOODS:
            lines = attack(BOB, 'active', 'flood', kind, count, timeout=280)
            show('flood', {'%s %d' % (kind, count): ' '.join(lines[:-1])})
            assert lines[-1] == 'done', lines
            assert root.call('Manager', 'GetStatus')['state'] == 'protecting'
        most = memory(daemon, 'VmHWM')
        print('# memory: %d kB before, at most %d kB' % (before, most))
        if 'ASAN_OPTIONS' not in os.environ:    # they keep what was freed
            assert most < before + 16 * MEGABYTE, (before, most)


@test
def a_large_message_has_no_body():
    with Daemon() as daemon, Client(ROOT) as root:
        attack(BOB, 'active', 'flood', 'strings', 140000)
        # What fits goes through, and so does what follows one that does not.
        assert root.add('allow out # ' + 'x' * 1000)
        assert len(root.texts()) == 1, root.texts()


sys.exit(main())
