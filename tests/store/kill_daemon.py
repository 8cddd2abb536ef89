# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon is killed at random moments while rules are added, changed and removed
over the bus: what a caller was told is there again, the call that was under way is
there whole or not at all."""
import os
import random
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'bus'))
from harness import ROOT, BusError, Client, Daemon, main, test  # noqa: E402

KILLS = int(os.environ.get('STORE_KILLS', 0)) // 20 or 25


def step(client, known, number):
    """One change; yields what will be known, then makes it."""
    after = dict(known)
    if known and number % 3 == 2:
        gone = random.sample(sorted(known), min(len(known), random.randint(1, 3)))
        for rule in gone:
            del after[rule]
        yield after
        client.remove(*gone)
    else:
        text = 'deny out to 10.%d.%d.0/24 # %d' % (number // 256, number % 256, number)
        after[None] = text
        yield after
        rule = client.add(text)
        del after[None]
        after[rule] = text


def matches(found, expected):
    """The id of a rule that was under way is not known."""
    if None not in expected:
        return found == expected
    rest = {rule: text for rule, text in found.items() if expected.get(rule) != text}
    return len(found) == len(expected) and list(rest.values()) == [expected[None]]


def until_killed(daemon, client, known, number):
    """Kills the daemon at some moment after some changes; what was known last, what was
    under way, and the number of the last change."""
    under_way, last = known, number + random.randint(0, 12)
    killer = threading.Timer(random.uniform(0.0005, 0.015), daemon.process.kill)
    try:
        while True:
            if number == last:
                killer.start()
            number += 1
            for under_way in step(client, known, number):
                pass
            known = under_way
    except BusError as error:
        assert 'Firewall1.Error' not in error.name, error
    killer.join()
    daemon.process.wait()
    assert number > last
    return known, under_way, number


@test
def rules_survive_the_daemon():
    state = tempfile.mkdtemp(dir='/run/test') + '/state'
    known, under_way, number, torn = {}, {}, 0, 0
    random.seed(11)
    for _ in range(KILLS):
        daemon = Daemon(state=state)
        with Client(ROOT) as client:
            found = {rule['id']: rule['text'] for rule in client.rules()}
            if found != known:
                assert matches(found, under_way), (found, known, under_way)
                torn += 1
            known, under_way, number = until_killed(daemon, client, found, number)
    print('# %d kills, %d changes acknowledged and found, %d durable before they were told' %
          (KILLS, number - KILLS, torn))
    with Daemon(state=state), Client(ROOT) as client:
        assert client.call('Manager', 'GetStatus')['rules'] == len(client.rules())
        assert not [name for name in os.listdir(state) if 'damaged' in name]


sys.exit(main())
