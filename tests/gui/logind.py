#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""logind as far as agents ask it: is the caller's session in front? A line "yes" or "no"
on standard input changes that; what was asked is a line on standard output."""
import sys
import threading

from gi.repository import Gio, GLib

NAME, SESSION = 'org.freedesktop.login1', '/org/freedesktop/login1/session/auto'
SEAT = '/org/freedesktop/login1/seat/seat0'
XML = '''<node><interface name="org.freedesktop.login1.Session">
<property name="Active" type="b" access="read"/></interface></node>'''
active = True


def value(bus, sender, path, interface, name):
    print('asked', flush=True)
    return GLib.Variant('b', active)


def switch(to):
    global active
    active = to
    bus.emit_signal(None, SEAT, 'org.freedesktop.DBus.Properties', 'PropertiesChanged',
                    GLib.Variant('(sa{sv}as)', (NAME + '.Seat', {}, ['ActiveSession'])))


def read():
    for line in sys.stdin:
        GLib.idle_add(switch, line.strip() == 'yes')


bus = Gio.bus_get_sync(Gio.BusType.SYSTEM)
bus.register_object(SESSION, Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0], None, value, None)
Gio.bus_own_name_on_connection(bus, NAME, 0, lambda *a: print('ready', flush=True), None)
threading.Thread(target=read, daemon=True).start()
GLib.MainLoop().run()
