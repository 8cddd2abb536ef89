#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""Open flows, and the history."""
import sys
import time
from harness import ALICE, BOB, INTERACTION, ROOT, Client, Daemon, fails, main, test


@test
def open_flows():
    with Daemon() as daemon, Client(ALICE) as alice, Client(ROOT) as root:
        daemon.tell('flow uid=%d image=100 path=/usr/bin/curl port=443 pid=7 out=1000 in=20000' % ALICE)
        daemon.tell('flow uid=%d image=101 path=/usr/bin/wget port=80' % BOB)
        daemon.tell('flow uid=%d image=100 path=/usr/bin/curl port=53 protocol=17' % ALICE)
        daemon.until_echo()
        when, flows = alice.flows()
        assert abs(when / 1e6 - time.time()) < 5
        assert sorted(f['remote-port'] for f in flows) == [53, 443], flows
        flow, = [f for f in flows if f['remote-port'] == 443]
        assert flow['program'] == '/usr/bin/curl' and flow['action'] == 'allow', flow
        assert flow['user'] == ALICE and flow['pid'] == 7 and flow['rule'] == 3, flow
        assert flow['protocol'] == 'tcp' and flow['remote'] == '192.0.2.1', flow
        assert (flow['bytes-out'], flow['bytes-in']) == (1000, 20000), flow
        assert (flow['packets-out'], flow['packets-in']) == (4, 5), flow
        assert when - flow['since'] == 10000000 and when - flow['used'] == 1000000, flow
        fails(INTERACTION, alice.flows, all=True)
        assert len(root.flows(all=True)[1]) == 3 and root.flows()[1] == []


@test
def open_flows_in_pages():
    with Daemon() as daemon, Client(ROOT) as root:
        for i in range(2500):
            daemon.tell('flow uid=%d port=%d' % (ALICE, i))
        daemon.until_echo()
        seen, after = [], 0
        while True:
            page = root.flows(after, 1000, all=True)[1]
            seen += [f['id'] for f in page]
            if len(page) < 1000:
                break
            after = seen[-1]
        assert len(seen) == 2500 and seen == sorted(set(seen)), len(seen)
        fails('Limit', root.flows, 0, 1001, all=True)
        assert root.flows(0, 0, all=True)[1] == []
        # All of them within a second: the kernel was asked at most that often.
        begun = time.monotonic()
        daemon.until_echo()
        for _ in range(40):
            root.flows(0, 1, all=True)
        listed = daemon.until_echo().count('listed 2500')
        assert listed <= 1 + (time.monotonic() - begun), listed


@test
def a_flow_keeps_its_number():
    with Daemon() as daemon, Client(ALICE) as alice:
        def ports(wanted):
            """The flows, once they are these: a listing is shared for a second."""
            until = time.time() + 10
            while sorted(f['remote-port'] for f in alice.flows()[1]) != wanted:
                assert time.time() < until, alice.flows()
            return alice.flows()[1]
        daemon.tell('flow uid=%d port=1' % ALICE)
        first, = ports([1])
        daemon.tell('flow uid=%d port=2' % ALICE)
        old, new = ports([1, 2])
        assert old['id'] == first['id'] and new['id'] > old['id'], (first, old, new)
        daemon.tell('ended')
        daemon.tell('flow uid=%d port=3' % ALICE)
        third, = ports([3])
        assert third['id'] > new['id'], third
        fails('NoSuchFlow', alice.end, old['id'])


@test
def flows_are_ended_by_who_may():
    with Daemon() as daemon, Client(ALICE) as alice, Client(ROOT) as root:
        daemon.tell('flow uid=%d port=1' % ALICE)
        daemon.tell('flow uid=%d port=2' % ALICE)
        daemon.tell('flow uid=%d port=3' % BOB)
        daemon.until_echo()
        ids = {f['remote-port']: f['id'] for f in root.flows(all=True)[1]}
        alice.end(ids[1], ids[2])
        daemon.expect('end 1')
        daemon.expect('end 2')
        fails(INTERACTION, alice.end, ids[3])
        fails(INTERACTION, alice.end, ids[1], ids[3])	# none of them
        fails('NoSuchFlow', alice.end, ids[1], 999)
        fails('Limit', alice.end, *range(1001))
        assert 'end' not in ' '.join(daemon.until_echo())
        root.end(ids[3])
        daemon.expect('end 3')
        daemon.tell('refuse 5')
        daemon.tell('echo refuses')
        daemon.expect('echo refuses')
        assert 'could not be ended' in fails('NotReady', root.end, ids[3])


@test
def no_flows_without_a_module():
    with Daemon(absent=True) as daemon, Client(ALICE) as alice:
        assert 'does not tell' in fails('NotReady', alice.flows)


@test
def watching_shows_one_s_own():
    with Daemon() as daemon, Client(ALICE) as alice, Client(BOB) as bob, Client(ROOT) as root:
        alice.call('History', 'Watch', '(a{sv})', {})
        daemon.tell('record uid=%d path=/usr/bin/b' % BOB)
        daemon.tell('record uid=%d path=/usr/bin/a%%1b flows=3' % ALICE)
        records, lost = alice.event('Records')
        assert len(records) == 1 and records[0]['flows'] == 3 and records[0]['user'] == ALICE and not lost
        assert records[0]['program'].startswith('/usr/bin/a') and \
            '\x1b' not in records[0]['program']
        bob.quiet('Records', 0.4)
        recent = alice.call('History', 'Recent', '(ua{sv})', 10, {})
        assert len(recent) == 1 and recent[0]['serial'] == 2, recent
        assert len(root.call('History', 'Recent', '(ua{sv})', 10, {})) == 0
        fails('Limit', root.call, 'History', 'Recent', '(ua{sv})', 1001, {})
        alice.call('History', 'Unwatch')
        daemon.tell('record uid=%d' % ALICE)
        alice.quiet('Records', 0.5)


@test
def a_flood_of_records_is_bounded():
    with Daemon() as daemon, Client(ALICE) as alice:
        alice.call('History', 'Watch', '(a{sv})', {})
        for _ in range(3):
            daemon.tell('record uid=%d count=2000' % ALICE)
            time.sleep(0.1)
        seen = lost = signals = 0
        begin = time.time()
        while seen + lost < 6000:
            records, gone = alice.event('Records')
            assert len(records) <= 200
            seen, lost, signals = seen + len(records), lost + gone, signals + 1
        assert seen + lost == 6000 and lost > 0, (seen, lost)
        assert signals <= 5 * (time.time() - begin) + 3, signals


sys.exit(main())
