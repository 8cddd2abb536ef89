#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""peers.py table|json|svg: what peers.guest printed, as figures.

Each figure is a ratio to "none" of the same round, the median of the rounds with the
lowest and the highest beside it. A bound counts as reached only if all rounds reach
it, and as missed only if all do; else nothing is shown either way."""
import json
import statistics
import sys

SIDES = [
    ('none', 'no firewall'),
    ('nftables', 'nftables, rules for a user and a port'),
    ('listener', 'a bare packet queue that accepts all'),
    ('opensnitch', 'OpenSnitch'),
    ('kernel', 'Sallyport, the answer in the kernel'),
    ('daemon', 'Sallyport, each flow decided by the daemon'),
    ('daemon1000', '… with 1,000 rules more'),
    ('daemon10000', '… with 10,000 rules more'),
]
LOADS = [
    ('connect-1', 'TCP connections, one client'),
    ('connect-4', 'TCP connections, four clients'),
    ('datagram', 'UDP, a socket each, answered'),
    ('execute', 'fork, exec, one connection'),
    ('bulk', 'one connection, in bulk'),
]
FIELDS = ('rate', 'p50', 'p99', 'worst', 'lost', 'cpu')


def read(file):
    """{(side, load): {round: {field: value}}}"""
    rows = {}
    for line in file:
        side, load, number, *values = line.split()
        if len(values) != len(FIELDS):
            sys.exit('peers.py: not a line of peers.guest: ' + line.rstrip())
        rows.setdefault((side, load), {})[int(number)] = dict(zip(FIELDS, map(float, values)))
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
        ('10,000 rules, to none: connections a second', 'at least 0.95',
         ratio(rows, 'connect-1', 'rate', 'daemon10000', 'daemon'), lambda x: x >= 0.95),
    ]
    return [{'what': what, 'reach': reach, 'figure': figure,
             'shown': judge(figure, enough) if figure else 'not measured'}
            for what, reach, figure, enough in wanted]


def cell(figure):
    return '%.2f (%.2f to %.2f)' % (figure['median'], figure['low'], figure['high']) \
        if figure else ''


def table(rows):
    rounds = max((len(of) for of in rows.values()), default=0)
    print('Operations a second, to no firewall in the same round: the median of %d rounds,'
          ' lowest to highest.\n' % rounds)
    print('| | ' + ' | '.join(title for _, title in LOADS) + ' |')
    print('|---' * (1 + len(LOADS)) + '|')
    for side, title in SIDES[1:]:
        if any((side, load) in rows for load, _ in LOADS):
            print('| %s | %s |' % (title, ' | '.join(
                cell(ratio(rows, load, 'rate', side, 'none')) for load, _ in LOADS)))
    print('\nWhat a TCP connection of one client costs, to no firewall: its median time, the'
          ' slowest hundredth, processor time.\n')
    print('| | time | slowest hundredth | processors | lost |\n|---|---|---|---|---|')
    for side, title in SIDES[1:]:
        if (side, 'connect-1') in rows:
            print('| %s | %s | %d |' % (title, ' | '.join(
                cell(ratio(rows, 'connect-1', field, side, 'none'))
                for field in ('p50', 'p99', 'cpu')),
                sum(row['lost'] for row in rows[side, 'connect-1'].values())))
    print('\n| to reach | | measured | |\n|---|---|---|---|')
    for bound in bounds(rows):
        print('| %(what)s | %(reach)s |' % bound, cell(bound['figure']), '|',
              bound['shown'], '|')


def as_json(rows):
    print(json.dumps({'suite': 'peers', 'bounds': bounds(rows), 'rows': [
        {'side': side, 'load': load, 'rounds': [rows[side, load][n] for n in sorted(rows[side, load])],
         'to-none': {field: ratio(rows, load, field, side, 'none') for field in FIELDS
                     if field != 'lost'}}
        for side, load in rows]}, indent=1))


WIDTH, LEFT, BAR, GAP, TOP = 760, 320, 22, 10, 60


def svg(rows):
    """New TCP connections a second to no firewall: a bar each, its spread as a line."""
    shown = [(title, ratio(rows, 'connect-1', 'rate', side, 'none')) for side, title in SIDES[1:]
             if (side, 'connect-1') in rows]
    scale = (WIDTH - LEFT - 70) / max([1.0] + [figure['high'] for _, figure in shown])
    height = TOP + len(shown) * (BAR + GAP) + 20
    print('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" role="img" '
          'font-family="sans-serif" font-size="13">' % (WIDTH, height))
    print('<title>New TCP connections a second</title>')
    print('<rect width="100%%" height="100%%" fill="#ffffff"/>'.replace('%%', '%'))
    print('<text x="16" y="26" font-size="16" font-weight="bold" fill="#1e1e1e">New TCP connections'
          ' a second, one client, to no firewall = 1</text>')
    print('<text x="16" y="45" fill="#5e5c64">the median of the rounds; the line goes from the'
          ' lowest to the highest</text>')
    for number, (title, figure) in enumerate(shown):
        y = TOP + number * (BAR + GAP)
        colour = '#3584e4' if title.startswith(('Sallyport', '…')) else '#9a9996'
        print('<text x="%d" y="%d" text-anchor="end" fill="#1e1e1e">%s</text>'
              % (LEFT - 10, y + 16, title))
        print('<rect x="%d" y="%d" width="%.1f" height="%d" rx="3" fill="%s"/>'
              % (LEFT, y, figure['median'] * scale, BAR, colour))
        print('<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#1e1e1e" stroke-width="1.5"/>'
              % (LEFT + figure['low'] * scale, LEFT + figure['high'] * scale,
                 y + BAR // 2, y + BAR // 2))
        print('<text x="%.1f" y="%d" fill="#1e1e1e">%.2f</text>'
              % (LEFT + figure['high'] * scale + 8, y + 16, figure['median']))
    print('</svg>')


if __name__ == '__main__':
    ways = {'table': table, 'json': as_json, 'svg': svg}
    if len(sys.argv) != 2 or sys.argv[1] not in ways:
        sys.exit('usage: peers.py table|json|svg')
    ways[sys.argv[1]](read(sys.stdin))
