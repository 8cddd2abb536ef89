#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sallyport connections."""

import json
import signal
import sys

from harness import PATIENCE, Program, SCREEN_OFF, SCREEN_ON, Terminal, main, run


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


def test_connections_watch_fits_a_plain_terminal(daemon):
    daemon.tell(flows(10, (3, "curl", 1000)))
    terminal = Terminal("connections", "--watch", columns=60, term="dumb")
    terminal.wait("Program")
    daemon.tell(flows(12, (3, "a-program-with-a-long-name", 9000)))
    terminal.wait("a-progr")
    terminal.wait("Program")
    lines = terminal.lines(2)
    assert len("Program" + lines[0]) <= 60 and len(lines[1]) <= 60, lines
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


sys.exit(main(globals()))
