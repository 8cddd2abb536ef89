# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line as people and scripts run it: against a daemon that does what it is
told, on a bus of its own. Each test_*.py is run with SALLYPORT FAKE-DAEMON
INTERFACES.XML [TEST...] and says TAP."""

import fcntl
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

SALLYPORT, FAKE, XML = sys.argv[1:4]
PATIENCE = 10.0
INERT = 0.9

QUESTION = """{'title': <'curl wants to connect to 192.0.2.2 on port 80 (TCP)'>,
'direction': <'out'>, 'program': <'/usr/bin/curl'>, 'name': <'curl'>, 'user': <uint32 1000>,
'user-name': <'alice'>, 'pid': <uint32 1234>, 'command-line': <'curl http://192.0.2.2/'>,
'parent': <'/bin/bash'>, 'remote': <'192.0.2.2'>, 'remote-port': <uint32 80>,
'local-port': <uint32 40000>, 'protocol': <'tcp'>, 'interface': <'eth0'>, 'flows': <uint32 1>,
'created': <int64 %d>, 'deadline': <int64 %d>, 'outcome': <'deny'>, 'flags': <@as []>,
'scopes': <[('this-host-port', 'this host and port', 'allow out program /usr/bin/curl protocol tcp to 192.0.2.2 port 80'),
('anything', 'anything', 'allow out program /usr/bin/curl')]>,
'lifetimes': <['once', '15m', '1h', 'always']>, 'lifetime-default': <'always'>}"""

RECORD = """{'serial': <uint64 %d>, 'time': <int64 %d>, 'event': <'decided'>, 'action': <'deny'>,
'rule': <uint64 12>, 'by': <'rule'>, 'reason': <''>, 'direction': <'out'>,
'program': <'/usr/bin/curl'>, 'user': <uint32 1000>, 'pid': <uint32 7>, 'protocol': <'tcp'>,
'remote': <'192.0.2.%d'>, 'remote-port': <uint32 80>, 'local-port': <uint32 0>,
'interface': <'eth0'>, 'flows': <uint32 1>, 'bytes-out': <uint64 0>, 'bytes-in': <uint64 0>}"""

RULE = """{'id': <uint64 %d>, 'text': <'%s'>, 'sentence': <'Allow it.'>, 'owner': <uint32 4294967295>,
'enabled': <%s>, 'floor': <false>, 'created': <int64 0>, 'maker': <uint32 0>,
'expires': <int64 0>, 'note': <''>}"""

STATUS = """({'version': <'0.1'>, 'module-version': <'0.1'>, 'state': <'degraded'>,
'reasons': <['executions are not seen']>, 'mode': <'normal'>, 'epoch': <uint64 3>,
'rules': <uint32 2>, 'questions': <uint32 1>, 'agents': <uint32 0>, 'default-out': <'ask'>,
'default-in': <'deny'>, 'counters': <{'cache-hit': uint64 120, 'limit-user': uint64 7, 'drop': uint64 0}>,
'tables': <{'flows': (uint32 12, uint32 65536)}>, 'since': <int64 1700000000000000>},)"""

THERE = [(7, "deny out port 25"), (9, "allow out program /usr/bin/curl"),
         (11, "floor deny out to 10.0.0.0/8")]


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

    def lines(self, number):
        """The next whole ones."""
        end = time.monotonic() + PATIENCE
        while self.output.count("\n") < number:
            assert time.monotonic() < end, self.output
            self.read(0.02)
        return [line.rstrip("\r") for line in self.output.split("\n")[:number]]

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


def tell_rules(daemon, *rules):
    daemon.tell("reply List ([%s],)" % ", ".join(
        RULE % (i, text.replace("\\", "\\\\"), "true") for i, text in rules or THERE))


def put(folder, name, text):
    with open(folder + "/" + name, "w", encoding="utf-8") as file:
        file.write(text)
    return folder + "/" + name


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


def main(tests):
    # Not the connection that this test is run over.
    os.environ.update(LC_ALL="C.UTF-8", SSH_CONNECTION="")
    for name in "NO_COLOR", "LANGUAGE":
        os.environ.pop(name, None)
    wanted = sys.argv[4:]
    tests = [(name, test) for name, test in tests.items()
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
