#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""peers.py table|json|page FOLDER: what peers.guest printed, as figures; as a page
(peers.md, with plots, and the figures as peers.json) in that folder.

Each figure is a ratio to "none" of the same round, the median of the rounds with the
lowest and the highest beside it. A bound counts as reached only if all rounds reach
it, and as missed only if all do; else nothing is shown either way."""
import contextlib
import json
import os
import statistics
import sys

SIDES = [
    ('none', 'no firewall'),
    ('nftables', 'nftables, rules for a user and a port'),
    ('listener', 'a bare packet queue that accepts all'),
    ('opensnitch', 'OpenSnitch 1.5.8.1'),
    ('opensnitch13', 'OpenSnitch 1.6.9, by eBPF'),
    ('kernel', 'Sallyport, the answer in the kernel'),
    ('daemon', 'Sallyport, each flow decided by the daemon'),
    ('daemon1000', '… with 1,000 rules more'),
    ('daemon10000', '… with 10,000 rules more'),
]
LOADS = [
    ('connect-1', 'TCP connections, one client'),
    ('connect-4', 'TCP connections, four clients'),
    ('datagram', 'UDP, a socket each, answered'),
    ('leave', 'UDP, sockets closed at once'),
    ('execute', 'fork, exec, one connection'),
    ('keep', 'datagrams of 1,000 sockets'),
    ('query', 'DNS queries, four clients'),
    ('bulk', 'one connection, in bulk'),
    ('bulk-8', 'eight connections, in bulk'),
    ('mixed', 'TCP connections beside datagrams and programs that come and go'),
]
FIELDS = ('rate', 'p50', 'p99', 'worst', 'lost', 'cpu')
COSTS = [
    ('installed', 'programs and module, kB'),
    ('memory-idle', 'resident, kB, idle'),
    ('memory-after', 'resident, kB, after the loads'),
    ('wake-ups', 'wake-ups a minute, idle'),
    ('packet-known', 'one more datagram to where some went, none came back'),
    ('packet-new', 'the first of a flow'),
    ('memory-10000', 'resident, kB, after a start with 10,000 rules'),
    ('start', 'ms until it judges'),
    ('start-0', 'ms, no more rules'),
    ('start-10000', 'ms, 10,000 rules'),
    ('start-99000', 'ms, 99,000 rules'),
]


class Rows(dict):
    """{(side, load): {round: {field: value}}}, and what is no load."""

    def __init__(self):
        super().__init__()
        self.costs = {}     # {(side, what): [value, ...]}
        self.right = {}     # {side: [(tried, arrived, wrong or None), ...]}


def read(file):
    rows = Rows()
    for line in file:
        kind, side, *values = line.split()
        if kind == 'load' and len(values) == 2 + len(FIELDS):
            load, number, *values = values
            rows.setdefault((side, load), {})[int(number)] = dict(zip(FIELDS, map(float, values)))
        elif kind == 'cost' and len(values) == 3:
            rows.costs.setdefault((side, values[0]), []).append(float(values[2]))
        elif kind == 'right' and len(values) == 4:
            rows.right.setdefault(side, []).append(
                tuple(None if value == '-' else int(value) for value in values[1:]))
        else:
            sys.exit('peers.py: not a line of peers.guest: ' + line.rstrip())
    return rows


def spread(values):
    return {'median': statistics.median(values), 'low': min(values), 'high': max(values),
            'rounds': len(values)} if values else None


def ratio(rows, load, field, side, base):
    over, under = rows.get((side, load), {}), rows.get((base, load), {})
    return spread([over[n][field] / under[n][field] for n in over
                   if n in under and under[n][field]])


def added(rows, load, side, base):
    """The time that a new flow takes longer than with nothing, to that of another side."""
    none, over, under = (rows.get((name, load), {}) for name in ('none', side, base))
    return spread([(over[n]['p50'] - none[n]['p50']) / (under[n]['p50'] - none[n]['p50'])
                   for n in over if n in none and n in under
                   and under[n]['p50'] > none[n]['p50']])


def judge(figure, reached):
    """@reached tells of one value whether it is enough."""
    ends = {reached(figure['low']), reached(figure['high'])}
    return 'not shown' if len(ends) == 2 else 'reached' if True in ends else 'missed'


def bounds(rows):
    wanted = [
        ('new TCP connections a second, one client, to no firewall', 'at least 0.90',
         ratio(rows, 'connect-1', 'rate', 'kernel', 'none'), lambda x: x >= 0.9),
        ('the same, four clients', 'at least 0.90',
         ratio(rows, 'connect-4', 'rate', 'kernel', 'none'), lambda x: x >= 0.9),
        ('time added to a new flow by the daemon, to the bare queue', 'at most 1.5',
         added(rows, 'connect-1', 'daemon', 'listener'), lambda x: x <= 1.5),
        ('the same, to OpenSnitch', 'less than 1',
         added(rows, 'connect-1', 'daemon', 'opensnitch'), lambda x: x < 1),
        ('time added by 10,000 rules to a new flow, to none', 'at most 1.05',
         ratio(rows, 'connect-1', 'p50', 'daemon10000', 'daemon'), lambda x: x <= 1.05),
        ('10,000 rules, to none: connections a second', 'at least 0.95',
         ratio(rows, 'connect-1', 'rate', 'daemon10000', 'daemon'), lambda x: x >= 0.95),
        ('MB resident after a start with 10,000 rules', 'less than 20',
         resident(rows), lambda x: x < 20),
    ]
    return [{'what': what, 'reach': reach, 'figure': figure,
             'shown': judge(figure, enough) if figure else 'not measured'}
            for what, reach, figure, enough in wanted]


def cell(figure):
    return '%.2f (%.2f to %.2f)' % (figure['median'], figure['low'], figure['high']) \
        if figure else ''


def table(rows):
    rounds = max((len(of) for of in rows.values()), default=0)
    shown = [(side, title) for side, title in SIDES[1:] if any(key[0] == side for key in rows)]
    print('Operations a second, to no firewall in the same round: the median of %d rounds,'
          ' lowest to highest. What was lost does not count.\n' % rounds)
    print('| | ' + ' | '.join(title for _, title in shown) + ' |')
    print('|---' * (1 + len(shown)) + '|')
    for load, title in LOADS:
        print('| %s | %s |' % (title, ' | '.join(
            cell(ratio(rows, load, 'rate', side, 'none')) for side, _ in shown)))
    print('\nWhat a TCP connection of one client costs, to no firewall: its median time, the'
          ' slowest hundredth, processor time.\n')
    print('| | time | slowest hundredth | processors | lost |\n|---|---|---|---|---|')
    for side, title in SIDES[1:]:
        if (side, 'connect-1') in rows:
            print('| %s | %s | %d |' % (title, ' | '.join(
                cell(ratio(rows, 'connect-1', field, side, 'none'))
                for field in ('p50', 'p99', 'cpu')),
                sum(row['lost'] for row in rows[side, 'connect-1'].values())))
    costs_table(rows)
    right_table(rows)
    print('\n| to reach | | measured | |\n|---|---|---|---|')
    for bound in bounds(rows):
        print('| %(what)s | %(reach)s |' % bound, cell(bound['figure']), '|',
              bound['shown'], '|')


def beyond_none(rows, side, name):
    """What is measured with no firewall too is taken off."""
    none = statistics.median(rows.costs.get(('none', name), [0]))
    return [value - none for value in rows.costs.get((side, name), [])]


def resident(rows):
    """MB of a daemon that was started with 10,000 rules."""
    return spread([kib * 1024 / 1e6 for kib in rows.costs.get(('kernel', 'memory-10000'), [])])


def costs_table(rows):
    shown = [(name, title) for name, title in COSTS if any(what == name for _, what in rows.costs)]
    print('\nCosts: the median of what was measured. Times are of an emulated machine: they'
          ' tell only beside each other. Datagrams are in instructions: sending one, and for the'
          ' first of a flow until it has left, beyond what that is with no firewall.\n')
    print('| | ' + ' | '.join(title for _, title in shown) + ' |')
    print('|---' * (1 + len(shown)) + '|')
    for side, title in SIDES[1:]:
        values = [beyond_none(rows, side, name) for name, _ in shown]
        if any(values):
            print('| %s | %s |' % (title, ' | '.join(
                '%d' % statistics.median(value) if value else '' for value in values)))


def right_table(rows):
    print('\nUnder load, of all rounds: of connections that must be blocked, how many arrived; of'
          ' what must pass, how much was lost; how many in the log have another program.\n')
    print('| | tried | arrived | lost | another program |\n|---|---|---|---|---|')
    for side, title in SIDES[1:]:
        tries = rows.right.get(side, [])
        wrong = [of[2] for of in tries if of[2] is not None]
        lost = sum(row['lost'] for load, _ in LOADS for row in rows.get((side, load), {}).values())
        if tries:
            print('| %s | %d | %d | %d | %s |' % (title, sum(of[0] for of in tries),
                                                  sum(of[1] for of in tries), lost,
                                                  sum(wrong) if wrong else 'not told'))


def as_json(rows):
    return json.dumps({'suite': 'peers', 'bounds': bounds(rows), 'costs': [
        {'side': side, 'what': what, 'values': values}
        for (side, what), values in rows.costs.items()], 'right': rows.right, 'rows': [
        {'side': side, 'load': load, 'rounds': [rows[side, load][n] for n in sorted(rows[side, load])],
         'to-none': {field: ratio(rows, load, field, side, 'none') for field in FIELDS
                     if field != 'lost'}}
        for side, load in rows]}, indent=1)


WIDTH, LEFT, BAR, GAP, TOP = 760, 320, 22, 10, 60


def svg(rows, load):
    """Operations a second to no firewall: a bar each, its spread as a line."""
    shown = [(title, ratio(rows, load, 'rate', side, 'none')) for side, title in SIDES[1:]
             if (side, load) in rows]
    scale = (WIDTH - LEFT - 70) / max([1.0] + [figure['high'] for _, figure in shown])
    height = TOP + len(shown) * (BAR + GAP) + 20
    yield ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" role="img" '
           'font-family="sans-serif" font-size="13">' % (WIDTH, height))
    yield '<!-- SPDX-License-Identifier: GPL-2.0-or-later -->'
    yield '<title>%s a second</title>' % dict(LOADS)[load]
    yield '<rect width="100%" height="100%" fill="#ffffff"/>'
    yield ('<text x="16" y="26" font-size="16" font-weight="bold" fill="#1e1e1e">%s,'
           ' a second; no firewall = 1</text>' % dict(LOADS)[load])
    yield ('<text x="16" y="45" fill="#5e5c64">the median of the rounds; the line goes from the'
           ' lowest to the highest</text>')
    for number, (title, figure) in enumerate(shown):
        yield from bar(TOP + number * (BAR + GAP), title, figure, scale)
    yield '</svg>'


def bar(y, title, figure, scale):
    colour = '#3584e4' if title.startswith(('Sallyport', '…')) else '#9a9996'
    yield ('<text x="%d" y="%d" text-anchor="end" fill="#1e1e1e">%s</text>'
           % (LEFT - 10, y + 16, title))
    yield ('<rect x="%d" y="%d" width="%.1f" height="%d" rx="3" fill="%s"/>'
           % (LEFT, y, figure['median'] * scale, BAR, colour))
    yield ('<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#1e1e1e" stroke-width="1.5"/>'
           % (LEFT + figure['low'] * scale, LEFT + figure['high'] * scale,
              y + BAR // 2, y + BAR // 2))
    yield ('<text x="%.1f" y="%d" fill="#1e1e1e">%.2f</text>'
           % (LEFT + figure['high'] * scale + 8, y + 16, figure['median']))


PLOTTED = ('connect-1', 'connect-4', 'datagram', 'execute', 'query', 'bulk')

INTRODUCTION = """# Sallyport beside what people would use instead

Written by `tests/bench/run peers --page`; the same figures are in `peers.json`. All sides had
the same loads in turns, in one boot of a virtual machine whose time is counted in instructions
(one processor, a nanosecond each; without string instructions that go by bytes, each of which
would count), so that only ratios tell anything, and what they tell is work: nothing is gained
here by a second processor. HACKING.md says what is run, and what falls short why.
"""


def page(rows, folder):
    with open(os.path.join(folder, 'peers.json'), 'w', encoding='utf-8') as file:
        file.write(as_json(rows) + '\n')
    plots = [load for load in PLOTTED if any(key[1] == load for key in rows)]
    for load in plots:
        with open(os.path.join(folder, 'peers-%s.svg' % load), 'w', encoding='utf-8') as file:
            file.writelines(line + '\n' for line in svg(rows, load))
    with open(os.path.join(folder, 'peers.md'), 'w', encoding='utf-8') as file, \
            contextlib.redirect_stdout(file):
        print(INTRODUCTION)
        for load in plots:
            print('![%s](peers-%s.svg)\n' % (dict(LOADS)[load], load))
        table(rows)


def main(way, *folder):
    rows = read(sys.stdin)
    if (way, len(folder)) == ('table', 0):
        table(rows)
    elif (way, len(folder)) == ('json', 0):
        print(as_json(rows))
    elif (way, len(folder)) == ('page', 1):
        page(rows, *folder)
    else:
        sys.exit('usage: peers.py table|json|page FOLDER')


if __name__ == '__main__':
    main(*sys.argv[1:])
