#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""hand.py QMP-SOCKET HAND-SOCKET RESULTS: what a person does at the machine's
screen, from outside of it. Started by vm/run --desktop; the program inside asks by
lines on the port org.sallyport.hand, each of which is answered by one:

  picture NAME      the screen, as RESULTS/NAME.png      ok
  find              the window on the dark screen        ok LEFT TOP RIGHT BOTTOM | nothing
  click X Y         moves there, presses, lets go        ok
  key NAME          a key, as QEMU calls it              ok
"""
import json
import os
import socket
import sys
import time

PAGE = (0x60, 0x90)     # a window is lighter than that, the screen behind it darker
LEAST = 200             # pixels that a window has at least, each way


def connect(path):
    end = time.time() + 60
    while True:
        try:
            link = socket.socket(socket.AF_UNIX)
            link.connect(path)
            return link.makefile('rw')
        except OSError:
            if time.time() > end:
                raise
            time.sleep(0.1)


class Machine:
    def __init__(self, path, results):
        self.link, self.results = connect(path), results
        self.link.readline()
        self.run('qmp_capabilities')

    def run(self, command, **arguments):
        self.link.write(json.dumps({'execute': command, 'arguments': arguments}) + '\n')
        self.link.flush()
        while True:
            reply = json.loads(self.link.readline())
            if 'return' in reply:
                return reply['return']
            if 'error' in reply:
                raise RuntimeError(reply['error']['desc'])

    def picture(self, name):
        self.run('screendump', filename='%s/%s.png' % (self.results, name), format='png')
        return 'ok'

    def pixels(self):
        """Width, height, and a row of brightness each."""
        path = self.results + '/.screen.ppm'
        self.run('screendump', filename=path)
        with open(path, 'rb') as file:
            file.readline()
            width, height = map(int, file.readline().split())
            file.readline()
            data = file.read()
        os.unlink(path)
        self.size = width, height
        return [data[3 * width * y + 1:3 * width * (y + 1):3] for y in range(height)]

    def find(self):
        rows = []
        for y, row in enumerate(self.pixels()):
            light = [x for x in range(0, len(row), 4) if row[x] > PAGE[1]]
            if 4 * len(light) > LEAST:
                rows.append((y, light[0], light[-1]))
        if len(rows) < LEAST:
            return 'nothing'
        return 'ok %d %d %d %d' % (min(r[1] for r in rows), rows[0][0],
                                   max(r[2] for r in rows), rows[-1][0])

    def send(self, *events):
        self.run('input-send-event', events=list(events))

    def move(self, x, y):
        """A tablet's axes go from 0 to 0x7fff, whatever the screen has."""
        if not hasattr(self, 'size'):
            self.pixels()
        self.send(*({'type': 'abs', 'data': {'axis': axis, 'value': int(at * 0x7fff / size)}}
                    for axis, at, size in (('x', x, self.size[0]), ('y', y, self.size[1]))))

    def click(self, x, y):
        # Two moves: one to be seen there, one to be seen moving.
        self.move(int(x) - 3, int(y))
        self.move(int(x), int(y))
        for down in (True, False):
            self.send({'type': 'btn', 'data': {'button': 'left', 'down': down}})
            time.sleep(0.1)
        return 'ok'

    def key(self, name):
        self.run('send-key', keys=[{'type': 'qcode', 'data': name}])
        return 'ok'


def main():
    machine = Machine(sys.argv[1], sys.argv[3])
    port = connect(sys.argv[2])
    for line in port:
        name, *arguments = line.split()
        try:
            if name not in ('picture', 'find', 'click', 'key'):
                raise ValueError('no such command: ' + name)
            reply = getattr(machine, name)(*arguments)
        except (RuntimeError, ValueError, TypeError, OSError) as error:
            reply = 'error %s' % error
        port.write(reply + '\n')
        port.flush()


main()
