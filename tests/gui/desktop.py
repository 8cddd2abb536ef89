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
# Programs with sanitizers on a busy machine take minutes to a window.
PATIENCE = 600 if 'ASAN_OPTIONS' in os.environ else 90


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


def lives(pid):
    """One that was orphaned stays as a zombie here: nobody waits for it."""
    try:
        with open('/proc/%d/stat' % pid) as file:
            return file.read().rsplit(')', 1)[1].split()[0] != 'Z'
    except FileNotFoundError:
        return False


class Desktop:
    count = 0
    eyes_on = 'sallyport-prompt'

    def __init__(self, agent, uid=ALICE, server=(), **variables):
        """@server: what the notification server can do, if not all."""
        Desktop.count += 1
        self.number = Desktop.count
        self.agent_program, self.uid = agent, uid
        self.folder = '/run/test/desktop%d' % self.number
        os.makedirs(self.folder, 0o700)
        os.chown(self.folder, uid, uid)
        self.server_can = list(server)
        self.variables = variables
        self.processes = []
        self.agents = 0
        self.screen = self.start_screen()
        self.rest_pointer()
        self.bus = self.start_bus()
        self.notified = Lines(self.server.stdout) if self.start_server() else None
        self.start_agent()
        self.blink()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        reports = self.sanitizer_reports()
        if kind:
            self.print_log()
            for window in self.windows():
                print('# window', window['title'])
                for node in window['nodes']:
                    print('#   %(role)s "%(name)s" %(states)s' % node)
        for process in reversed(self.processes):
            process.kill()
            process.wait()
        if reports and not kind:
            raise AssertionError(reports)

    def sanitizer_reports(self):
        """What the programs that run here had to report, to their ends; "" else."""
        if 'ASAN_OPTIONS' not in os.environ:
            return ''
        self.end()
        logs = [os.path.join(self.folder, name) for name in os.listdir(self.folder)
                if name.endswith('.log')]
        texts = [open(log, errors='replace').read() for log in logs]
        return '\n'.join(t for t in texts if 'Sanitizer' in t or 'runtime error' in t)

    def end(self):
        """The agent as it is told to, and the prompt, which ends with it."""
        prompts = self.prompts()
        if self.agent.poll() is None:
            self.stop_agent()
        eventually('no prompt', lambda: not any(lives(pid) for pid in prompts))

    def environment(self):
        env = {'PATH': '/usr/bin:/bin', 'HOME': self.folder, 'XDG_RUNTIME_DIR': self.folder,
               'LC_ALL': 'C.UTF-8', 'GDK_BACKEND': 'x11', 'GSK_RENDERER': 'cairo',
               'GSETTINGS_BACKEND': 'memory', 'XDG_STATE_HOME': self.folder + '/state',
               'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', ''),
               'LSAN_OPTIONS': os.environ.get('LSAN_OPTIONS', ''),
               'UBSAN_OPTIONS': os.environ.get('UBSAN_OPTIONS', '')}
        if hasattr(self, 'screen'):
            env['DISPLAY'] = self.screen
        if hasattr(self, 'bus'):
            env['DBUS_SESSION_BUS_ADDRESS'] = self.bus
        env.update(self.variables)
        return env

    def start(self, command, session=False, plain=False, **keys):
        """As the user, in a login session or in none; @plain: as it is."""
        if plain:
            pass
        elif session:
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

    def rest_pointer(self):
        """Out of the windows' way: the one under it says what its button would do."""
        subprocess.run(['xdotool', 'mousemove', '1023', '899'], env=self.environment(), check=True)

    def start_bus(self):
        bus = self.start(['dbus-daemon', '--session', '--print-address=1', '--nofork',
                          '--nopidfile'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return bus.stdout.readline().strip()

    def start_server(self):
        self.server = self.start([HERE + '/notified.py'] + self.server_can, stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE)
        return json.loads(self.server.stdout.readline())['ready']

    def notification(self, summary):
        """The next one that says this."""
        end = time.time() + PATIENCE
        while time.time() < end:
            note = json.loads(self.notified.get(max(end - time.time(), 0.01)))
            if note.get('summary') == summary:
                return note
        raise AssertionError('no notification: ' + summary)

    def withdrawn(self, note):
        """It is taken from the screen again."""
        end = time.time() + PATIENCE
        while time.time() < end:
            if json.loads(self.notified.get(max(end - time.time(), 0.01))).get('closed') == note['shown']:
                return
        raise AssertionError('it stays: %s' % note)

    def choose(self, note, action):
        self.server.stdin.write('%d %s\n' % (note['shown'], action))
        self.server.stdin.flush()

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
        """Process numbers of the agent's prompts that live."""
        found = subprocess.run(['pgrep', '-P', str(self.agent.pid), '-x', 'sallyport-promp'],
                               stdout=subprocess.PIPE, text=True)
        return [int(pid) for pid in found.stdout.split() if lives(int(pid))]

    # What the eyes do.

    def blink(self):
        """Eyes that know nothing from before: a program that had no window when they
        looked at it has none for them later (libatspi 2.46 remembers that)."""
        if hasattr(self, 'eyes'):
            self.eyes.kill()
        self.opened = time.time()
        self.eyes = self.start([HERE + '/eyes.py', self.eyes_on], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

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
        def look():
            window = self.window(title)
            if window and window['nodes']:
                return window
            if time.time() > self.opened + 3:
                self.blink()
            return None
        return eventually('a window ' + title, look)

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

    def pick(self, title, name, key='Tab'):
        """A radio button, by keys: GTK 4.8 offers no action for it. On a way back, over
        the answers' buttons, the sentence becomes that of the last one."""
        self.walk(title, name, lambda role: 'Down' if role == 'radio button' else key)

    def walk(self, title, name, key=lambda role: 'Tab'):
        """The focus goes to what has this name."""
        self.focus(title)
        for _ in range(12):
            role, there = self.focused(title) or ('', '')
            if there == name:
                return
            self.key(key(role))
        raise AssertionError('the focus does not come to ' + name)

    def focused(self, title):
        for node in self.window(title)['nodes']:
            if 'focused' in node['states'] and node['role'] != 'frame':
                return node['role'], node['name']
        return None

    def moves_over(self, title):
        """The pointer, as a hand moves it."""
        found = subprocess.run(['xdotool', 'search', '--sync', '--name', '^%s$' % title],
                               env=self.environment(), stdout=subprocess.PIPE, text=True)
        window = found.stdout.split()[0]
        for x in (60, 90, 120):
            subprocess.run(['xdotool', 'mousemove', '--window', window, str(x), '60'],
                           env=self.environment(), check=True)
            time.sleep(0.1)     # or the server makes one motion of them

    def moves_away(self):
        subprocess.run(['xdotool', 'mousemove', '1020', '890'], env=self.environment(), check=True)

    def picture(self, path):
        subprocess.run(['import', '-window', 'root', path], env=self.environment(), check=True)
