#!/usr/bin/python3 -W ignore
# SPDX-License-Identifier: GPL-2.0-or-later
"""A connection to the bus, driven by lines of JSON on standard input.

Answers each command with a line; what comes by itself (questions, signals,
password dialogs) is a line of its own with the key "event".
"""
import json
import os
import pwd
import subprocess
import sys
import threading
from gi.repository import Gio, GLib

NAME, PATH = 'org.sallyport.Firewall1', '/org/sallyport/Firewall1'
AGENT = '''<node><interface name="org.sallyport.Firewall1.Agent">
<method name="Ask"><arg type="t" direction="in"/><arg type="s" direction="in"/><arg type="a{sv}" direction="in"/></method>
<method name="Update"><arg type="t" direction="in"/><arg type="a{sv}" direction="in"/></method>
<method name="Cancel"><arg type="t" direction="in"/><arg type="s" direction="in"/></method>
</interface></node>'''
POLKIT = '''<node><interface name="org.freedesktop.PolicyKit1.AuthenticationAgent">
<method name="BeginAuthentication"><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="a{ss}" direction="in"/><arg type="s" direction="in"/><arg type="a(sa{sv})" direction="in"/></method>
<method name="CancelAuthentication"><arg type="s" direction="in"/></method></interface></node>'''

lock = threading.Lock()
password = None
held = []


def say(message):
    with lock:
        print(json.dumps(message, default=str), flush=True)


def on_agent(bus, sender, path, interface, method, arguments, invocation):
    say({'event': method, 'args': arguments.unpack()})


def on_signal(bus, sender, path, interface, signal, arguments):
    say({'event': signal, 'args': arguments.unpack()})


def authenticate(action, message, cookie, identity, invocation):
    user = pwd.getpwuid(identity[1]['uid']).pw_name
    say({'event': 'password', 'args': [action, user, message]})
    subprocess.run(['/usr/lib/polkit-1/polkit-agent-helper-1', user],
                   input=cookie + '\n' + password + '\n', capture_output=True, text=True)
    invocation.return_value(None)


def on_polkit(bus, sender, path, interface, method, arguments, invocation):
    if method == 'CancelAuthentication':
        say({'event': 'password-cancelled', 'args': []})
        invocation.return_value(None)
        return
    action, message, icon, details, cookie, identities = arguments.unpack()
    if password == 'CANCEL':
        invocation.return_dbus_error('org.freedesktop.PolicyKit1.Error.Cancelled', 'dismissed')
    elif password == 'HANG':
        held.append(invocation)
        say({'event': 'password', 'args': [action, '', message]})
    else:
        authenticate(action, message, cookie, identities[0], invocation)


def with_variants(args):
    """Options are dictionaries of plain values; of another type as [TYPE, VALUE]."""
    kinds = {bool: 'b', int: 'u', str: 's'}
    return tuple({k: GLib.Variant(*(v if isinstance(v, list) else (kinds[type(v)], v)))
                  for k, v in a.items()}
                 if isinstance(a, dict) else a for a in args)


def call(interface, method, signature, args, interactive=False):
    parameters = GLib.Variant(signature, with_variants(args)) if signature else None
    flags = Gio.DBusCallFlags.NONE
    if interactive:
        flags |= Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION
    try:
        reply = bus.call_sync(NAME, PATH, NAME + '.' + interface, method, parameters, None,
                              flags, 20000, None)
        return {'reply': reply.unpack()}
    except GLib.Error as error:
        return {'error': Gio.DBusError.get_remote_error(error) or 'local',
                'message': error.message}


def burst(calls):
    """All at once; the event tells how they ended, in the order in which they did."""
    ends = []

    def ended(source, result):
        try:
            source.call_finish(result)
            ends.append('')
        except GLib.Error as error:
            ends.append(Gio.DBusError.get_remote_error(error) or error.message)
        if len(ends) == len(calls):
            say({'event': 'burst', 'args': ends})

    for interface, method, signature, *args in calls:
        parameters = GLib.Variant(signature, with_variants(args)) if signature else None
        bus.call(NAME, PATH, NAME + '.' + interface, method, parameters, None,
                 Gio.DBusCallFlags.NO_AUTO_START, 100000, None, ended)
    bus.flush_sync()
    return {'reply': []}


def connect_again():
    """As an agent does: the connection that registers is made after the introduction."""
    global bus
    call('Questions', 'Introduce', None, ())
    listen(Gio.DBusConnection.new_for_address_sync(
        Gio.dbus_address_get_for_bus_sync(Gio.BusType.SYSTEM),
        Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
        Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION))
    return {'reply': []}


def export_agent():
    global exported
    if exported is bus:
        return {'reply': []}
    exported = bus
    bus.register_object('/agent', Gio.DBusNodeInfo.new_for_xml(AGENT).interfaces[0],
                        on_agent, None, None)
    return {'reply': []}


def become_polkit_agent(secret):
    global password
    password = secret
    bus.register_object('/polkit', Gio.DBusNodeInfo.new_for_xml(POLKIT).interfaces[0],
                        on_polkit, None, None)
    subject = ('unix-session', {'session-id': GLib.Variant('s', os.environ['XDG_SESSION_ID'])})
    bus.call_sync('org.freedesktop.PolicyKit1', '/org/freedesktop/PolicyKit1/Authority',
                  'org.freedesktop.PolicyKit1.Authority', 'RegisterAuthenticationAgent',
                  GLib.Variant('((sa{sv})ss)', (subject, 'C', '/polkit')), None, 0, -1, None)
    return {'reply': []}


def listen(connection):
    global bus, subscription
    if bus:
        bus.signal_unsubscribe(subscription)
    bus = connection
    subscription = bus.signal_subscribe(NAME, None, None, PATH, None, 0, on_signal)


bus = subscription = exported = None
listen(Gio.bus_get_sync(Gio.BusType.SYSTEM))
threading.Thread(target=GLib.MainLoop().run, daemon=True).start()
say({'event': 'ready', 'args': [bus.get_unique_name()]})
commands = {'call': call, 'agent': export_agent, 'polkit': become_polkit_agent,
            'again': connect_again, 'burst': burst}
for line in sys.stdin:
    name, args = json.loads(line)
    say(commands[name](*args))
os._exit(0)
