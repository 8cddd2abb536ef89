#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""test_program.py SALLYPORT FAKE-DAEMON INTERFACES.XML

The command line as people and scripts run it: against a daemon that does what
it is told, on a bus of its own; 'answer' through a pty. TAP.
"""

import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import traceback
import fcntl

SALLYPORT, FAKE, XML = sys.argv[1:4]
PATIENCE = 10.0
INERT = 0.9

QUESTION = """{'title': <'curl wants to connect to 192.0.2.2 on port 80 (TCP)'>,
'direction': <'out'>, 'program': <'/usr/bin/curl'>, 'name': <'curl'>, 'user': <uint32 1000>,
'user-name': <'alice'>, 'pid': <uint32 1234>, 'command-line': <'curl http://192.0.2.2/'>,
'parent': <'/bin/bash'>, 'remote': <'192.0.2.2'>, 'remote-port': <uint32 80>,
'local-port': <uint32 40000>, 'protocol': <'TCP'>, 'interface': <'eth0'>, 'flows': <uint32 1>,
'created': <int64 %d>, 'deadline': <int64 %d>, 'outcome': <'deny'>, 'flags': <@as []>,
'scopes': <[('this-host-port', 'this host and port', 'allow out program /usr/bin/curl protocol tcp to 192.0.2.2 port 80'),
('anything', 'anything', 'allow out program /usr/bin/curl')]>,
'lifetimes': <['once', '15m', '1h', 'always']>, 'lifetime-default': <'always'>}"""

RECORD = """{'serial': <uint64 %d>, 'time': <int64 %d>, 'event': <'decided'>, 'action': <'deny'>,
'rule': <uint64 12>, 'by': <'rule'>, 'reason': <''>, 'direction': <'out'>,
'program': <'/usr/bin/curl'>, 'user': <uint32 1000>, 'pid': <uint32 7>, 'protocol': <'TCP'>,
'remote': <'192.0.2.%d'>, 'remote-port': <uint32 80>, 'local-port': <uint32 0>,
'interface': <'eth0'>, 'bytes-out': <uint64 0>, 'bytes-in': <uint64 0>}"""

RULE = """{'id': <uint64 %d>, 'text': <'%s'>, 'sentence': <'Allow it.'>, 'owner': <uint32 4294967295>,
'enabled': <%s>, 'floor': <false>, 'created': <int64 0>, 'maker': <uint32 0>,
'expires': <int64 0>, 'note': <''>}"""

STATUS = """({'version': <'0.1'>, 'module-version': <'0.1'>, 'state': <'degraded'>,
'reasons': <['executions are not seen']>, 'mode': <'normal'>, 'epoch': <uint64 3>,
'rules': <uint32 2>, 'questions': <uint32 1>, 'agents': <uint32 0>, 'default-out': <'ask'>,
'default-in': <'deny'>, 'counters': <{'cache-hit': uint64 120, 'limit-user': uint64 7, 'drop': uint64 0}>,
'tables': <{'flows': (uint32 12, uint32 65536)}>, 'since': <int64 1700000000000000>},)"""


def one_line(text):
    return text.replace("\n", " ")


def question(seconds=60):
    now = int(time.time() * 1e6)
    return one_line(QUESTION % (now, now + seconds * 1000000))


def record(serial, host=2):
    return one_line(RECORD % (serial, int(time.time() * 1e6), host))


class Daemon:
    """The fake one: tell it, and wait for what it was called with."""

    def __init__(self):
        self.process = subprocess.Popen([FAKE, XML], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, bufsize=0)
        self.buffer, self.calls = b"", []
        self.sync()
        deadline = time.monotonic() + PATIENCE
        while run("status").returncode == 4 and time.monotonic() < deadline:
            time.sleep(0.02)
        self.forget()

    def sync(self):
        """All that was called before has been read."""
        self.tell("nothing")

    def forget(self):
        self.sync()
        self.calls.clear()

    def line(self):
        while b"\n" not in self.buffer:
            ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
            assert ready, "the fake daemon says nothing"
            data = os.read(self.process.stdout.fileno(), 65536)
            assert data, "the fake daemon ended"
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.decode()

    def tell(self, command):
        self.process.stdin.write((one_line(command) + "\n").encode())
        while True:
            line = self.line()
            if line == "done":
                return
            self.calls.append(line)

    def called(self, start):
        """Waits for a call that begins so, and forgets those before it."""
        while True:
            while self.calls:
                line = self.calls.pop(0)
                if line.startswith("call " + start):
                    return line
            self.calls.append(self.line())

    def uncalled(self, start):
        self.sync()
        assert not [c for c in self.calls if c.startswith("call " + start)], self.calls

    def close(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


def run(*args, text=None, env=None):
    return subprocess.run([SALLYPORT, *args], input=text or "", capture_output=True, text=True,
                          timeout=PATIENCE, env={**os.environ, **(env or {})}, check=False)


class Program(subprocess.Popen):
    """sallyport on pipes; it does not outlive a test that failed."""

    def __init__(self, *args, **more):
        super().__init__([SALLYPORT, *args], stdout=subprocess.PIPE, text=True, **more)

    def __exit__(self, kind, *rest):
        if kind:
            self.kill()
        super().__exit__(kind, *rest)


class Terminal:
    """sallyport on a pty."""

    def __init__(self, *args, rows=24, columns=80, term="xterm"):
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.environ["TERM"] = term
            os.execv(SALLYPORT, [SALLYPORT, *args])
        self.output, self.status = "", None
        self.resize(rows, columns)

    def resize(self, rows, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        """What came meanwhile; also kept in self.output."""
        end, got = time.monotonic() + seconds, ""
        while True:
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            if not ready:
                return got
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            if not data:
                return got
            got += data.decode()
            self.output += data.decode()

    def wait(self, text):
        """Until it was written; what came before it is forgotten."""
        end = time.monotonic() + PATIENCE
        while text not in self.output:
            assert time.monotonic() < end, "no %r in %r" % (text, self.output[-2000:])
            self.read(0.02)
        self.output = self.output.split(text, 1)[1]

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def raw(self):
        return not termios.tcgetattr(self.fd)[3] & termios.ICANON

    def ends(self):
        end = time.monotonic() + PATIENCE
        while self.status is None and time.monotonic() < end:
            self.read(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
        assert self.status is not None, "it does not end"
        self.read(0)
        return os.waitstatus_to_exitcode(self.status)

    def close(self):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


SHOWN = "wants to connect to"
SCREEN_ON, SCREEN_OFF = "\x1b[?1049h", "\x1b[?1049l"


class Asked(Terminal):
    """sallyport answer with a question on screen that takes keys."""

    def __init__(self, daemon, **more):
        super().__init__("answer", **more)
        self.wait("Waiting for questions")
        daemon.called("RegisterAgent")
        daemon.tell("ask 7 " + question())
        self.wait(SHOWN)
        time.sleep(INERT + 0.2)


# Plain commands.

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


def test_rules_list(daemon):
    rules = "([%s, %s],)" % (RULE % (1, "deny out program /usr/bin/curl", "true"),
                             RULE % (23, "disabled allow in # note", "false"))
    daemon.tell("reply List " + rules)
    lines = run("rules", "list").stdout.splitlines()
    assert lines[0].split() == ["ID", "On", "Rule", "Owner", "Until"], lines
    assert lines[1].split() == ["1", "on", "deny", "out", "program", "/usr/bin/curl", "system"]
    assert lines[2].split()[:5] == ["23", "off", "allow", "in", "#"], lines
    assert "Allow it." in run("rules", "list", "--sentences").stdout
    objects = [json.loads(line) for line in run("rules", "list", "--json").stdout.splitlines()]
    assert [o["id"] for o in objects] == [1, 23] and objects[0]["enabled"] is True
    daemon.forget()
    run("rules", "list", "--all")
    assert "'all': <true>" in daemon.called("List")
    daemon.tell("reply List (@aa{sv} [],)")
    assert "no rules" in run("rules", "list").stdout
    assert run("rules", "list", "--json").stdout == ""


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
    # What sudo takes away is found with a parent.
    daemon.forget()
    subprocess.run(["sh", "-c", "env -u SSH_CONNECTION '%s' mode lockdown; :" % SALLYPORT],
                   env={**os.environ, **over}, stderr=subprocess.DEVNULL, check=True)
    daemon.called("Guard")


FLOW = """{'id': <uint64 %d>, 'action': <'allow'>, 'rule': <uint64 12>,
'program': <'/usr/bin/%s'>, 'direction': <'out'>, 'user': <uint32 1000>, 'pid': <uint32 7>,
'protocol': <'tcp'>, 'remote': <'192.0.2.2'>, 'remote-port': <uint32 443>,
'local-port': <uint32 40000>, 'interface': <'eth0'>, 'since': <int64 0>, 'used': <int64 0>,
'bytes-out': <uint64 %d>, 'bytes-in': <uint64 0>, 'packets-out': <uint64 1>,
'packets-in': <uint64 0>}"""


def flows(seconds, *rows):
    return "reply List (int64 %d, %s)" % (seconds * 1000000, "[%s]" % ", ".join(FLOW % row for row in rows)
                                    if rows else "@aa{sv} []")


def test_connections(daemon):
    daemon.tell(flows(1, (3, "curl", 2500), (4, "wget", 0)))
    lines = run("connections").stdout.splitlines()
    assert lines[0].split()[:4] == ["Id", "Action", "Program", "Destination"], lines
    assert lines[1].split()[:7] == ["3", "allow", "curl", "192.0.2.2", "port", "443", "tcp"], lines
    assert "2.5\xa0kB" in lines[1] and len(lines) == 3, lines
    objects = [json.loads(line) for line in run("connections", "--json").stdout.splitlines()]
    assert [o["id"] for o in objects] == [3, 4], objects
    daemon.tell(flows(2))
    assert "No connection" in run("connections").stdout
    assert run("connections", "--json").stdout == ""


def test_connections_of_many_pages(daemon):
    daemon.tell(flows(1, *[(n + 1, "curl", n) for n in range(1000)]))
    daemon.forget()
    program = Program("connections", "--json")
    assert "(0, 1000" in daemon.called("List")
    assert "(1000, 1000" in daemon.called("List")
    daemon.tell(flows(2, (1001, "wget", 1)))
    lines = program.communicate(timeout=PATIENCE)[0].splitlines()
    assert json.loads(lines[-1])["id"] == 1001 and len(lines) % 1000 == 1, lines[-1]


def test_connections_end(daemon):
    daemon.forget()
    assert run("connections", "end", "3", "4").returncode == 0
    assert "[3, 4]" in daemon.called("End")
    daemon.tell("error End org.sallyport.Firewall1.Error.NoSuchFlow there is no flow 3")
    assert run("connections", "end", "3").returncode == 5


def test_connections_watch(daemon):
    daemon.tell(flows(10, (3, "curl", 1000)))
    terminal = Terminal("connections", "--watch")
    terminal.wait(SCREEN_ON)
    terminal.wait("curl")
    daemon.tell(flows(12, (3, "curl", 9000), (4, "wget", 100)))
    terminal.wait("4.0\xa0kB/s")
    terminal.wait("wget")
    daemon.tell("error List org.sallyport.Firewall1.Error.NotReady no module")
    terminal.wait(SCREEN_OFF)
    assert terminal.ends() == 4 and "no module" in terminal.output, terminal.output
    terminal.close()
    daemon.tell(flows(20))
    terminal = Terminal("connections", "-w")
    terminal.wait("No connection is open")
    terminal.type("q")
    assert terminal.ends() == 0
    terminal.close()


def test_connections_watch_without_terminal(daemon):
    daemon.tell(flows(10, (3, "curl", 1000)))
    with Program("connections", "--watch", "--json") as program:
        first = json.loads(program.stdout.readline())
        assert (first["program"], first["flows"]) == ("/usr/bin/curl", 1), first
        daemon.tell(flows(12, (3, "curl", 9000)))
        while json.loads(program.stdout.readline())["out-per-second"] != 4000:
            pass
        program.send_signal(signal.SIGINT)
        program.stdout.read()
        assert program.wait(PATIENCE) == 0


THERE = [(7, "deny out port 25"), (9, "allow out program /usr/bin/curl"),
         (11, "floor deny out to 10.0.0.0/8")]


def tell_rules(daemon):
    daemon.tell("reply List ([%s],)" % ", ".join(RULE % (i, text, "true") for i, text in THERE))


def put(folder, name, text):
    with open(folder + "/" + name, "w", encoding="utf-8") as file:
        file.write(text)
    return folder + "/" + name


def test_rules_check():
    with tempfile.TemporaryDirectory() as folder:
        rules = put(folder, "a.rules", "floor deny out to 10.0.0.0/8\ninclude b\n")
        put(folder, "b", "allow out program /a to 10.1.0.0/16\nallow out\nallow out # again\n")
        result = run("rules", "check", rules)
        assert result.returncode == 0 and "4 rules" in result.stdout, result
        assert "b:1: this rule never decides; %s:1 does" % rules in result.stdout, result
        assert "deny out program /a to 10.1.0.0" in result.stdout, result
        assert "b:3 says the same" in result.stdout, result
        flows = put(folder, "flows", "# two\nallow out to 10.2.3.4\nallow out to 192.0.2.1\n")
        result = run("rules", "check", "--flows", flows, rules)
        assert "would be: deny (%s:1)" % rules in result.stdout, result
        assert "2 flows: 1 would be decided else, 0" in result.stdout, result
        put(folder, "flows", "allow out to example.org\n")
        result = run("rules", "check", "--flows", flows, rules)
        assert result.returncode == 6 and "flows:1:1: a flow goes to one address" in result.stderr
        put(folder, "b", "alow out\n")
        result = run("rules", "check", rules)
        assert result.returncode == 6 and "/b:1:1: unknown word" in result.stderr, result
        os.mkdir(folder + "/rules.d")
        put(folder, "rules.d/10-x.rules", "allow out owner 1000\n")
        result = run("rules", "check", folder + "/rules.d")
        assert result.returncode == 6 and "10-x.rules:1:1" in result.stderr, result
    result = run("rules", "check", "--json", "-", text='[{"action":"allow","direction":"out"},{}]')
    assert result.returncode == 6 and "rule 2" in result.stderr, result


def test_rules_export(daemon):
    tell_rules(daemon)
    assert run("rules", "export").stdout.splitlines() == [text for _, text in THERE]
    objects = json.loads(run("rules", "export", "--json").stdout)
    assert objects[0] == {"action": "deny", "direction": "out", "port": "25"}, objects
    # what is exported is there already
    for form in (), ("--json",):
        text = run("rules", "export", *form).stdout
        result = run("rules", "import", "--dry-run", *form, "-", text=text)
        assert result.returncode == 0, result
        assert [line[0] for line in result.stdout.splitlines()] == ["="] * 3, result


def test_rules_import(daemon):
    tell_rules(daemon)
    daemon.tell("reply Import ([uint64 12, 13],)")
    text = "deny out owner system port 25 # mail\ndeny out program /usr/bin/curl owner system\nallow in owner system\n"
    with tempfile.TemporaryDirectory() as folder:
        path = put(folder, "some", text)
        daemon.forget()
        result = run("rules", "import", "-n", path)
        assert result.returncode == 0, result
        assert result.stdout.splitlines() == [
            "= deny out port 25 # mail   (is rule 7)",
            "~ deny out program /usr/bin/curl   (newer than rule 9, about the same)",
            "+ allow in"], result
        daemon.uncalled("Import")
        result = run("rules", "import", path)
        assert result.returncode == 0, result
        assert "deny out program /usr/bin/curl\\nallow in\\n" in daemon.called("Import")
        put(folder, "some", "allow out\nnonsense\n")
        daemon.forget()
        result = run("rules", "import", path)
        assert result.returncode == 6 and "some:2:1" in result.stderr, result
        daemon.uncalled("Import")


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


def test_rules_add(daemon):
    daemon.tell("reply Add (uint64 12,)")
    result = run("rules", "add", "--for", "90m", "--owner", "1000", "allow", "out", "to", "192.0.2.1")
    assert result.returncode == 0 and result.stdout == "12\n", result
    call = daemon.called("Add")
    assert "'allow out owner 1000 to 192.0.2.1'" in call, call
    assert "'lifetime': <'90m'>" in call and "'owner': <uint32 1000>" in call, call


def test_rules_add_input(daemon):
    daemon.tell("reply Import ([uint64 12, 13],)")
    result = run("rules", "add", "-", text="# two\nallow out\n\ndeny in\n")
    assert result.returncode == 0 and result.stdout == "12\n13\n", result
    # One change, each on its line.
    assert "'\\nallow out\\n\\ndeny in\\n'" in daemon.called("Import")
    daemon.forget()
    result = run("rules", "add", "-", text="allow out\nallow out prt 80\n")
    assert result.returncode == 6 and ":2:11:" in result.stderr, result
    daemon.uncalled("Import")


def test_rules_import_in_parts(daemon):
    daemon.tell("reply Import ([uint64 12],)")
    daemon.tell("reply List (@aa{sv} [],)")
    count = 5000
    text = "".join("deny out to 10.%d.%d.0/24 # a note\n" % (n // 256, n % 256)
                   for n in range(count))
    parts = []
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(
            [SALLYPORT, "rules", "import", put(folder, "many", text)],
            stdout=subprocess.DEVNULL) as process:
        while not parts or "'more': <true>" in parts[-1]:
            parts.append(daemon.called("Import"))
        assert process.wait(PATIENCE) == 0
    assert len(parts) > 1 and all(len(part) < 131072 for part in parts), [len(p) for p in parts]
    assert sum(part.count("# a note") for part in parts) == count


def test_rules_add_many_refused(daemon):
    daemon.tell("error Import org.sallyport.Firewall1.Error.Limit too many rules")
    result = run("rules", "add", "-", text="allow out\ndeny in\n")
    assert result.returncode == 1 and "too many rules" in result.stderr, result
    daemon.called("Import")
    daemon.uncalled("Remove")


def test_rules_remove(daemon):
    daemon.tell("reply Remove ()")
    assert run("rules", "remove", "3", "4").returncode == 0
    call = daemon.called("Remove")
    assert "3" in call and "4" in call, call
    daemon.tell("error Remove org.sallyport.Firewall1.Error.NoSuchRule there is no rule 9")
    result = run("rules", "remove", "9")
    assert result.returncode == 5 and "there is no rule 9" in result.stderr, result


def test_rules_switch(daemon):
    for word, method in (("enable", "Enable"), ("disable", "Disable")):
        assert run("rules", word, "3", "4").returncode == 0
        call = daemon.called(method)
        assert "3" in call and "4" in call, call


def test_rules_show(daemon):
    rule = RULE % (7, "deny out program /usr/bin/curl", "true")
    daemon.tell("reply List ([%s],)" % rule)
    text = run("rules", "show", "7").stdout
    assert "7: deny out program /usr/bin/curl" in text and "Allow it." in text, text
    assert json.loads(run("rules", "show", "--json", "7").stdout)["id"] == 7
    result = run("rules", "show", "8")
    assert result.returncode == 5 and "no rule 8" in result.stderr, result
    daemon.tell("reply List ([%s],)" % rule.replace("}", ", 'confirmed': <false>}"))
    assert "asks" in run("rules", "list").stdout


def test_rules_edit(daemon):
    daemon.tell("reply List ([%s],)" % (RULE % (7, "deny out program /usr/bin/curl", "true")))
    assert run("rules", "edit", "7", "drop", "out", "port", "80").returncode == 0
    assert "7, 'drop out port 80'" in daemon.called("Edit")
    # With an editor, that gets the rule and changes it.
    result = run("rules", "edit", "7", env={"VISUAL": "sed -i s/deny/allow/"})
    assert result.returncode == 0, result
    assert "'allow out program /usr/bin/curl'" in daemon.called("Edit")
    # Nothing is sent when the editor fails, or when it is no rule.
    assert run("rules", "edit", "7", env={"VISUAL": "false"}).returncode == 1
    result = run("rules", "edit", "7", env={"VISUAL": "sed -i s/deny/dney/"})
    assert result.returncode == 6 and "deny" in result.stderr, result
    assert run("rules", "edit", "7", env={"VISUAL": "sed -i p"}).returncode == 2
    daemon.uncalled("Edit")


ENTRY = """{'change': <uint64 %d>, 'kind': <'change'>, 'target': <uint64 0>, 'undone': <%s>,
'time': <int64 1700000000000000>, 'maker': <uint32 0>, 'how': <'bus'>, 'rule': <uint64 5>,
'before': <'%s'>, 'after': <'%s'>}"""


def test_undo(daemon):
    entry = ENTRY % (9, "false", "deny in", "allow in")
    daemon.tell("reply Undo ([%s],)" % entry)
    daemon.tell("reply Redo ([%s],)" % entry)
    assert run("undo").stdout == "- 5: allow in\n+ 5: deny in\n"
    assert "9" not in daemon.called("Undo")
    assert run("undo", "--redo", "--change", "9").stdout == "- 5: deny in\n+ 5: allow in\n"
    assert "'change': <uint64 9>" in daemon.called("Redo")
    assert json.loads(run("undo", "--json").stdout)["before"] == "deny in"
    daemon.tell("error Undo org.sallyport.Firewall1.Error.Conflict rule 5 has changed since")
    result = run("undo")
    assert result.returncode == 8 and "rule 5 has changed since" in result.stderr, result
    daemon.tell("error Undo org.sallyport.Firewall1.Error.NoSuchChange there is nothing to undo")
    assert run("undo").returncode == 5


def test_undo_list(daemon):
    daemon.tell("reply Journal ([%s, %s, %s],)" % (ENTRY % (9, "true", "", "allow in"),
                ENTRY % (9, "true", "deny in", ""), ENTRY % (8, "false", "", "deny in")))
    lines = run("undo", "--list").stdout.splitlines()
    assert len(lines) == 5 and lines[0].startswith("change 9") and "(undone)" in lines[0], lines
    assert lines[1:3] == ["  + 5: allow in", "  - 5: deny in"], lines
    assert lines[3].startswith("change 8"), lines
    daemon.tell("reply Journal (@aa{sv} [],)")
    assert "No rule" in run("undo", "--list").stdout


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
    assert lines[0].split()[:5] == ["Time", "Event", "Action", "Program", "Destination"], lines
    assert lines[1].split()[1:] == ["decided", "deny", "curl", "192.0.2.2", "port", "80", "12", "rule"]
    assert "(20, " in daemon.called("Recent")
    objects = [json.loads(line) for line in run("log", "--json", "-n", "2").stdout.splitlines()]
    assert [o["serial"] for o in objects] == [1, 2], objects
    daemon.tell("reply Recent (@aa{sv} [],)")
    assert "Nothing" in run("log").stdout


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


# answer on a terminal.

def test_answer_keys(daemon):
    for key, expected in (("a", ("Answer (7, 'token', 'allow', 'this-host-port', 'always')",
                                 "allowed always: curl → 192.0.2.2 port 80")),
                          ("o", ("Answer (7, 'token', 'allow', 'this-host-port', 'once')",
                                 "allowed once: curl → 192.0.2.2 port 80")),
                          ("d", ("Answer (7, 'token', 'deny', 'this-host-port', 'always')",
                                 "denied always: curl → 192.0.2.2 port 80")),
                          ("n", ("Dismiss (7, 'token')",
                                 "not now: curl → 192.0.2.2 port 80"))):
        daemon.tell("reply Answer ()")
        daemon.tell("reply Dismiss ()")
        terminal = Asked(daemon)
        try:
            terminal.type(key)
            daemon.called(expected[0])
            terminal.wait(SCREEN_OFF)
            terminal.wait(expected[1])
            assert terminal.raw()
            terminal.type("q")
            assert terminal.ends() == 0
            assert not terminal.raw()
        finally:
            terminal.close()


def test_answer_screen(daemon):
    terminal = Asked(daemon)
    try:
        terminal.wait("denied in")
        terminal.type("s")
        terminal.wait("anything")
        terminal.type("l")
        terminal.wait("a allow once")
        time.sleep(INERT + 0.2)
        terminal.type("d")
        daemon.called("Answer (7, 'token', 'deny', 'anything', 'once')")
    finally:
        terminal.close()


def test_answer_inert(daemon):
    terminal = Terminal("answer")
    try:
        terminal.wait("Waiting for questions")
        daemon.called("RegisterAgent")
        terminal.type("a")              # typed ahead
        daemon.tell("ask 7 " + question())
        terminal.wait(SHOWN)
        for _ in range(6):
            terminal.type("a")
            time.sleep(0.3)
        terminal.type("a")
        daemon.uncalled("Answer")
        time.sleep(INERT + 0.2)
        terminal.type("aaa")            # pasted
        time.sleep(0.2)
        daemon.uncalled("Answer")
        time.sleep(INERT + 0.2)
        terminal.type("a")
        daemon.called("Answer")
    finally:
        terminal.close()


def test_answer_queue(daemon):
    daemon.tell("reply Answer ()")
    terminal = Asked(daemon)
    try:
        daemon.tell("ask 8 " + question().replace("curl wants", "wget wants").replace("'curl'", "'wget'"))
        terminal.wait("1 more question waits")
        assert "wget wants" not in terminal.output
        terminal.type("o")
        daemon.called("Answer (7,")
        terminal.wait("allowed once: curl")
        terminal.wait("wget wants")
        daemon.tell("cancel 8 expired")
        terminal.wait("nobody answered in time: wget")
    finally:
        terminal.close()


def test_answer_refused(daemon):
    daemon.tell("error Answer org.sallyport.Firewall1.Error.NotAuthorized dismissed")
    terminal = Asked(daemon)
    try:
        terminal.type("a")
        daemon.called("Answer")
        terminal.wait(SHOWN)
        terminal.wait("not authorised: dismissed")
        terminal.type("q")              # too early
        time.sleep(INERT + 0.2)
        terminal.type("q")
        time.sleep(INERT + 0.2)
        terminal.type("q")
        assert terminal.ends() == 0
    finally:
        terminal.close()


def test_answer_signals(daemon):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        terminal = Asked(daemon)
        try:
            assert terminal.raw()
            os.kill(terminal.pid, number)
            assert terminal.ends() == -number, number
            assert not terminal.raw()
            assert SCREEN_OFF in terminal.output
        finally:
            terminal.close()


def test_answer_interrupt_key(daemon):
    terminal = Asked(daemon)
    try:
        terminal.type("\x03")
        assert terminal.ends() == -signal.SIGINT
        assert not terminal.raw()
    finally:
        terminal.close()


def test_answer_crash(daemon):
    terminal = Asked(daemon)
    try:
        os.kill(terminal.pid, signal.SIGABRT)
        assert terminal.ends() == -signal.SIGABRT
        assert not terminal.raw() and SCREEN_OFF in terminal.output
    finally:
        terminal.close()


def test_answer_stopped(daemon):
    terminal = Asked(daemon)
    try:
        os.kill(terminal.pid, signal.SIGTSTP)
        terminal.wait(SCREEN_OFF)
        pid, status = os.waitpid(terminal.pid, os.WUNTRACED)
        assert pid and os.WIFSTOPPED(status)
        assert not terminal.raw()
        terminal.type("a")              # for a shell, not for us
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.wait(SCREEN_ON)
        terminal.wait(SHOWN)
        assert terminal.raw()
        terminal.type("a")
        time.sleep(0.2)
        daemon.uncalled("Answer")
        time.sleep(INERT + 0.2)
        terminal.type("a")
        daemon.called("Answer")
    finally:
        terminal.close()


def test_answer_resize(daemon):
    terminal = Asked(daemon)
    try:
        terminal.resize(3, 30)
        terminal.wait("A question waits")
        terminal.type("a")
        time.sleep(0.2)
        daemon.uncalled("Answer")
        terminal.resize(12, 50)
        terminal.wait(SHOWN)
        time.sleep(INERT + 0.2)
        terminal.type("a")
        daemon.called("Answer")
    finally:
        terminal.close()


def test_answer_countdown(daemon):
    terminal = Asked(daemon)
    try:
        for _ in range(3):              # it goes on by itself
            terminal.wait("denied in ")
            terminal.wait("\x1b[H")
        daemon.tell("cancel 7 gone")
        terminal.wait("the program gave up")
        assert not terminal.read(1.5)   # nothing to show: nothing is written
    finally:
        terminal.close()


def test_answer_daemon_restarts(daemon):
    terminal = Asked(daemon)
    try:
        daemon.tell("leave")
        terminal.wait(SCREEN_OFF)
        terminal.wait("waiting for it")
        daemon.tell("own")
        daemon.called("RegisterAgent")
        terminal.wait("Waiting for questions")
        daemon.tell("ask 7 " + question())
        terminal.wait(SHOWN)
    finally:
        terminal.close()


def test_answer_refused_agent(daemon):
    daemon.tell("error RegisterAgent org.sallyport.Firewall1.Error.NotAuthorized not you")
    assert run("answer").returncode == 3
    terminal = Terminal("answer")
    try:
        assert terminal.ends() == 3 and not terminal.raw()
    finally:
        terminal.close()


def test_answer_lines(daemon):
    daemon.tell("reply Answer ()")
    daemon.tell("reply Dismiss ()")
    with Program("answer", stdin=subprocess.PIPE) as process:
        assert "Waiting" in process.stdout.readline()
        daemon.called("RegisterAgent")
        process.stdin.write("what\nallow 15m anything\nnot now\n")
        process.stdin.close()
        daemon.tell("ask 7 " + question())
        daemon.called("Answer (7, 'token', 'allow', 'anything', '15m')")
        daemon.tell("ask 8 " + question())
        daemon.called("Dismiss (8")
        text = process.stdout.read()
        assert process.wait(PATIENCE) == 0
        assert SHOWN in text and "no answer here" in text, text
        assert "allowed for 15 minutes: curl" in text and "not now: curl" in text, text
        assert "\x1b" not in text, text


def test_answer_dumb_terminal(daemon):
    terminal = Terminal("answer", term="dumb")
    try:
        terminal.wait("Waiting")
        daemon.called("RegisterAgent")
        terminal.type("allow always\n")         # typed ahead
        daemon.tell("ask 7 " + question())
        terminal.wait("denied in")
        terminal.type("allow once\n")
        terminal.wait("not used")
        time.sleep(INERT + 0.2)
        daemon.uncalled("Answer")
        terminal.type("allow once\n")
        daemon.called("Answer (7, 'token', 'allow', 'this-host-port', 'once')")
    finally:
        terminal.close()


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


def bus_names():
    result = subprocess.run(["dbus-send", "--bus=" + os.environ["DBUS_SYSTEM_BUS_ADDRESS"],
                             "--dest=org.freedesktop.DBus", "--print-reply", "/org/freedesktop/DBus",
                             "org.freedesktop.DBus.ListNames"], capture_output=True, text=True,
                            check=True)
    return re.findall(r'"(:[\d.]+)"', result.stdout)


def run_test(test):
    daemon = None
    try:
        if test.__code__.co_argcount:
            daemon = Daemon()
            test(daemon)
        else:
            test()
        return None
    except Exception:  # pylint: disable=broad-except
        return traceback.format_exc()
    finally:
        if daemon:
            daemon.close()


def start_bus(folder):
    bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1",
                            "--address=unix:dir=" + folder], stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, text=True)
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = bus.stdout.readline().strip()
    return bus


def main():
    # Not the connection that this test is run over.
    os.environ.update(LC_ALL="C.UTF-8", SSH_CONNECTION="")
    os.environ.pop("NO_COLOR", None)
    wanted = sys.argv[4:]
    tests = [(name, test) for name, test in globals().items()
             if name.startswith("test_") and (not wanted or name in wanted)]
    failed = 0
    print("1..%d" % len(tests), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        bus = start_bus(folder)
        try:
            for number, (name, test) in enumerate(tests, 1):
                problem = run_test(test)
                failed += problem is not None
                print("%s %d - %s" % ("not ok" if problem else "ok", number, name[5:]))
                for line in (problem or "").splitlines():
                    print("# " + line)
                sys.stdout.flush()
        finally:
            bus.terminate()
            bus.wait()
            bus.stdout.close()
    return 1 if failed else 0


sys.exit(main())
