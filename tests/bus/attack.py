#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls the daemon on the bus as somebody who may not.

bus.py attempts OTHER SYSTEM-RULE   one of everything, with sense in it: a line each,
                                    "WHAT | RESULT"; OTHER: another user's uid
bus.py random SEED COUNT            COUNT calls of every method with any arguments, in any
                                    order: a line each, "METHOD | RESULT..."
bus.py agent                        an agent that prints "question ID TOKEN" for each
                                    question, and does what its input says:
                                    "answer ID TOKEN ACTION SCOPE LIFETIME"
bus.py answer ID TOKEN ACTION SCOPE LIFETIME    from a connection of its own
bus.py guess ID COUNT               likewise, with COUNT tokens that it makes up
bus.py flood KIND COUNT             connections, agents, watches, calls, strings, numbers
"""

import random
import sys

from gi.repository import Gio, GLib

NAME = 'org.sallyport.Firewall1'
PATH = '/org/sallyport/Firewall1'
TIMEOUT = 60000
INTERFACES = ('Manager', 'Rules', 'Questions', 'History', 'Flows', 'Networks')
AGENT = '''<node><interface name="org.sallyport.Firewall1.Agent">
<method name="Ask"><arg type="t" direction="in"/><arg type="s" direction="in"/>
<arg type="a{sv}" direction="in"/></method>
<method name="Update"><arg type="t" direction="in"/><arg type="a{sv}" direction="in"/></method>
<method name="Cancel"><arg type="t" direction="in"/><arg type="s" direction="in"/></method>
</interface></node>'''


def connect():
    address = Gio.dbus_address_get_for_bus_sync(Gio.BusType.SYSTEM, None)
    flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
             Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
    return Gio.DBusConnection.new_for_address_sync(address, flags, None, None)


def result_of(error):
    name = Gio.DBusError.get_remote_error(error)
    return name.rsplit('.', 1)[-1] if name else error.message


def call(bus, interface, method, arguments, name=NAME, path=PATH):
    try:
        bus.call_sync(name, path, interface, method, arguments, None,
                      Gio.DBusCallFlags.NO_AUTO_START, TIMEOUT, None)
        return 'ok'
    except GLib.Error as error:
        return result_of(error)


def ours(bus, method, signature=None, *arguments):
    interface, method = method.split('.')
    value = GLib.Variant(signature, arguments) if signature else None
    return call(bus, NAME + '.' + interface, method, value)


def connect_as_agent():
    """The daemon under attack takes everybody for the packaged agent that says so first."""
    ours(connect(), 'Questions.Introduce')
    return connect()


# --- one of everything ------------------------------------------------------------------

def string(text):
    return GLib.Variant('s', text)


def number(value):
    return GLib.Variant('u', value)


ALL = {'all': GLib.Variant('b', True)}
FIRST_CHANGE = {'change': GLib.Variant('t', 1)}


def rule_attempts(bus, other, system_rule):
    def add(text, options=None):
        return ours(bus, 'Rules.Add', '(sa{sv})', text, options or {})
    yield 'Rules.List', ours(bus, 'Rules.List', '(a{sv})', {})
    yield "Rules.List, everybody's", ours(bus, 'Rules.List', '(a{sv})', ALL)
    yield 'Rules.Add, allow', add('allow out')
    yield 'Rules.Add, deny', add('deny out to 203.0.113.1')
    yield 'Rules.Add, for another user', add('deny out', {'owner': number(other)})
    yield 'Rules.Add, for the system', add('deny out', {'owner': number(0xffffffff)})
    yield 'Rules.Add, owner written in the text', add('allow out owner system')
    yield 'Rules.Add, a floor rule', add('floor deny out')
    yield 'Rules.Add, a floor rule of the system', add('floor allow out',
                                                       {'owner': number(0xffffffff)})
    yield 'Rules.Import, one for the system', ours(
        bus, 'Rules.Import', '(sa{sv})', 'deny out port 1\ndeny out owner system\n', {})
    for method in 'Remove', 'Enable', 'Disable':
        yield f'Rules.{method}, one of the system', ours(bus, 'Rules.' + method, '(at)',
                                                         [system_rule])
    yield 'Rules.Edit, one of the system', ours(bus, 'Rules.Edit', '(tsa{sv})', system_rule,
                                                'deny out owner system', {})
    yield 'Rules.Undo, a change of the system', ours(bus, 'Rules.Undo', '(a{sv})', FIRST_CHANGE)
    yield 'Rules.Redo, a change of the system', ours(bus, 'Rules.Redo', '(a{sv})', FIRST_CHANGE)
    yield 'Rules.Journal', ours(bus, 'Rules.Journal', '(ua{sv})', 10, {})
    yield "Rules.Journal, everybody's", ours(bus, 'Rules.Journal', '(ua{sv})', 10, ALL)


def network_attempts(bus):
    yield 'Networks.List', ours(bus, 'Networks.List')
    yield 'Networks.Name', ours(bus, 'Networks.Name', '(ss)', 'gateway:x', 'home')
    yield 'Networks.Forget', ours(bus, 'Networks.Forget', '(s)', 'gateway:x')
    yield 'Networks.Ignore', ours(bus, 'Networks.Ignore', '(s)', 'gateway:x')


def other_attempts(bus):
    yield 'Manager.GetStatus', ours(bus, 'Manager.GetStatus')
    yield 'Questions.Introduce', ours(bus, 'Questions.Introduce')
    yield 'Questions.RegisterAgent', ours(bus, 'Questions.RegisterAgent', '(oa{sv})', '/a', {})
    yield 'Questions.RegisterAgent, introduced', ours(
        connect_as_agent(), 'Questions.RegisterAgent', '(oa{sv})', '/a', {})
    yield 'Questions.UnregisterAgent', ours(bus, 'Questions.UnregisterAgent')
    yield 'Questions.Answer', ours(bus, 'Questions.Answer', '(tssss)', 1, 'token', 'allow',
                                   'anything', 'always')
    yield 'Questions.Dismiss', ours(bus, 'Questions.Dismiss', '(ts)', 1, 'token')
    yield 'Questions.Hold', ours(bus, 'Questions.Hold', '(tsb)', 1, 'token', True)
    for whose, options in ('', {}), (", everybody's", ALL):
        yield 'History.Totals' + whose, ours(bus, 'History.Totals', '(xxuasa{sv})', 0, 10**15, 0,
                                             ['user'], options)
        yield 'History.Forget' + whose, ours(bus, 'History.Forget', '(a{sv})', options)
    yield 'History.Recent', ours(bus, 'History.Recent', '(ua{sv})', 10, {})
    yield "History.Recent, everybody's", ours(bus, 'History.Recent', '(ua{sv})', 10, ALL)
    yield 'History.Watch', ours(bus, 'History.Watch', '(a{sv})', {})
    yield "History.Watch, everybody's", ours(bus, 'History.Watch', '(a{sv})', ALL)
    yield 'History.Unwatch', ours(bus, 'History.Unwatch')
    yield 'Manager.GetSettings', ours(bus, 'Manager.GetSettings')
    yield 'Manager.SetMode', ours(bus, 'Manager.SetMode', '(sa{sv})', 'off', {})
    yield 'Manager.Guard', ours(bus, 'Manager.Guard', '(u)', 0)
    yield "Manager.Confirm, another's", ours(bus, 'Manager.Confirm')
    yield 'Flows.List', ours(bus, 'Flows.List', '(tua{sv})', 0, 10, {})
    yield "Flows.List, everybody's", ours(bus, 'Flows.List', '(tua{sv})', 0, 10, ALL)
    yield "Flows.End, another's", ours(bus, 'Flows.End', '(at)', [1])


def bus_attempts(bus):
    properties = 'org.freedesktop.DBus.Properties'
    for interface in INTERFACES:
        whole = NAME + '.' + interface
        yield f'properties of {interface}', call(bus, properties, 'GetAll',
                                                 GLib.Variant('(s)', (whole,)))
        yield f'setting a property of {interface}', call(
            bus, properties, 'Set', GLib.Variant('(ssv)', (whole, 'Mode', string('off'))))
    yield 'a method that is not there', ours(bus, 'Manager.Reset', '(s)', 'off')
    yield 'an interface that is not there', call(bus, NAME + '.Debug', 'Quit', None)
    yield 'an agent\'s method', ours(bus, 'Agent.Ask', '(tsa{sv})', 1, 'token', {})
    yield 'taking the name', call(bus, 'org.freedesktop.DBus', 'RequestName',
                                  GLib.Variant('(su)', (NAME, 2)), 'org.freedesktop.DBus',
                                  '/org/freedesktop/DBus')


def attempts(other, system_rule):
    bus = connect()
    for source in (rule_attempts(bus, int(other), int(system_rule)), other_attempts(bus),
                   network_attempts(bus), bus_attempts(bus)):
        for what, result in source:
            print(f'{what} | {result}', flush=True)


# --- anything -------------------------------------------------------------------------------

WORDS = ['', 'all', 'owner', 'lifetime', 'kind', 'allow', 'deny', 'once', 'always', 'anything',
         'allow out program /usr/bin/x', 'floor allow out', 'allow out owner system', '1h',
         'x' * 300, '\u202e\u0001\n', 'allow out ' * 300, '%s%n', '-1', "'; DROP TABLE rule; --"]
NUMBERS = [0, 1, 2, 63, 64, 1000, 0x7fffffff, 0xffffffff]
KINDS = {
    's': lambda: GLib.Variant('s', random.choice(WORDS) * random.choice([1, 1, 1, 50])),
    'u': lambda: GLib.Variant('u', random.choice(NUMBERS)),
    't': lambda: GLib.Variant('t', random.choice(NUMBERS + [2**63, 2**64 - 1])),
    'x': lambda: GLib.Variant('x', random.choice([0, -1, 2**63 - 1, -2**63])),
    'b': lambda: GLib.Variant('b', random.random() < 0.5),
    'o': lambda: GLib.Variant('o', random.choice(['/', '/a', '/' + 'a' * 250, '/a/b/c'])),
    'd': lambda: GLib.Variant('d', random.choice([0.0, float('nan'), 1e308])),
    'at': lambda: GLib.Variant('at', [random.choice(NUMBERS) for _ in
                                      range(random.choice([0, 1, 3, 1001, 5000]))]),
    'as': lambda: GLib.Variant('as', random.choices(WORDS, k=random.randrange(20))),
    'a{sv}': lambda: GLib.Variant('a{sv}', {
        random.choice(WORDS): any_of('subtxdo') for _ in range(random.choice([0, 1, 2, 20]))}),
}


def any_of(letters):
    return KINDS[random.choice(letters)]()


def any_arguments(signature):
    if random.random() < 0.15:
        kinds = random.choices(list(KINDS), k=random.randrange(5))
    else:
        kinds = signature
    values = [KINDS[kind]() for kind in kinds]
    return GLib.Variant.new_tuple(*values)


def methods(bus):
    reply = bus.call_sync(NAME, PATH, 'org.freedesktop.DBus.Introspectable', 'Introspect', None,
                          None, 0, TIMEOUT, None)
    node = Gio.DBusNodeInfo.new_for_xml(reply.unpack()[0])
    for interface in node.interfaces:
        for method in interface.methods:
            yield interface.name, method.name, [a.signature for a in method.in_args]


def any_calls(seed, count):
    random.seed(int(seed))
    bus = connect()
    order = list(methods(bus))
    random.shuffle(order)   # who is ended early has not always called the same
    for interface, method, signature in order:
        if not interface.startswith(NAME):
            continue
        results = {}
        for _ in range(int(count)):
            result = call(bus, interface, method, any_arguments(signature))
            results[result] = results.get(result, 0) + 1
        text = ' '.join(f'{name}:{n}' for name, n in sorted(results.items()))
        print(f'{interface.rsplit(".", 1)[-1]}.{method} | {text}', flush=True)


# --- questions ----------------------------------------------------------------------------------

def answer(bus, words):
    number_, token, action, scope, lifetime = words
    return ours(bus, 'Questions.Answer', '(tssss)', int(number_), token, action, scope, lifetime)


def agent():
    bus = connect_as_agent()
    loop = GLib.MainLoop()

    def on_call(_bus, _sender, _path, _interface, method, arguments, _invocation):
        if method == 'Ask':
            print('question', *arguments.unpack()[:2], flush=True)
        if method == 'Cancel':
            print('cancelled', *arguments.unpack(), flush=True)

    def on_line(channel, _condition):
        line = channel.readline()
        if not line:
            loop.quit()
            return False
        print('answered', answer(bus, line.split()[1:]), flush=True)
        return True

    info = Gio.DBusNodeInfo.new_for_xml(AGENT).interfaces[0]
    bus.register_object('/agent', info, on_call, None, None)
    print('registered', ours(bus, 'Questions.RegisterAgent', '(oa{sv})', '/agent', {}),
          flush=True)
    GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, on_line)
    loop.run()


def guess(number_, count):
    bus = connect()
    results = {}
    for i in range(int(count)):
        token = '%032x' % random.getrandbits(128) if i else ''
        result = answer(bus, [number_, token, 'allow', 'anything', 'always'])
        results[result] = results.get(result, 0) + 1
    print(*(f'{name}:{n}' for name, n in results.items()))


# --- floods ---------------------------------------------------------------------------------------

def connections(count):
    kept = []
    connect_as_agent()
    try:
        while len(kept) < count:
            kept.append(connect())
    except GLib.Error as error:
        print('the bus said:', result_of(error))
    return kept


def on_every(kept, method, signature, *arguments):
    results = {}
    for bus in kept:
        result = ours(bus, method, signature, *arguments)
        results[result] = results.get(result, 0) + 1
    return ' '.join(f'{name}:{n}' for name, n in sorted(results.items()))


def many_calls(kept, count):
    """All at once, whatever comes back; the last answers are waited for."""
    left = [len(kept) * count]
    results = {}
    loop = GLib.MainLoop()

    def on_reply(bus, reply):
        try:
            bus.call_finish(reply)
            result = 'ok'
        except GLib.Error as error:
            result = result_of(error)
        results[result] = results.get(result, 0) + 1
        left[0] -= 1
        if not left[0]:
            loop.quit()

    for bus in kept:
        for _ in range(count):
            bus.call(NAME, PATH, NAME + '.Manager', 'GetStatus', None, None, 0, TIMEOUT, None,
                     on_reply)
    loop.run()
    return ' '.join(f'{name}:{n}' for name, n in sorted(results.items()))


def large_calls(kept, arguments, method):
    results = {}
    for bus in kept[:3]:
        result = call(bus, NAME + '.Rules', method, arguments)
        results[result] = results.get(result, 0) + 1
    return ' '.join(f'{name}:{n}' for name, n in sorted(results.items()))


def flood(kind, count):
    count = int(count)
    kept = connections(count if kind in ('connections', 'agents', 'watches') else 8)
    print('connections:', len(kept), flush=True)
    if kind == 'connections':
        print(on_every(kept, 'Manager.GetStatus', None))
    elif kind == 'agents':
        print(on_every(kept, 'Questions.RegisterAgent', '(oa{sv})', '/a', {}))
    elif kind == 'watches':
        print(on_every(kept, 'History.Watch', '(a{sv})', {}))
    elif kind == 'calls':
        print(many_calls(kept, count))
    elif kind == 'strings':
        text = 'allow out program /' + 'x' * count
        print(large_calls(kept, GLib.Variant('(sa{sv})', (text, {})), 'Add'))
    elif kind == 'options':
        options = {str(i): GLib.Variant('y', 7) for i in range(count)}
        print(large_calls(kept, GLib.Variant('(a{sv})', (options,)), 'List'))
    elif kind == 'numbers':
        print(large_calls(kept, GLib.Variant('(at)', ([7] * count,)), 'Remove'))
    print('done', flush=True)


def main():
    what, *arguments = sys.argv[1:]
    {'attempts': attempts, 'random': any_calls, 'agent': agent, 'guess': guess, 'flood': flood,
     'answer': lambda *words: print(answer(connect(), words))}[what](*arguments)


main()
