#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""typist.py LOG COMMAND...: runs it on a terminal of its own and types the words of
$HERE_ANSWERS, one each time it asks "(yes/no)". What it prints is in LOG; its exit status
is ours."""

import os
import pty
import sys

QUESTION = b"(yes/no) "


def read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # its other end is closed
        return b""


def main():
    log, command = open(sys.argv[1], "wb", buffering=0), sys.argv[2:]
    answers = os.environ["HERE_ANSWERS"].split()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    seen = b""
    while chunk := read(terminal):
        log.write(chunk)
        seen += chunk
        if QUESTION in seen:
            seen = seen.split(QUESTION, 1)[1]
            os.write(terminal, (answers.pop(0) if answers else "").encode() + b"\n")
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


sys.exit(main())
