#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""eyes.py PROGRAM: sees and touches its windows as a screen reader does, by
lines of JSON on standard input: [COMMAND, ARGUMENT...]; a line of JSON answers."""
import json
import sys

import gi
gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, GLib

PROGRAM = sys.argv[1]


# Who hears a list of so many rows read aloud hears how many there are, and the first ones.
LONG, FIRST = 60, 3


def count_read(node):
    """How many of its children are looked at."""
    count = node.get_child_count()
    return FIRST if count >= LONG and node.get_role_name() == 'list' else count


def children(node):
    for i in range(count_read(node)):
        child = node.get_child_at_index(i)
        if child:
            yield child


def states(node):
    names = ('VISIBLE', 'SENSITIVE', 'FOCUSED', 'FOCUSABLE', 'CHECKED', 'ACTIVE')
    have = node.get_state_set()
    return [n.lower() for n in names if have.contains(getattr(Atspi.StateType, n))]


def applications():
    desktop = Atspi.get_desktop(0)
    desktop.set_cache_mask(Atspi.Cache.NONE)
    for app in children(desktop):
        try:
            app.set_cache_mask(Atspi.Cache.NONE)        # what is there now
            if app.get_name() == PROGRAM:
                yield app
        except GLib.Error:
            pass        # it is just going


def windows():
    # GTK 4.8 can call a program's second window a filler: every child is one.
    return [w for app in applications() for w in children(app)]


def once(name):
    """GTK 4.8 says a button's name twice where it has both a text and a name."""
    half = len(name) // 2
    return name[:half] if name[half:half + 1] == ' ' and name[:half] == name[half + 1:] else name


def text_of(node):
    """What is read aloud: the name, and else the text."""
    name = node.get_name() or ''
    if not name and node.get_role_name() in ('label', 'text'):
        name = Atspi.Text.get_text(node, 0, -1) or ''
    return once(name.replace('\u00a0', ' '))


def has_size(node):
    """GTK 4.8 calls visible what a stack does not show; but that has no size."""
    part = node.get_component_iface()
    if not part:
        return True
    at = part.get_extents(Atspi.CoordType.WINDOW)
    return at.width > 0 and at.height > 0


def showing(node):
    """Depth first, as the focus goes; nothing below what does not show."""
    if 'visible' not in states(node) or not has_size(node):
        return
    yield node
    for child in children(node):
        yield from showing(child)


def describe(node):
    said = {'role': node.get_role_name(), 'name': text_of(node), 'states': states(node)}
    if said['role'] == 'list':
        said['rows'] = node.get_child_count()
    return said


def look():
    """All windows with all that shows in them."""
    return [{'title': w.get_name(), 'nodes': [describe(n) for n in showing(w)]}
            for w in windows()]


watched = None


def watch(title, part):
    """The first text that has this in it, which is looked at from now on."""
    global watched
    watched = ([node for window in windows() if window.get_name() == title
                for node in showing(window) if part in text_of(node)] + [None])[0]
    return again()


def again():
    """As it reads now."""
    return text_of(watched) if watched else None


def find(title, role, name):
    """Of two that are called the same (a menu's button has one within) the one that can
    have the focus."""
    found = [node for window in windows() if window.get_name() == title
             for node in showing(window)
             if node.get_role_name() == role and text_of(node) == name]
    return ([node for node in found if 'focusable' in states(node)] + found + [None])[0]


def press(title, role, name):
    node = find(title, role, name)
    return bool(node) and Atspi.Action.do_action(node, 0)


def where(title, role, name):
    """Left, top, width, height in its window, for a hand."""
    node = find(title, role, name)
    if not node:
        return None
    at = node.get_component_iface().get_extents(Atspi.CoordType.WINDOW)
    return [at.x, at.y, at.width, at.height]


def write(title, name, text):
    node = find(title, 'text', name)
    return bool(node) and Atspi.EditableText.set_text_contents(node, text)


def actions(title, role, name):
    node = find(title, role, name)
    return [Atspi.Action.get_action_name(node, i) for i in range(Atspi.Action.get_n_actions(node))]


def attempt(command, arguments):
    """A window that goes while one looks at it is one that is not there."""
    try:
        return {'reply': command(*arguments)}
    except GLib.Error as error:
        return {'gone': error.message}


COMMANDS = {'look': look, 'watch': watch, 'again': again, 'press': press, 'where': where,
            'write': write, 'actions': actions}
Atspi.init()
Atspi.set_timeout(30000, 30000)     # a program that is slow to answer is there all the same
for line in sys.stdin:
    name, *arguments = json.loads(line)
    # Events must be taken in, or the cache of what is there grows old.
    while GLib.MainContext.default().iteration(False):
        pass
    print(json.dumps(attempt(COMMANDS[name], arguments)), flush=True)
