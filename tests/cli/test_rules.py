#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""sallyport rules, and undo."""

import json
import os
import subprocess
import sys
import tempfile
import time

from harness import PATIENCE, RULE, SALLYPORT, THERE, main, put, run, tell_rules


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


# What was made or noted too late, is off, or says nothing of it, is not known to be unused.
def test_rules_unused(daemon):
    now = int(time.time() * 1e6)
    day = 86400 * 10 ** 6
    rules = [RULE % (number, "deny out port %d" % number, "true") for number in range(1, 7)]
    told = [(40, 20), (40, 40), (40, 0), (20, 0), None, (40, 0)]
    rules[5] = rules[5].replace("deny", "disabled deny")
    rules = [rule if days is None else rule.replace("}", ", 'noted': <int64 %d>, 'used': <int64 %d>}" % (
        now - days[0] * day, days[1] and now - days[1] * day)) for rule, days in zip(rules, told)]
    daemon.tell("reply List ([%s],)" % ", ".join(rules).replace("\n", " "))
    for days, expected in ((30, [2, 3]), (10, [1, 2, 3, 4]), (50, [])):
        lines = run("rules", "list", "--unused", str(days), "--json").stdout.splitlines()
        assert [json.loads(line)["id"] for line in lines] == expected, (days, lines)
    for days in ("-1", "0", "3651"):
        assert run("rules", "list", "--unused", days).returncode == 2


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


def test_replay_of_what_was_recorded():
    folder = os.path.join(os.path.dirname(__file__), "../policy/replay")
    flows = os.path.join(folder, "vm.flows")
    with open(os.path.join(folder, "vm.rules"), encoding="utf-8") as file:
        rules = file.read()

    def replay(candidate):
        result = run("rules", "check", "--flows", flows, "-", text=candidate)
        assert result.returncode == 0, result
        lines = result.stdout.splitlines()
        changed = [(flow.split()[3], then.split()[2]) for flow, then in zip(lines, lines[1:])
                   if then.startswith("  would be: ")]
        return changed, lines[-1]

    assert replay(rules) == \
        ([], "25 flows: 0 would be decided else, 0 can't be told by what is recorded")
    shop = "allow out program /usr/bin/curl protocol tcp to shop.test port 80\n"
    assert shop in rules
    assert replay(rules.replace(shop, ""))[0] == [("/usr/bin/curl", "deny")] * 3
    # By the names that were recorded, IPv6 too: curl's and apt's.
    changed, _ = replay(rules + "floor drop out protocol tcp to domain shop.test\n")
    assert sorted(changed) == [("/usr/bin/curl", "drop")] * 5 + [("/usr/bin/ssh", "drop")] + \
        [("/usr/lib/apt/methods/http", "drop")] * 4, changed
    # No rule is left: what is not allowed is asked about, what comes in is refused.
    changed, last = replay("")
    assert last.startswith("25 flows: 25 would"), last
    assert {then for _, then in changed} == {"ask", "deny"}, changed
    # What is not recorded can't be told.
    _, last = replay(rules + "floor deny out package curl\n")
    assert "0 would be decided else, 21 can't" in last, last


def test_rules_export(daemon):
    tell_rules(daemon)
    # Whoever imports them does not become their owner.
    assert run("rules", "export").stdout.splitlines() == [
        "deny out owner system port 25", "allow out program /usr/bin/curl owner system",
        "floor deny out owner system to 10.0.0.0/8"]
    objects = json.loads(run("rules", "export", "--json").stdout)
    assert objects[0] == {"action": "deny", "direction": "out", "owner": "system",
                          "port": "25"}, objects
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
    assert "7, 'drop out owner system port 80'" in daemon.called("Edit")
    # With an editor, that gets the rule and changes it.
    result = run("rules", "edit", "7", env={"VISUAL": "sed -i s/deny/allow/"})
    assert result.returncode == 0, result
    assert "'allow out program /usr/bin/curl owner system'" in daemon.called("Edit")
    # Nothing is sent when the editor fails, or when it is no rule.
    assert run("rules", "edit", "7", env={"VISUAL": "false"}).returncode == 1
    result = run("rules", "edit", "7", env={"VISUAL": "sed -i s/deny/dney/"})
    assert result.returncode == 6 and "deny" in result.stderr, result
    assert run("rules", "edit", "7", env={"VISUAL": "sed -i p"}).returncode == 2
    # Nor when only looked at.
    result = run("rules", "edit", "--dry-run", "7", "drop", "out", "port", "80")
    assert result.stdout == "- deny out program /usr/bin/curl\n+ drop out port 80\n", result
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


sys.exit(main(globals()))
