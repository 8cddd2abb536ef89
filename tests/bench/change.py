#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""change.py DAEMON COUNT...: milliseconds from a call to its return, when the rule is
durable and the verdict thread has the new snapshot (the fake one: without the kernel's
own part, which does not know rules), beside COUNT others. Inside tests/bus/run.sh. A
line: NAME, RULES, MEDIAN, UNIT."""
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'bus'))
from harness import ROOT, Client, Daemon     # noqa: E402

ROUNDS = 41
PART = 1000


def rule(number):
    return 'allow out program /opt/p%d to 198.51.%d.%d protocol tcp port %d\n' % (
        number % 997, number // 256 % 256, number % 256, number % 5000 + 1)


def fill(root, count):
    for begin in range(0, count, PART):
        text = ''.join(map(rule, range(begin, min(begin + PART, count))))
        root.call('Rules', 'Import', '(sa{sv})', text, {'more': True})
    if count:
        root.call('Rules', 'Import', '(sa{sv})', '', {})


def timed(function, *arguments):
    begin = time.monotonic()
    result = function(*arguments)
    return (time.monotonic() - begin) * 1000, result


def main():
    for count in map(int, sys.argv[2:]):
        # On a disk: what it takes to be durable is a part of it.
        with Daemon(state='/var/tmp/sallyport-bench-%d-%d' % (os.getpid(), count)) as daemon, \
                Client(ROOT) as root:
            took, _ = timed(fill, root, count)
            print('import\t%d\t%.0f\tms' % (count, took))
            _, number = timed(root.add, 'deny out port 25')
            times = [timed(root.disable if turn % 2 else root.enable, number)[0]
                     for turn in range(ROUNDS)]
            print('change\t%d\t%.1f\tms' % (count, statistics.median(times)))
            print('change-worst\t%d\t%.1f\tms' % (count, max(times)), flush=True)
            daemon.stop()
            os.system("rm -rf '%s'" % daemon.state)


main()
