# SPDX-License-Identifier: GPL-2.0-or-later
"""A NetworkManager on the bus that says what a test wants it to: as much of it as a
reader of connections asks for."""
import threading
from gi.repository import Gio, GLib

NM, PATH = 'org.freedesktop.NetworkManager', '/org/freedesktop/NetworkManager'
EMPTY = '<node><interface name="org.freedesktop.DBus.Properties">%s</interface></node>' % '''
<method name="Get"><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="v" direction="out"/></method>
<method name="GetAll"><arg type="s" direction="in"/><arg type="a{sv}" direction="out"/></method>
<signal name="PropertiesChanged"><arg type="s"/><arg type="a{sv}"/><arg type="as"/></signal>'''
SETTINGS = '''<node><interface name="org.freedesktop.NetworkManager.Settings.Connection">
<method name="GetSettings"><arg type="a{sa{sv}}" direction="out"/></method></interface></node>'''


class NetworkManager:
    """@mute: it has the name, and answers nothing."""
    def __init__(self, mute=False):
        self.mute, self.objects, self.active, self.count = mute, {}, [], 0
        self.context = GLib.MainContext.new()
        self.loop = GLib.MainLoop.new(self.context, False)
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        assert self.ready.wait(10)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.stop()

    def run(self):
        self.context.push_thread_default()
        self.bus = Gio.DBusConnection.new_for_address_sync(
            Gio.dbus_address_get_for_bus_sync(Gio.BusType.SYSTEM),
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
            Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
        self.export(PATH, {NM: {}})
        self.bus.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus',
                           'org.freedesktop.DBus', 'RequestName',
                           GLib.Variant('(su)', (NM, 4)), None, 0, -1, None)
        self.ready.set()
        self.loop.run()
        self.context.pop_thread_default()

    def stop(self):
        self.do(lambda: self.bus.close_sync())
        self.loop.quit()
        self.thread.join()

    def do(self, work):
        """In the thread of the loop; returns when it is done."""
        done = threading.Event()

        def once():
            work()
            done.set()
            return False
        self.context.invoke_full(0, once)
        assert done.wait(10)

    def export(self, path, properties):
        self.objects[path] = properties
        self.bus.register_object(path, Gio.DBusNodeInfo.new_for_xml(EMPTY).interfaces[0],
                                 self.on_call, None, None)

    def values(self, path, interface):
        if (path, interface) == (PATH, NM):
            return {'ActiveConnections': GLib.Variant('ao', self.active)}
        return self.objects[path].get(interface, {})

    def on_call(self, bus, sender, path, interface, method, arguments, invocation):
        if self.mute:
            return
        values = self.values(path, arguments.unpack()[0])
        if method == 'Get':
            invocation.return_value(GLib.Variant('(v)', (values[arguments.unpack()[1]],)))
        else:
            invocation.return_value(GLib.Variant('(a{sv})', (values,)))

    def changed(self):
        self.bus.emit_signal(None, PATH, 'org.freedesktop.DBus.Properties', 'PropertiesChanged',
                             GLib.Variant('(sa{sv}as)', (
                                 NM, {'ActiveConnections': GLib.Variant('ao', self.active)}, [])))

    def connect(self, device, uuid, name, settings, state=2, vpn=False):
        """One more active connection. @settings: {group: {key: text}}."""
        self.count += 1
        active, connection, port = ('%s/%s/%d' % (PATH, kind, self.count) for kind in (
            'ActiveConnection', 'Settings', 'Devices'))
        typed = {g: {k: GLib.Variant('s', v) for k, v in group.items()}
                 for g, group in settings.items()}

        def on_settings(bus, sender, path, interface, method, arguments, invocation):
            invocation.return_value(GLib.Variant('(a{sa{sv}})', (typed,)))

        def work():
            self.export(active, {NM + '.Connection.Active': {
                'Uuid': GLib.Variant('s', uuid), 'Id': GLib.Variant('s', name),
                'State': GLib.Variant('u', state), 'Vpn': GLib.Variant('b', vpn),
                'Connection': GLib.Variant('o', connection),
                'Devices': GLib.Variant('ao', [port])}})
            self.bus.register_object(connection,
                                     Gio.DBusNodeInfo.new_for_xml(SETTINGS).interfaces[0],
                                     on_settings, None, None)
            self.export(port, {NM + '.Device': {'Interface': GLib.Variant('s', device)}})
            self.active = self.active + [active]
            self.changed()
        self.do(work)

    def disconnect(self):
        def work():
            self.active = []
            self.changed()
        self.do(work)
