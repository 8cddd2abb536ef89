#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the manual pages tell to type is typed, as root, one after the other: whole lines of
a shell, with what follows a pipe."""
import os
import re
import subprocess
import sys
import tempfile
from harness import HERE, ROOT, Client, Daemon, main, test

SALLYPORT, BUS_PAGE = sys.argv.pop(2), sys.argv.pop(2)
PAGES = os.path.join(HERE, '..', '..', 'data', 'man')


def lines(page):
    """Those behind a prompt; what a pipe or a backslash continues is one."""
    text = subprocess.run(['mandoc', '-Tutf8', '-O', 'width=200', page], capture_output=True,
                          text=True, check=True).stdout
    text = re.sub('.\b', '', text)
    text = re.sub(r'(\\|(?<=\|))\n +(?! *[$#])', ' ', text)
    return re.findall(r'^ +[$#] ((?:sallyport|busctl) .*)', text, re.M)


def type_all(page, wanted):
    typed = lines(page)
    assert len(typed) >= wanted, typed
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.abspath(SALLYPORT), folder + '/sallyport')
        with open(folder + '/new.rules', 'w') as file:
            file.write('allow out program /usr/bin/ssh port 22\n')
        for line in typed:
            result = subprocess.run(['bash', '-o', 'pipefail', '-c', line], cwd=folder,
                                    capture_output=True, text=True, timeout=60,
                                    env={**os.environ, 'PATH': folder + ':' + os.environ['PATH'],
                                         'LC_ALL': 'C.UTF-8'}, check=False)
            print('# %s%s' % (line, ''.join('\n#   ' + l for l in result.stdout.splitlines()[:3])))
            assert result.returncode == 0, (line, result.stdout, result.stderr)


@test
def the_command_line_s():
    with Daemon() as daemon, Client(ROOT) as root:
        root.add('deny out to 192.0.2.66')
        daemon.tell('flow uid=0')
        daemon.ask(remote='192.0.2.66')
        type_all(os.path.join(PAGES, 'sallyport.1'), 9)
        assert 'allow out program /usr/bin/ssh port 22' in root.texts(), root.texts()
        assert root.status()['mode'] == 'off' and root.status()['guard-deadline'] == 0


@test
def beside_other_programs():
    with Daemon(), Client(ROOT) as root:
        type_all(os.path.join(PAGES, 'sallyport-others.7'), 7)
        assert len(root.texts()) == 7, root.texts()


@test
def the_bus_s():
    with Daemon(), Client(ROOT) as root:
        type_all(BUS_PAGE, 3)
        assert root.texts() == ['deny out port 25'], root.texts()


sys.exit(main())
