#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""test_manuals.py SALLYPORT SOURCE: what the manual pages show is so. TAP."""

import os
import re
import shlex
import shutil
import subprocess
import sys

SALLYPORT, SOURCE = sys.argv[1:3]
WIDTH = "width=200"
# No bus: a command whose words are right fails because nobody is there (4).
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8", "EDITOR": "true",
               "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"}


def read(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


def shown(page):
    """The page as people read it."""
    text = subprocess.run(["mandoc", "-Tutf8", "-O", WIDTH, os.path.join(SOURCE, "data/man", page)],
                          capture_output=True, text=True, check=True).stdout
    return re.sub(".\b", "", text)


def section(text, name):
    return re.search(r"^%s\n(.*?)^(?=[A-Z])" % name, text, re.S | re.M).group(1)


def run(*args, text=""):
    return subprocess.run([SALLYPORT, *args], input=text, capture_output=True, text=True,
                          timeout=20, env=ENVIRONMENT, check=False)


def commands(page):
    """Lines of a shell, up to a pipe; what a backslash continues is one."""
    text = shown(page).replace("\\\n", " ")
    for line in text.splitlines():
        match = re.match(r" +[$#] (sallyport .*)|^ {10,}(sallyport (?:explain|rules|mode) .*)", line)
        if match:
            yield shlex.split((match[1] or match[2]).split("|")[0].split(" < ")[0])[1:]


def test_rules_of_the_manual():
    lines = [line.strip() for line in section(shown("sallyport.rules.5"), "EXAMPLES").splitlines()
             if re.match(r" +(disabled |floor |log )*(allow|deny|drop|ask) (in|out)\b", line)]
    assert len(lines) >= 10, lines
    # Whoever runs this, they are the machine's.
    adding = ("rules", "add", "--dry-run", "--owner=system", "-")
    for line in lines:
        result = run(*adding, text=line + "\n")
        assert result.returncode == 0, (line, result.stderr)
        again = run(*adding, text=result.stdout.splitlines()[0] + "\n")
        assert again.stdout == result.stdout, (line, again)


def test_commands_of_the_manual():
    found = list(commands("sallyport.1"))
    assert len(found) >= 8, found
    for words in found:
        result = run(*words, text="deny out port 25\n")
        # A file of the example may not be there (1); a wrong word would be 2 or 6.
        assert result.returncode in (0, 1, 4), (words, result)


def test_every_command_is_in_the_manual():
    page = read("data/man/sallyport.1")
    listed = re.findall(r"^  (\w+)", run("--help").stdout, re.M)
    assert len(listed) > 10, listed
    for name in listed:
        assert re.search(r"^\.Cm %s\b" % name, page, re.M), name
        assert re.search(r"^\.Ss (\w+, )*%s\b" % name, page, re.M) or name == "rules", name


def test_options_of_the_configuration():
    file = dict(re.findall(r"^#([a-z-]+)=(.*)$", read("data/sallyport.conf"), re.M))
    items = re.findall(r"^\.It Cm (.*)$", read("data/man/sallyport.conf.5"), re.M)
    page = {name for item in items for name in re.findall(r"[a-z-]{3,}", item)}
    assert set(file) == page, set(file) ^ page


def test_messages_of_the_catalogue():
    code = set(re.findall(r'"([0-9a-f]{32})"', read("daemon/log.c")))
    catalogue = re.findall(r"^-- ([0-9a-f]{32})$", read("data/sallyport.catalog"), re.M)
    assert code and code == set(catalogue) and len(code) == len(catalogue), (code, catalogue)


def main():
    if not shutil.which("mandoc"):
        print("1..0 # SKIP needs mandoc")
        return 0
    tests = [(name, test) for name, test in globals().items() if name.startswith("test_")]
    failed = 0
    print("1..%d" % len(tests))
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
            print("ok %d - %s" % (number, name[5:]))
        except AssertionError as error:
            failed += 1
            print("not ok %d - %s\n# %s" % (number, name[5:], str(error)[:1000]))
    return 1 if failed else 0


sys.exit(main())
