# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon with its fake verdict thread, clients in sessions, and TAP."""
import json
import os
import pwd
import queue
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
ALICE, BOB, ROOT = 71001, 71002, 0
ERROR = 'org.sallyport.Firewall1.Error.'
AGENT_PATH = '-'	# wherever it is installed
# What is waited for has no time of its own; a test that fails is told so after that.
PATIENCE = 120
INTERACTION = 'org.freedesktop.DBus.Error.InteractiveAuthorizationRequired'


class BusError(Exception):
    def __init__(self, name, message):
        super().__init__(name + ': ' + message)
        self.name, self.message = name, message


class NotShown(Exception):
    """The test could not see what it is about: it neither passed nor failed."""


class Lines:
    """Lines of a process, as they come."""
    def __init__(self, stream):
        self.queue = queue.Queue()
        self.stream = stream
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.stream:
            self.queue.put(line.rstrip('\n'))
        self.queue.put(None)

    def get(self, timeout):
        return self.queue.get(timeout=timeout)


class Journal:
    """A journal: what a process whose standard error is stream says, with its fields."""
    FOLDER = '/run/systemd/journal'

    def __init__(self):
        os.makedirs(self.FOLDER)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.FOLDER + '/socket')
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.FOLDER + '/stdout')
        self.listener.listen()
        self.stream = socket.socket(socket.AF_UNIX)
        self.stream.connect(self.FOLDER + '/stdout')

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for one in self.socket, self.listener, self.stream:
            one.close()
        shutil.rmtree(self.FOLDER)

    @staticmethod
    def fields(data):
        fields = {}
        while data:
            line, data = data.split(b'\n', 1)
            name, equals, value = line.partition(b'=')
            if not equals:
                size = struct.unpack('<Q', data[:8])[0]
                value, data = data[8:8 + size], data[9 + size:]
            fields[name.decode()] = value.decode()
        return fields

    def get(self, timeout=10, **wanted):
        """The next entry with these fields; others are passed over."""
        self.socket.settimeout(timeout)
        while True:
            entry = self.fields(self.socket.recv(1 << 20))
            if all(entry.get(name) == value for name, value in wanted.items()):
                return entry


# A daemon with sanitizers reads 100,000 names of files: not with slow stacks.
SANITIZERS = {'ASAN_OPTIONS': ''} if 'ASAN_OPTIONS' in os.environ else {}


class Daemon:
    def __init__(self, config='', state=None, absent=False, bus='system', env=(), files=None,
                 stderr=None):
        self.folder = tempfile.mkdtemp(dir='/run/test')
        self.state = state or self.folder + '/state'
        self.absent = self.folder + '/absent'
        if absent:
            open(self.absent, 'w').close()
        with open(self.folder + '/conf', 'w') as file:
            file.write(config)
        for name, text in (files or {}).items():
            os.makedirs(os.path.dirname(self.folder + '/' + name), exist_ok=True)
            with open(self.folder + '/' + name, 'w') as file:
                file.write(text)
            os.chmod(self.folder + '/' + name, 0o644)
        self.log = open(self.folder + '/log', 'w+')
        self.process = subprocess.Popen(
            [sys.argv[1], '--config', self.folder + '/conf', '--state', self.state,
             '--bus', bus], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=stderr or self.log,
            text=True, env=dict(os.environ, SALLYPORT_FAKE_ABSENT=self.absent,
                                      SALLYPORT_FAKE_PROGRAM=self.folder + '/program', LC_ALL='C.UTF-8',
                                      **dict(SANITIZERS, **dict(env))))
        self.lines = Lines(self.process.stdout)
        self.ids = 0
        if bus == 'system':
            subprocess.run(['gdbus', 'wait', '--system', '--timeout', '120',
                            'org.sallyport.Firewall1'], check=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.stop()
        if kind or '--verbose' in sys.argv:
            self.log.seek(0)
            for line in self.log:
                print('# daemon:', line.rstrip())

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(20)
        if status:
            self.log.seek(0)
            raise AssertionError('daemon: status %d\n%s' % (status, self.log.read()[-6000:]))

    def tell(self, line):
        self.process.stdin.write(line + '\n')
        self.process.stdin.flush()

    def program(self, path, image_flags=0, process_flags=0, number=7):
        """What every process runs, as far as the module knows."""
        with open(self.folder + '/program', 'w') as file:
            file.write('%s %d %d %d' % (path, image_flags, process_flags, number))

    def ask(self, **keys):
        """A flow that nothing is known of; its number."""
        self.ids += 1
        keys.setdefault('uid', ALICE)
        keys.setdefault('path', '/usr/bin/curl')
        keys.setdefault('port', 80)
        self.tell('ask %d %s' % (self.ids, ' '.join('%s=%s' % i for i in keys.items())))
        return self.ids

    def late(self, flow, **keys):
        """More is known of it: own, system, other, network, doubtful: a name; hash."""
        self.tell('late %d %s' % (flow, ' '.join('%s=%s' % i for i in keys.items())))

    def expect(self, pattern, timeout=PATIENCE):
        """Waits for a line like this; those before it are passed over."""
        end = time.time() + timeout
        while True:
            try:
                line = self.lines.get(max(end - time.time(), 0.01))
            except queue.Empty:
                raise AssertionError('no line like ' + pattern)
            if line is None:
                raise AssertionError('the daemon has gone; wanted ' + pattern)
            match = re.fullmatch(pattern, line)
            if match:
                return match

    def until_echo(self):
        """The lines up to now."""
        self.ids += 1
        word = 'e%d' % self.ids
        self.tell('echo ' + word)
        lines = []
        while True:
            line = self.lines.get(PATIENCE)
            if line == 'echo ' + word:
                return lines
            lines.append(line)


class Client:
    counter = 0

    def __init__(self, uid, session='active'):
        Client.counter += 1
        command = ['/usr/bin/python3', '-W', 'ignore', HERE + '/client.py']
        self.session, self.uid = 'spbus%d' % Client.counter, uid
        if uid != ROOT:
            active = {'active': '1', 'inactive': '0', 'none': 'none'}[session]
            command = [HERE + '/session.sh', self.session, str(uid), active] + command
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.lines = Lines(self.process.stdout)
        self.events, self.replies = [], []
        self.name = self.event('ready')[0]

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()

    def close(self):
        self.process.kill()
        self.process.wait()

    def pump(self, timeout):
        line = self.lines.get(timeout)
        if line is None:
            raise AssertionError('a client has gone')
        message = json.loads(line)
        (self.events if 'event' in message else self.replies).append(message)

    def event(self, name, timeout=PATIENCE):
        """The next event of this name; others stay."""
        end = time.time() + timeout
        while True:
            for event in self.events:
                if event['event'] == name:
                    self.events.remove(event)
                    return event['args']
            try:
                self.pump(max(end - time.time(), 0.01))
            except queue.Empty:
                raise AssertionError('no %s; there are %s' % (name, self.events))

    def quiet(self, name, seconds=0.6):
        """No such event comes."""
        try:
            args = self.event(name, seconds)
        except AssertionError:
            return
        raise AssertionError('unexpected %s %s' % (name, args))

    def start(self, command, *args):
        self.process.stdin.write(json.dumps([command, args]) + '\n')
        self.process.stdin.flush()

    def finish(self, timeout=PATIENCE):
        end = time.time() + timeout
        while not self.replies:
            try:
                self.pump(max(end - time.time(), 0.01))
            except queue.Empty:
                raise AssertionError('no reply')
        reply = self.replies.pop(0)
        if 'error' in reply:
            raise BusError(reply['error'], reply['message'])
        return reply['reply']

    def run(self, command, *args):
        self.start(command, *args)
        return self.finish()

    def call(self, interface, method, signature=None, *args, interactive=False):
        reply = self.run('call', interface, method, signature, args, interactive)
        return reply[0] if len(reply) == 1 else reply

    def switch(self, active):
        """Away from its session, and back."""
        for path in '/run/systemd/sessions/' + self.session, '/run/systemd/users/%d' % self.uid:
            with open(path) as file:
                text = file.read()
            text = re.sub('^ACTIVE=.*', 'ACTIVE=%d' % active, text, flags=re.M)
            text = re.sub('^STATE=.*', 'STATE=' + ('active' if active else 'online'), text,
                          flags=re.M)
            with open(path, 'w') as file:
                file.write(text)

    # What the tests do most.
    def register(self, introduced=True, interactive=False):
        if introduced:
            self.run('again')
        self.run('agent')
        self.call('Questions', 'RegisterAgent', '(oa{sv})', '/agent', {}, interactive=interactive)
        return self

    def register_second(self):
        """Beside the packaged agent of the same user, which takes his password."""
        self.run('again')
        self.run('polkit', 'secret-' + pwd.getpwuid(self.uid).pw_name)
        self.register(introduced=False, interactive=True)
        self.event('password')
        return self

    def answer(self, ask, action='allow', scope='this-host-port', lifetime='always', token=None):
        return self.call('Questions', 'Answer', '(tssss)', ask[0],
                         ask[1] if token is None else token, action, scope, lifetime)

    def dismiss(self, ask):
        return self.call('Questions', 'Dismiss', '(ts)', ask[0], ask[1])

    def add(self, text, interactive=False, **options):
        return self.call('Rules', 'Add', '(sa{sv})', text, options, interactive=interactive)

    def remove(self, *ids, interactive=False):
        return self.call('Rules', 'Remove', '(at)', ids, interactive=interactive)

    def edit(self, rule, text, interactive=False, **options):
        return self.call('Rules', 'Edit', '(tsa{sv})', rule, text, options,
                         interactive=interactive)

    def enable(self, *ids, interactive=False):
        return self.call('Rules', 'Enable', '(at)', ids, interactive=interactive)

    def disable(self, *ids, interactive=False):
        return self.call('Rules', 'Disable', '(at)', ids, interactive=interactive)

    def undo(self, change=None, redo=False, interactive=False, dry_run=False):
        options = {**({'change': ['t', change]} if change else {}),
                   **({'dry-run': ['b', True]} if dry_run else {})}
        return self.call('Rules', 'Redo' if redo else 'Undo', '(a{sv})', options,
                         interactive=interactive)

    def journal(self, limit=100, **options):
        return self.call('Rules', 'Journal', '(ua{sv})', limit, options)

    def mode(self, mode, interactive=False, **options):
        return self.call('Manager', 'SetMode', '(sa{sv})', mode, options, interactive=interactive)

    def guard(self, seconds):
        return self.call('Manager', 'Guard', '(u)', seconds)

    def confirm(self):
        return self.call('Manager', 'Confirm')

    def status(self):
        return self.call('Manager', 'GetStatus')

    def flows(self, after=0, limit=1000, **options):
        return self.call('Flows', 'List', '(tua{sv})', after, limit, options)

    def end(self, *ids, interactive=False):
        return self.call('Flows', 'End', '(at)', ids, interactive=interactive)

    def rules(self):
        return self.call('Rules', 'List', '(a{sv})', {})

    def texts(self):
        return [rule['text'] for rule in self.rules()]


def fails(name, function, *args, **keys):
    try:
        function(*args, **keys)
    except BusError as error:
        full = name if '.' in name else ERROR + name
        assert error.name == full, 'wanted %s, got %s' % (full, error)
        return error.message
    raise AssertionError('wanted the error ' + name)


def put_file(folder, name, text, mode=0o644):
    """Whole, as editors and configuration management do."""
    os.makedirs(os.path.dirname(folder + '/' + name), exist_ok=True)
    temporary = folder + '/.new'
    with open(temporary, 'w') as file:
        file.write(text)
    os.chmod(temporary, mode)
    os.rename(temporary, folder + '/' + name)


def until_reason(client, word):
    """Waits until the state's reasons have @word, or, without one, are none."""
    while True:
        reasons = '\n'.join(client.call('Manager', 'GetStatus')['reasons'])
        if word in reasons if word else not reasons:
            return
        client.event('Changed')


tests = []


def test(function):
    tests.append(function)
    return function


def main():
    chosen = [t for t in tests if not sys.argv[2:] or t.__name__ in sys.argv[2:]] or tests
    failed = 0
    print('1..%d' % len(chosen), flush=True)
    for number, function in enumerate(chosen, 1):
        name = function.__name__.replace('_', ' ')
        try:
            function()
            print('ok %d - %s' % (number, name), flush=True)
        except NotShown as why:
            print('ok %d - %s # SKIP %s' % (number, name, why), flush=True)
        except Exception:
            failed += 1
            for line in traceback.format_exc().splitlines():
                print('#', line)
            print('not ok %d - %s' % (number, name), flush=True)
    shutil.rmtree('/run/test', ignore_errors=True)
    return failed != 0
