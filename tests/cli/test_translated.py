#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""In another language people read it, and scripts read what they always read. The
catalogue is the one that was built, laid over this machine's for these programs alone."""

import os
import subprocess
import sys

from harness import PATIENCE, SALLYPORT, STATUS, main, record, run, tell_rules

CATALOGUES = os.environ["SALLYPORT_CATALOGUES"]
LOCALES = os.environ["SALLYPORT_LOCALES"]


def in_german(*args, text=""):
    command = ["unshare", "-m", "sh", "-c", 'mount --bind "$1" "$2" && shift 2 && exec "$@"', "sh",
               CATALOGUES, LOCALES, SALLYPORT, *args]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=PATIENCE,
                          env={**os.environ, "LANGUAGE": "de"}, check=False)


def tell_all(daemon):
    daemon.tell("reply GetStatus " + STATUS)
    tell_rules(daemon)
    daemon.tell("reply Recent ([%s],)" % record(1))
    daemon.tell("reply Totals (uint32 60, [{'program': <'/usr/bin/curl'>, 'flows': <uint64 12>}])")


def test_people_read_german(daemon):
    tell_all(daemon)
    assert "schützt diesen Rechner" in in_german("status").stdout, in_german("status")
    assert "Aufruf: sallyport BEFEHL" in in_german("--help").stdout, in_german("--help")
    result = in_german("rules", "add", "--help")
    assert "Nur zeigen, was hinzugefügt würde" in result.stdout, result
    result = in_german("nonsense")
    assert result.returncode == 2 and "keinen Befehl „nonsense“" in result.stderr, result


def test_scripts_read_what_they_always_read(daemon):
    tell_all(daemon)
    for args in (("status", "--json"), ("rules", "list", "--json"), ("rules", "show", "7", "--json"),
                 ("rules", "export"), ("rules", "export", "--json"), 
                 ("log", "--json"), ("log", "--flows"), ("totals", "--json")):
        english, german = run(*args), in_german(*args)
        assert english.stdout and german.stdout == english.stdout, (args, english, german)
        assert german.returncode == english.returncode, (args, english, german)


def test_rules_are_written_in_one_language(daemon):
    tell_all(daemon)
    daemon.tell("reply Add (uint64 8,)")
    daemon.forget()
    assert in_german("rules", "add", "deny out port 25").returncode == 0
    assert "deny out port 25" in daemon.called("Add")
    assert in_german("rules", "add", "verbiete out port 25").returncode == 6
    daemon.uncalled("Add")


sys.exit(main(globals()))
