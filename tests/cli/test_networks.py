#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sallyport networks."""

import json
import subprocess
import sys

from harness import RULE, Program, main, one_line, run

NETWORK = """{'id': <'%s'>, 'name': <'%s'>, 'title': <'%s'>, 'devices': <%s>, 'default': <true>,
'asks': <%s>, 'maker': <uint32 0>, 'since': <int64 0>}"""
CAFE = ("gateway:02:00:00:00:00:01/192.0.2.1", "", "Café", "['wlan0']", "true")
HOME = ("connection:6f1c2c1e", "home", "Our Wi-Fi", "@as []", "false")
NOTHING = ("", "", "eth1", "['eth1']", "false")


def tell(daemon, *networks):
    rows = ", ".join(NETWORK % network for network in networks)
    daemon.tell(one_line("reply Networks.List (%s,)" % ("[%s]" % rows if rows else "@aa{sv} []")))


def test_list(daemon):
    tell(daemon, CAFE, HOME, NOTHING)
    result = run("networks")
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["NAME", "LOOKS", "LIKE", "THROUGH", "KNOWN", "BY"], lines
    assert lines[1].split() == ["–", "Café", "wlan0", CAFE[0]], lines
    assert lines[2].split() == ["home", "Our", "Wi-Fi", "–", HOME[0]], lines
    assert lines[3].split()[-2:] == ["nothing", "yet"], lines
    assert "networks name wlan0 home" in result.stdout, result
    rows = [json.loads(line) for line in run("networks", "list", "--json").stdout.splitlines()]
    assert [row["id"] for row in rows] == [CAFE[0], HOME[0], ""], rows
    tell(daemon)
    assert "no network" in run("networks").stdout


def test_names(daemon):
    tell(daemon, CAFE, HOME, NOTHING)
    # A device goes before what others look like.
    tell(daemon, CAFE, HOME, ("gateway:x", "", "wlan0", "@as []", "false"))
    for word in ("wlan0", "Café", CAFE[0]):
        daemon.forget()
        assert run("networks", "name", word, "public").returncode == 0
        assert daemon.called("Name") == "call Name ('%s', 'public')" % CAFE[0]
    assert run("networks", "forget", "home").returncode == 0
    assert daemon.called("Forget") == "call Forget ('%s',)" % HOME[0]
    assert run("networks", "ignore", "wlan0").returncode == 0
    assert daemon.called("Ignore") == "call Ignore ('%s',)" % CAFE[0]


def test_what_would_end_the_ssh_connection_is_guarded(daemon):
    over = {"SSH_CONNECTION": "192.0.2.9 50123 127.0.0.1 22"}
    cable = ("gateway:x", "home", "Cable", "['lo']", "false")
    daemon.tell("reply GetStatus ({'mode': <'normal'>, 'default-in': <'deny'>, "
                "'default-out': <'ask'>},)")
    for rule, words, guards in (("allow in port 22 network home", ("name", "lo", "public"), True),
                                ("allow in port 22 network home", ("forget", "lo"), True),
                                ("allow in port 22 network home", ("name", "lo", "home"), False),
                                ("allow in port 22 network home", ("name", "wlan0", "x"), False),
                                ("deny in network public", ("name", "lo", "public"), False),
                                ("allow in port 22", ("name", "lo", "public"), False)):
        tell(daemon, cable, CAFE)
        daemon.tell("reply Rules.List ([%s],)" % (RULE % (7, rule, "true")))
        daemon.forget()
        result = run("networks", *words, env=over)
        assert result.returncode == 0, result
        (daemon.called if guards else daemon.uncalled)("Guard")
        daemon.called(words[0].capitalize())
    daemon.forget()
    assert run("networks", "forget", "--confirm-within", "1m", "lo").returncode == 0
    assert "(60,)" in daemon.called("Guard")
    daemon.called("Forget")


def test_wrong(daemon):
    tell(daemon, CAFE, ("other", "", "Café", "@as []", "false"), NOTHING)
    for words, code, text in ((["name"], 2, "network is missing"),
                              (["name", "wlan0"], 2, "name is missing"),
                              (["name", "wlan0", "a", "b"], 2, "too many"),
                              (["name", "Café", "home"], 2, "several"),
                              (["name", "eth7", "home"], 5, "no network"),
                              (["name", "eth1", "home"], 5, "nothing is known yet"),
                              (["rename"], 2, "no command")):
        result = run("networks", *words)
        assert result.returncode == code and text in result.stderr, (words, result)
    daemon.uncalled("Name")


def test_answer_asks(daemon):
    tell(daemon, CAFE, HOME)
    with Program("answer", "--lines", stdin=subprocess.PIPE) as program:
        assert program.stdout.readline() == "Waiting for questions.\n"
        line = program.stdout.readline()
        assert "Café" in line and "networks name wlan0 home" in line, line
        assert program.communicate()[0] == "" and program.returncode == 0


sys.exit(main(globals()))
