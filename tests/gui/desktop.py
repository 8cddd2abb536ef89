# SPDX-License-Identifier: GPL-2.0-or-later
"""alice's desktop for the stories: a virtual screen, a session bus, the agent in
a login session, and somebody who looks at it and presses."""
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'bus'))
from harness import ALICE, Lines  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
BUS = os.path.join(HERE, '..', 'bus')
PATIENCE = 30


def eventually(what, function):
    """Its first true value; what is waited for has no time of its own."""
    end = time.time() + PATIENCE
    while True:
        value = function()
        if value:
            return value
        if time.time() > end:
            raise AssertionError('never: ' + what)
        time.sleep(0.05)


class Desktop:
    count = 0

    def __init__(self, agent, uid=ALICE, **variables):
        Desktop.count += 1
        self.number = Desktop.count
        self.agent_program, self.uid = agent, uid
        self.folder = '/run/test/desktop%d' % self.number
        os.makedirs(self.folder, 0o700)
        os.chown(self.folder, uid, uid)
        self.variables = variables
        self.processes = []
        self.agents = 0
        self.screen = self.start_screen()
        self.bus = self.start_bus()
        self.start_agent()
        self.eyes = self.start([HERE + '/eyes.py'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind:
            self.print_log()
            for window in self.windows():
                print('# window', window['title'])
                for node in window['nodes']:
                    print('#   %(role)s "%(name)s" %(states)s' % node)
        for process in reversed(self.processes):
            process.kill()
            process.wait()

    def environment(self):
        env = {'PATH': '/usr/bin:/bin', 'HOME': self.folder, 'XDG_RUNTIME_DIR': self.folder,
               'LC_ALL': 'C.UTF-8', 'GDK_BACKEND': 'x11', 'GSK_RENDERER': 'cairo',
               'GSETTINGS_BACKEND': 'memory', 'XDG_STATE_HOME': self.folder + '/state',
               'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', ''),
               'LSAN_OPTIONS': os.environ.get('LSAN_OPTIONS', '')}
        if hasattr(self, 'screen'):
            env['DISPLAY'] = self.screen
        if hasattr(self, 'bus'):
            env['DBUS_SESSION_BUS_ADDRESS'] = self.bus
        env.update(self.variables)
        return env

    def start(self, command, session=False, **keys):
        if session:
            self.agents += 1
            command = [BUS + '/session.sh', 'spbusg%dx%d' % (self.number, self.agents),
                       str(self.uid), '1'] + command
        else:
            command = ['setpriv', '--reuid', str(self.uid), '--regid', str(self.uid),
                       '--clear-groups'] + command
        process = subprocess.Popen(command, env=self.environment(), text=True, **keys)
        self.processes.append(process)
        return process

    def start_screen(self):
        server = self.start(['Xvfb', '-displayfd', '1', '-screen', '0', '1024x900x24',
                             '-nolisten', 'tcp', '-noreset'], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL)
        return ':' + server.stdout.readline().strip()

    def start_bus(self):
        bus = self.start(['dbus-daemon', '--session', '--print-address=1', '--nofork',
                          '--nopidfile'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return bus.stdout.readline().strip()

    def start_agent(self):
        self.agent_log = open(self.folder + '/agent%d.log' % self.agents, 'w+')
        self.agent = self.start([self.agent_program], session=True, stderr=self.agent_log)

    def registered(self, daemon_client, agents=1):
        try:
            eventually('an agent',
                       lambda: daemon_client.call('Manager', 'GetStatus')['agents'] == agents)
        except AssertionError:
            self.print_log()
            raise

    def print_log(self):
        self.agent_log.seek(0)
        for line in self.agent_log:
            print('# agent:', line.rstrip())

    def stop_agent(self):
        self.agent.send_signal(signal.SIGTERM)
        return self.agent.wait(20)

    def prompts(self):
        """Process numbers of prompts that run here."""
        found = subprocess.run(['pgrep', '-u', str(self.uid), '-x', 'sallyport-promp'],
                               stdout=subprocess.PIPE, text=True)
        return [int(pid) for pid in found.stdout.split()]

    # What the eyes do.

    def tell(self, *command):
        self.eyes.stdin.write(json.dumps(command) + '\n')
        self.eyes.stdin.flush()
        line = self.eyes.stdout.readline()
        if not line:
            raise AssertionError('the eyes are gone')
        return json.loads(line)

    def windows(self):
        """A window that goes meanwhile is not there."""
        for _ in range(20):
            reply = self.tell('look')
            if 'reply' in reply:
                return reply['reply']
            time.sleep(0.05)
        raise AssertionError(reply)

    def window(self, title):
        for window in self.windows():
            if window['title'] == title:
                return window
        return None

    def appears(self, title):
        return eventually('a window ' + title,
                          lambda: (lambda w: w if w and w['nodes'] else None)(self.window(title)))

    def goes(self, title):
        eventually('no window ' + title, lambda: not self.window(title))

    def node(self, title, role, name):
        window = self.window(title)
        for node in window['nodes'] if window else []:
            if node['role'] == role and node['name'] == name:
                return node
        return None

    def says(self, title, text):
        """Some label has this text in it."""
        return eventually('"%s" in %s' % (text, title), lambda: any(
            text in node['name'] for node in (self.window(title) or {'nodes': []})['nodes']))

    def ready(self, title, name='Allow'):
        """The button can be pressed."""
        return eventually('a live ' + name, lambda: 'sensitive' in (
            self.node(title, 'push button', name) or {'states': []})['states'])

    def press(self, title, name, role='push button'):
        if role == 'push button':
            self.ready(title, name)
        assert self.tell('press', title, role, name).get('reply'), (title, role, name)

    def key(self, *keys):
        subprocess.run(['xdotool', 'key'] + list(keys), env=self.environment(), check=True)

    def focus(self, title):
        """As a click on its frame would; there is no window manager here."""
        subprocess.run(['xdotool', 'search', '--sync', '--name', '^%s$' % title, 'windowfocus',
                        '--sync'], env=self.environment(), check=True)

    def focused(self, title):
        for node in self.window(title)['nodes']:
            if 'focused' in node['states'] and node['role'] != 'frame':
                return node['role'], node['name']
        return None

    def picture(self, path):
        subprocess.run(['import', '-window', 'root', path], env=self.environment(), check=True)
