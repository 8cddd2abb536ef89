#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""notified.py [CAPABILITY...]: a notification server that can do that (else actions,
body and body-markup): what is shown is a line of JSON on standard output; a line
"ID ACTION" on standard input is a person who chose that."""
import json
import sys
import threading

from gi.repository import Gio, GLib

NAME, PATH = 'org.freedesktop.Notifications', '/org/freedesktop/Notifications'
XML = '''<node><interface name="org.freedesktop.Notifications">
<method name="GetCapabilities"><arg type="as" direction="out"/></method>
<method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/><arg type="s" direction="out"/><arg type="s" direction="out"/></method>
<method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/><arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/></method>
<method name="CloseNotification"><arg type="u" direction="in"/></method>
<signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
<signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
</interface></node>'''
CAPABILITIES = sys.argv[1:] or ['actions', 'body', 'body-markup']
last = 0


def say(**what):
    print(json.dumps(what), flush=True)


def called(bus, sender, path, interface, method, arguments, invocation):
    global last
    args = arguments.unpack()
    if method == 'GetCapabilities':
        invocation.return_value(GLib.Variant('(as)', (CAPABILITIES,)))
    elif method == 'GetServerInformation':
        invocation.return_value(GLib.Variant('(ssss)', ('test', 'test', '1', '1.2')))
    elif method == 'Notify':
        number = args[1] or last + 1
        last = max(last, number)
        say(shown=number, summary=args[3], body=args[4], actions=args[5],
            urgency=args[6].get('urgency'))
        invocation.return_value(GLib.Variant('(u)', (number,)))
    else:
        say(closed=args[0])
        invocation.return_value(None)


def choose():
    for line in sys.stdin:
        number, action = line.split()
        bus.emit_signal(None, PATH, NAME, 'ActionInvoked',
                        GLib.Variant('(us)', (int(number), action)))


bus = Gio.bus_get_sync(Gio.BusType.SESSION)
bus.register_object(PATH, Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0], called, None, None)
Gio.bus_own_name_on_connection(bus, NAME, 0, lambda *a: say(ready=True), None)
threading.Thread(target=choose, daemon=True).start()
GLib.MainLoop().run()
