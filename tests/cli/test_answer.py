#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sallyport answer: keys, screen, lines; through a pty."""

import os
import signal
import subprocess
import sys
import time

from harness import (Asked, INERT, PATIENCE, Program, RULE, SCREEN_OFF, SCREEN_ON, SHOWN,
                     STATUS, Terminal, main, question, run)


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


def test_over_ssh_it_does_not_end_itself(daemon):
    daemon.tell("reply GetStatus " + STATUS)
    daemon.tell("reply List ([%s],)" % (RULE % (7, "allow in port 22", "true")))
    daemon.tell("reply Answer ()")
    sshd = question().replace("allow out program /usr/bin/curl'", "allow in port 22 protocol tcp'")
    sshd = sshd.replace("('this-host-port'", "('newer', 'a rule of a newer daemon', 'allow in colour blue'), "
                        "('this-host-port'", 1)
    for ssh, line, given in (("192.0.2.9 50123 198.51.100.1 22", "deny always anything", False),
                             ("192.0.2.9 50123 198.51.100.1 22", "deny 15m anything", False),
                             ("192.0.2.9 50123 198.51.100.1 22", "deny once anything", True),
                             ("192.0.2.9 50123 198.51.100.1 22", "allow always anything", True),
                             ("192.0.2.9 50123 198.51.100.1 22", "deny always newer", False),
                             ("192.0.2.9 50123 198.51.100.1 22", "deny always this-host-port", True),
                             ("", "deny always anything", True)):
        daemon.forget()
        with Program("answer", stdin=subprocess.PIPE,
                     env={**os.environ, "SSH_CONNECTION": ssh}) as process:
            assert "Waiting" in process.stdout.readline()
            daemon.called("RegisterAgent")
            process.stdin.write(line + "\n" + ("" if given else "not now\n"))
            process.stdin.close()
            daemon.tell("ask 7 " + sshd)
            daemon.called("Answer (7" if given else "Dismiss (7")
            text = process.stdout.read()
            assert process.wait(PATIENCE) == 0
        if not given:
            daemon.uncalled("Answer")
        refused = "192.0.2.9" in text and "sallyport rules add deny" in text
        assert refused != given, text


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


sys.exit(main(globals()))
