#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""coverage.py REPORT LIST: are all branches of policy/ taken, but for those that LIST
explains? REPORT is gcovr's JSON; a line of LIST is a file, a line of its source, and why
not all of its branches can be taken, with tabs between. TAP."""
import json
import sys


def untaken(report):
    """{(file, source line)} where a branch is not taken, with its number."""
    found = {}
    for file in report['files']:
        with open(file['file'], encoding='utf-8') as source:
            lines = source.read().split('\n')
        for line in file['lines']:
            missed = [b for b in line['branches'] if not b['count'] and not b.get('throw')]
            if not line.get('gcovr/noncode') and (missed or not line['count']):
                found[file['file'], lines[line['line_number'] - 1].strip()] = line['line_number']
    return found


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        found = untaken(json.load(file))
    with open(sys.argv[2], encoding='utf-8') as file:
        known = [line.rstrip('\n').split('\t') for line in file
                 if line.strip() and not line.startswith('#')]
    bad = [line for line in known if len(line) != 3 or line[2] in ('', 'open')]
    explained = {(line[0], line[1]) for line in known}
    new = sorted('%s:%d: %s' % (file, number, text) for (file, text), number in found.items()
                 if (file, text) not in explained)
    old = sorted('%s: %s' % line for line in explained if line not in found)
    for name, lines in (('each line of the list says why', bad),
                        ('every other branch is taken', new),
                        ('what is in the list is not taken', old)):
        print('%s - %s' % ('not ok' if lines else 'ok', name))
        for line in lines:
            print('#', line)
    print('1..3')
    return bool(bad or new or old)


sys.exit(main())
