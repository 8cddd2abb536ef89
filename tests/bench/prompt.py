#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""prompt.py DAEMON AGENT ROUNDS: milliseconds from the kernel's question (the fake
verdict thread's) to the prompt's mapped window, its start included. Inside
tests/bus/run.sh. A line: NAME MEDIAN LOW HIGH."""
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', name) for name in ('bus', 'gui')]
from desktop import Desktop, eventually     # noqa: E402
from harness import ROOT, Client, Daemon    # noqa: E402

ROUNDS = int(sys.argv[3])


def mapped(events):
    """Waits for a window of a size that people see."""
    for line in events:
        if line.startswith('MapNotify'):
            return time.monotonic()
    raise AssertionError('the screen is gone')


def one(daemon, desktop, events, number):
    begin = time.monotonic()
    flow = daemon.ask(path='/usr/bin/round%d' % number, image=1000 + number)
    took = mapped(events) - begin
    daemon.tell('gone %d ended' % flow)
    eventually('the prompt ends', lambda: not desktop.prompts())
    return took * 1000


def main():
    with Daemon() as daemon, Client(ROOT) as root, Desktop(sys.argv[2]) as desktop:
        desktop.registered(root)
        spy = subprocess.Popen(['stdbuf', '-oL', 'xev', '-root', '-event', 'substructure'],
                               env=desktop.environment(), stdout=subprocess.PIPE, text=True)
        one(daemon, desktop, spy.stdout, 0)     # the first warms what all share
        times = [one(daemon, desktop, spy.stdout, i) for i in range(1, ROUNDS + 1)]
        spy.kill()
        print('prompt %.0f %.0f %.0f' % (statistics.median(times), min(times), max(times)))


main()
