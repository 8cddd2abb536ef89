#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands that have no file of their own here."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time

from harness import (Asked, PATIENCE, Program, RULE, SALLYPORT, STATUS, Terminal, bus_names, main,
                     put, record, run, tell_rules)


def test_not_running():
    for args in (("status",), ("rules", "list"), ("log",), ("watch",), ("answer",)):
        result = run(*args)
        assert result.returncode == 4, (args, result)
        assert "systemctl start sallyportd" in result.stderr, result


def test_no_bus():
    result = run("status", env={"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"})
    assert result.returncode == 4 and "system bus" in result.stderr, result


def test_usage():
    for args in ((), ("nonsense",), ("rules",), ("rules", "nonsense"), ("rules", "remove"),
                 ("rules", "remove", "x"), ("rules", "remove", "0"), ("rules", "add"),
                 ("rules", "enable"), ("rules", "show", "x"), ("rules", "edit"),
                 ("rules", "edit", "x", "deny out"), ("rules", "import"),
                 ("rules", "import", "a", "b"), ("rules", "export", "x"), ("explain",),
                 ("undo", "x"), ("undo", "-c", "-1"),
                 ("undo", "--list", "--redo"), ("undo", "-n", "0"),
                 ("mode", "on"), ("mode", "off", "x"), ("mode", "--for", "1h"),
                 ("mode", "off", "--for", "2d"), ("mode", "off", "--confirm-within", "1h"),
                 ("rules", "add", "--confirm-within", "soon", "deny out"), ("confirm", "x"),
                 ("connections", "x"), ("connections", "end"), ("connections", "end", "x"),
                 ("totals", "--step", "week"), ("totals", "--last", "never"), ("forget", "x"),
                 ("status", "x"), ("status", "--nonsense"), ("log", "-n", "0"),
                 ("log", "-n", "1001"), ("log", "-n", "x"),
                 ("rules", "add", "--for", "never", "allow out"),
                 ("rules", "add", "--for", "90s", "allow out"),
                 ("rules", "add", "--owner", "no such user", "allow out"),
                 ("rules", "add", "--for", "1h", "allow out until 2099-01-01T00:00:00Z")):
        result = run(*args)
        assert result.returncode == 2, (args, result)
        assert not result.stdout and "--help" in result.stderr, (args, result)


def test_help():
    for args in ((), ("status",), ("rules",), ("rules", "list"), ("rules", "add"),
                 ("rules", "remove"), ("rules", "enable"), ("rules", "disable"), ("rules", "show"),
                 ("rules", "edit"), ("rules", "import"), ("rules", "export"), ("rules", "check"),
                 ("explain",), ("undo",), ("mode",), ("confirm",), ("connections",), ("totals",), ("forget",), ("answer",), ("log",), ("watch",),
                 ("doctor",)):
        result = run(*args, "--help")
        assert result.returncode == 0 and "Usage:" in result.stdout, (args, result)
    assert re.fullmatch(r"sallyport \d+\.\d+\.\d+\n", run("--version").stdout)


def test_dry_run():
    result = run("rules", "add", "--dry-run", "--owner", "system", "allow", "out",
                 "program", "/opt/My App/x", "port", "80")
    assert result.returncode == 0, result
    assert result.stdout.startswith('allow out program "/opt/My App/x" port 80\n  '), result


def test_full_disk():
    with open("/dev/full", "w", encoding="ascii") as full:
        result = subprocess.run([SALLYPORT, "--version"], stdout=full, stderr=subprocess.PIPE,
                                check=False)
    assert result.returncode == 1 and b"can't write" in result.stderr, result


def test_status(daemon):
    daemon.tell("reply GetStatus " + STATUS)
    text = run("status").stdout
    assert "not fully" in text and "executions are not seen" in text, text
    assert "too many connections of one user wait" in text, text
    assert "of 65536" in text and "\x1b" not in text, text
    assert "dropped by a rule" not in text, text
    assert "dropped by a rule" in run("status", "-v").stdout
    status = json.loads(run("status", "--json").stdout)
    assert status["counters"]["limit-user"] == 7 and status["tables"]["flows"] == [12, 65536]


def test_doctor_without_daemon():
    result = run("doctor")
    assert result.returncode == 1 and "not protected" in result.stderr, result
    assert "systemctl enable --now sallyportd" in result.stdout, result


def test_doctor(daemon):
    daemon.tell("reply GetStatus " + STATUS)
    findings = json.loads(run("doctor", "--json").stdout)
    assert all(f["advice"] for f in findings if f["level"] != "good"), findings
    told = [f["what"] for f in findings if f["check"] == "daemon-reason"]
    assert told == ["executions are not seen"], findings
    assert {"agents", "module-loaded"} <= {f["check"] for f in findings}, findings
    assert "executions are not seen" in run("doctor").stdout


def test_errors(daemon):
    for name, code in (("org.sallyport.Firewall1.Error.NotAuthorized", 3),
                       ("org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", 3),
                       ("org.sallyport.Firewall1.Error.InvalidRule", 6),
                       ("org.sallyport.Firewall1.Error.NotSaved", 7),
                       ("org.sallyport.Firewall1.Error.NotReady", 4)):
        daemon.tell("error Add %s why" % name)
        result = run("rules", "add", "allow out")
        assert result.returncode == code, (name, result)
        assert "GDBus" not in result.stderr, result


def test_log(daemon):
    daemon.tell("reply Recent ([%s, %s],)" % (record(1), record(2)))
    lines = run("log").stdout.splitlines()
    assert lines[0].split()[:5] == ["Id", "Time", "Event", "Action", "Program"], lines
    assert lines[1].split()[0] == "1" and lines[1].split()[2:] == ["decided", "deny", "curl", "192.0.2.2", "port", "80", "12", "rule"]
    assert "(20, " in daemon.called("Recent")
    daemon.tell("reply Recent ([%s],)" % record(1).replace("'flows': <uint32 1>", "'flows': <uint32 12>"))
    assert run("log").stdout.splitlines()[1].split()[5:10] == ["192.0.2.2", "port", "80", "×", "12"]
    daemon.tell("reply Recent ([%s, %s],)" % (record(1), record(2)))
    objects = [json.loads(line) for line in run("log", "--json", "-n", "2").stdout.splitlines()]
    assert [o["serial"] for o in objects] == [1, 2], objects
    daemon.tell("reply Recent (@aa{sv} [],)")
    assert "Nothing" in run("log").stdout


def test_log_as_flows(daemon):
    strange = record(2).replace("/usr/bin/curl", "/usr/bin/cu…rl").replace("'tcp'", "'icmp'")
    named = record(3).replace("}", ", 'host': <'shop.test'>, 'host-source': <'own'>}")
    doubtful = record(4).replace("}", ", 'host': <'x.test'>, 'host-source': <'doubtful'>}")
    ended = record(5).replace("'decided'", "'ended'")
    inbound = record(6).replace("'out'", "'in'").replace("'local-port': <uint32 0>",
                                                         "'local-port': <uint32 22>")
    daemon.tell("reply Recent ([%s],)" % ", ".join(
        [record(1), strange, named, doubtful, ended, inbound]))
    result = run("log", "--flows")
    flow = "deny out program /usr/bin/curl user 1000 protocol tcp to 192.0.2.2 port 80 interface eth0"
    assert result.stdout.splitlines() == [
        flow, "deny out user 1000 protocol icmp to 192.0.2.2 interface eth0",
        flow + " called shop.test", flow,
        "deny in program /usr/bin/curl user 1000 protocol tcp from 192.0.2.2 port 22 "
        "remote-port 80 interface eth0"], result
    with tempfile.TemporaryDirectory() as folder:
        flows = put(folder, "flows", result.stdout)
        result = run("rules", "check", "--flows", flows, put(folder, "rules", "deny out\ndeny in\n"))
        assert "5 flows: 0 would be decided else, 0 can't" in result.stdout, result
    assert run("log", "--flows", "--json").returncode == 2


def test_watch(daemon):
    daemon.tell("reply Recent ([%s],)" % record(1))
    with Program("log", "--follow", "--json", stderr=subprocess.PIPE) as process:
        daemon.called("Watch")
        assert json.loads(process.stdout.readline())["serial"] == 1
        daemon.tell("records ([%s, %s], uint32 3)" % (record(1), record(2)))
        assert json.loads(process.stdout.readline())["serial"] == 2
        assert "3 records were lost" in process.stderr.readline()
        daemon.tell("leave")
        assert "waiting" in process.stderr.readline()
        daemon.tell("own")
        daemon.called("Watch")
        assert "back" in process.stderr.readline()
        daemon.tell("records ([%s], uint32 0)" % record(1, 9))
        assert json.loads(process.stdout.readline())["remote"] == "192.0.2.9"
        # Nobody reads any more: it ends by itself.
        process.stdout.close()
        daemon.tell("records ([%s], uint32 0)" % record(2))
        assert process.wait(PATIENCE) == 0


def test_watch_fits_the_terminal(daemon):
    for columns in (60, 100):
        daemon.tell("reply Recent (@aa{sv} [],)")
        terminal = Terminal("watch", columns=columns, term="dumb")
        daemon.called("Watch")
        for serial in (1, 99999):
            daemon.tell("records ([%s], uint32 0)" % record(serial))
            terminal.wait("%d  " % serial)
            line, = terminal.lines(1)
            left = columns - len("%4d  " % serial)
            assert "192.0." in line and len(line) <= left, (line, left)
        terminal.close()


def test_totals(daemon):
    daemon.tell("reply Totals (uint32 3600, [{'start': <int64 1700000000000000>, "
                "'program': <'/usr/bin/curl'>, 'flows': <uint64 12>, 'bytes-out': <uint64 1200>, "
                "'bytes-in': <uint64 5>}])")
    lines = run("totals", "--by", "program", "--step", "hour", "--last", "2d").stdout.splitlines()
    assert lines[0].split() == ["From", "Program", "Count", "Out", "In"], lines
    assert "/usr/bin/curl" in lines[1] and "12" in lines[1] and "1.2\u00a0kB" in lines[1], lines
    call = daemon.called("Totals")
    assert "3600, ['program'], @a{sv} {}" in call or "3600, ['program'], {" in call, call
    assert json.loads(run("totals", "--json").stdout)["flows"] == 12
    assert "['program', 'action']" in daemon.called("Totals")
    daemon.tell("reply Totals (uint32 60, @aa{sv} [])")
    assert "Nothing" in run("totals").stdout


def test_forget(daemon):
    assert run("forget", "--all").returncode == 0
    assert "'all': <true>" in daemon.called("Forget")


def test_explain(daemon):
    tell_rules(daemon)
    daemon.tell("reply GetStatus " + STATUS)
    result = run("explain", "out", "program", "/usr/bin/curl", "protocol", "tcp", "to", "192.0.2.1",
                 "port", "25")
    assert result.returncode == 0, result
    lines = result.stdout.splitlines()
    assert lines[0] == "It is refused. Rule 7 decides.", result
    assert lines[2] == "7  deny out port 25" and "It decides." in lines[3], result
    assert lines[5] == "9  allow out program /usr/bin/curl", result
    assert "Rule 7 is stricter" in lines[6], result
    result = run("explain", "out to 192.0.2.1 port 80 protocol tcp")
    assert result.stdout.startswith("That depends on: which program it is."), result
    result = run("explain", "in", "from", "192.0.2.1", "port", "22")
    assert result.stdout == "It is refused. No rule matches; that is the default.\n", result
    result = run("explain", "out", "to", "example.org")
    assert result.returncode == 6 and "one address" in result.stderr, result


def test_explain_in_other_modes(daemon):
    """What the rules say is not all, or they do not all count."""
    tell_rules(daemon)
    curl = ("explain", "out", "program", "/usr/bin/curl", "protocol", "tcp", "to")
    for mode, first, address, second in (
            ("lockdown", "In lockdown", "192.0.2.1", "It is refused. No rule matches; that is the default."),
            ("lockdown", "In lockdown", "10.1.2.3", "It is refused. Rule 11 decides."),
            ("off", "The firewall is off", "192.0.2.1", "It is allowed. Rule 9 decides."),
            ("learn", "The firewall is learning", "192.0.2.1", "It is allowed. Rule 9 decides.")):
        daemon.tell("reply GetStatus " + STATUS.replace("<'normal'>", "<'%s'>" % mode))
        lines = run(*curl, address, "port", "80").stdout.splitlines()
        assert lines[0].startswith(first) and lines[1] == second, (mode, lines)


def test_explain_unconfirmed(daemon):
    """An allow that nobody confirmed asks."""
    rule = (RULE % (9, "allow out program /usr/bin/curl", "true")).replace(
        "'enabled'", "'confirmed': <false>, 'enabled'")
    daemon.tell("reply List ([%s],)" % rule)
    daemon.tell("reply GetStatus " + STATUS)
    result = run("explain", "out", "program", "/usr/bin/curl", "protocol", "tcp", "to", "192.0.2.1", "port", "80")
    assert result.stdout.startswith("Somebody is asked. Rule 9 decides."), result


def test_explain_record(daemon):
    daemon.tell("reply Recent ([%s, %s],)" % (record(41), record(42)))
    tell_rules(daemon)
    daemon.tell("reply GetStatus " + STATUS)
    log = run("log").stdout.splitlines()
    # By its number, and by the whole line.
    for words in (["42"], log[2].split()):
        result = run("explain", *words)
        lines = result.stdout.splitlines()
        assert result.returncode == 0, result
        assert lines[1].split()[0] == "42" and "deny" in lines[1], lines
        assert lines[3] == "It is allowed. Rule 9 decides.", lines
    # Look-ups had been missed: said, and the rules about names count as they did then.
    missed = record(43).replace("}", ", 'names-missed': <true>}")
    daemon.tell("reply Recent ([%s],)" % missed)
    lines = run("explain", "43").stdout.splitlines()
    assert lines[3].startswith("A look-up had not been seen then"), lines
    assert lines[5] == "It is allowed. Rule 9 decides.", lines
    result = run("explain", "7")
    assert result.returncode == 5 and "no record 7" in result.stderr, result
    # A name that anybody may have given is none, and a path is the one that was made harmless.
    tell_rules(daemon, (5, "allow out to shop.test"), (6, "deny out program \"/tmp/a\\\\b\\xe2\\x80\\x8b\""))
    for number, more, said in ((1, "'host': <'shop.test'>, 'host-source': <'doubtful'>", "That depends on: the address's names"),
                               (2, "'host': <'shop.test'>, 'host-source': <'own'>", "Rule 5 decides"),
                               (3, "'program': <'/tmp/a\\\\\\\\b\\\\u{200B}'>", "Rule 6 decides")):
        told = record(number).replace("'program': <'/usr/bin/curl'>, ", "") if number == 3 else record(number)
        daemon.tell("reply Recent ([%s],)" % told.replace("}", ", %s}" % more, 1))
        result = run("explain", str(number))
        assert said in result.stdout, result


MODE = """({'mode': <'off'>, 'mode-since': <int64 1700000000000000>, 'mode-until': <int64 %d>,
'mode-maker': <uint32 0>, 'mode-reason': <'a printer'>, 'default-in': <'deny'>,
'default-out': <'ask'>},)"""


def test_mode(daemon):
    daemon.tell("reply GetStatus " + MODE % int(time.time() * 1e6 + 60e6))
    text = run("mode").stdout
    assert text.startswith("off until ") and "set by root" in text and "a printer" in text, text
    shown = json.loads(run("mode", "--json").stdout)
    assert shown["mode"] == "off" and "default-in" not in shown, shown
    daemon.forget()
    assert run("mode", "off", "--for", "10m", "--reason", "why").returncode == 0
    call = daemon.called("SetMode")
    assert "'off'" in call and "'seconds': <uint32 600>" in call and "'why'" in call, call
    daemon.uncalled("Guard")
    assert run("mode", "lockdown", "--confirm-within", "30s").returncode == 0
    assert "(30,)" in daemon.called("Guard")
    assert "'lockdown'" in daemon.called("SetMode")
    daemon.forget()
    assert run("confirm").returncode == 0
    daemon.called("Confirm")


def test_guarded_changes(daemon):
    daemon.tell("reply Add (uint64 5,)")
    result = run("rules", "add", "--confirm-within", "30s", "deny out port 25")
    assert result.returncode == 0 and result.stdout == "5\n", result
    assert "sallyport confirm" in result.stderr and "30 seconds" in result.stderr, result
    assert "(30,)" in daemon.called("Guard")
    daemon.called("Add")
    for command in (("remove", "7"), ("enable", "7"), ("disable", "7")):
        assert run("rules", command[0], "--confirm-within", "1m", *command[1:]).returncode == 0
        assert "(60,)" in daemon.called("Guard")
        daemon.called(command[0].capitalize())
    daemon.tell("error Guard org.sallyport.Firewall1.Error.Limit no")
    daemon.forget()
    assert run("rules", "add", "--confirm-within", "1s", "deny out").returncode == 1
    daemon.uncalled("Add")


def test_ssh_guards_itself(daemon):
    over = {"SSH_CONNECTION": "192.0.2.9 50123 198.51.100.1 22"}
    daemon.tell("reply GetStatus " + STATUS)
    daemon.tell("reply List ([%s],)" % (RULE % (7, "allow in port 22", "true")))
    daemon.tell("reply Add (uint64 8,)")
    daemon.forget()
    result = run("rules", "remove", "7", env=over)
    assert result.returncode == 0 and "192.0.2.9" in result.stderr, result
    assert "(30,)" in daemon.called("Guard")
    daemon.called("Remove")
    for command in (("rules", "remove", "--confirm-within", "0s", "7"),
                    ("rules", "add", "deny out port 22"), ("mode", "off")):
        daemon.forget()
        assert run(*command, env=over).returncode == 0, command
        daemon.uncalled("Guard")
    for command in (("rules", "add", "floor deny in from 192.0.2.0/24"), ("mode", "lockdown"),
                    ("rules", "disable", "7")):
        assert run(*command, env=over).returncode == 0, command
        daemon.called("Guard")
    daemon.tell("error List org.sallyport.Firewall1.Error.NotAuthorized no")
    assert run("rules", "add", "deny out port 22", env=over).returncode == 0
    daemon.called("Guard")
    daemon.tell("reply List ([%s],)" % (RULE % (7, "allow in port 22", "true")))
    # The rules of a file, each way of writing them.
    for text, guards in (("floor deny in\n", True), ("allow out\n", False)):
        daemon.tell("reply Import ([uint64 8, 9],)")
        daemon.forget()
        result = run("rules", "import", "-", text=text + "deny out port 25\n", env=over)
        assert result.returncode == 0, result
        (daemon.called if guards else daemon.uncalled)("Guard")
        daemon.called("Import")
    # What sudo takes away is found with a parent.
    daemon.forget()
    subprocess.run(["sh", "-c", "env -u SSH_CONNECTION '%s' mode lockdown; :" % SALLYPORT],
                   env={**os.environ, **over}, stderr=subprocess.DEVNULL, check=True)
    daemon.called("Guard")


ENTRY = """{'change': <uint64 9>, 'kind': <'change'>, 'undone': <false>, 'maker': <uint32 0>,
'time': <int64 1700000000000000>, 'how': <'bus'>, 'rule': <uint64 %d>, 'before': <'%s'>,
'after': <'%s'>}"""


def undo_over_ssh(daemon, verb, entry, *options):
    daemon.tell("reply %s ([%s],)" % (verb, ENTRY % entry))
    daemon.forget()
    result = run("undo", *options, env={"SSH_CONNECTION": "192.0.2.9 50123 198.51.100.1 22"})
    assert result.returncode == 0, result


def test_undo_over_ssh_guards_itself(daemon):
    daemon.tell("reply GetStatus " + STATUS)
    daemon.tell("reply List ([%s],)" % (RULE % (7, "allow in port 22", "true")))
    for verb, entry, guards in (("Undo", (7, "", "allow in port 22"), True),
                                ("Undo", (7, "allow in port 22 # why", "allow in port 22"), False),
                                ("Undo", (8, "floor deny in port 22", ""), True),
                                ("Undo", (7, "allow in port 80", "allow in port 22"), True),
                                ("Undo", (8, "deny out", ""), False),
                                ("Redo", (7, "allow in port 22", ""), True),
                                ("Redo", (8, "", "deny out"), False)):
        undo_over_ssh(daemon, verb, entry, *(["--redo"] if verb == "Redo" else []))
        (daemon.called if guards else daemon.uncalled)("Guard")
        if not guards:
            assert "'dry-run': <true>" in daemon.called(verb)
        assert "'change': <uint64 9>" in daemon.called(verb)	# that which was looked at
    undo_over_ssh(daemon, "Undo", (7, "", "allow in port 22"), "--confirm-within", "0s")
    daemon.uncalled("Guard")
    daemon.tell("error Undo org.sallyport.Firewall1.Error.NoSuchChange nothing")
    result = run("undo", env={"SSH_CONNECTION": "192.0.2.9 50123 198.51.100.1 22"})
    assert result.returncode == 5, result
    daemon.uncalled("Guard")


def test_undo_dry_run(daemon):
    daemon.tell("reply Undo ([%s],)" % (ENTRY % (7, "deny in", "allow in")))
    assert run("undo", "--dry-run").stdout == "- 7: allow in\n+ 7: deny in\n"
    assert "'dry-run': <true>" in daemon.called("Undo")
    daemon.uncalled("Undo")
    assert run("undo", "--list", "--dry-run").returncode == 2


def test_others_may_not_ask(daemon):
    terminal = Asked(daemon)
    try:
        for name in bus_names():
            subprocess.run(["dbus-send", "--bus=" + os.environ["DBUS_SYSTEM_BUS_ADDRESS"],
                            "--dest=" + name, "--print-reply", "--reply-timeout=500",
                            "/org/sallyport/Agent", "org.sallyport.Firewall1.Agent.Cancel",
                            "uint64:7", "string:gone"], capture_output=True, check=False)
        assert "gave up" not in terminal.read(0.3)
        terminal.type("a")
        daemon.called("Answer (7,")
    finally:
        terminal.close()


sys.exit(main(globals()))
