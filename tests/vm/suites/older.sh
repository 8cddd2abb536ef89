#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: --smp 1 --no-daemon --timeout 300
#
# The firewall comes to a machine that somebody works on by ssh: his session goes on, and
# he can open another one, though nobody has seen whose the listening socket is. Believed
# is what the peer's client is told.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$here/../../lib/tap.sh"
# shellcheck source=tests/vm/lib/peer.sh
. "$here/../lib/peer.sh"
# shellcheck source=tests/vm/lib/daemon.sh
. "$here/../lib/daemon.sh"

# Says what it hears, on two ports.
SERVER='
import socketserver, threading
class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(line)
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
for port in 22, 2222:
    threading.Thread(target=Server(("0.0.0.0", port), Echo).serve_forever).start()
print("listens", flush=True)
'
# A line and its echo for each line of the standard input.
CLIENT='
import socket, sys
connection = socket.create_connection(("192.0.2.1", int(sys.argv[1])), 20)
answers = connection.makefile()
for line in sys.stdin:
    connection.sendall(line.encode())
    print(answers.readline(), end="", flush=True)
'

session() { peer_run python3 -c "$CLIENT" "$1"; }
new_session() { [ "$(echo hello | session "$1")" = hello ]; }
says() { grep -q "$1" "$DAEMON_DIR/$2"; }
has_rule() { sallyport rules list 2>/dev/null | grep -qF -- "$1"; }

ok 'the peer is there' peer_up http
ok 'a machine without the firewall' rmmod sallyport
python3 -c "$SERVER" >"$DAEMON_DIR/server" 2>&1 &
eventually 'a service listens' 60 says listens server
mkfifo "$DAEMON_DIR/typed"
session 22 <"$DAEMON_DIR/typed" >"$DAEMON_DIR/shown" 2>&1 &
exec 8>"$DAEMON_DIR/typed"
echo one >&8
eventually 'somebody has a session' 60 says one shown

ok 'the module comes' insmod "$VM_MODULE"
install -D -m 644 -t /usr/share/sallyport "$VM_TOP"/data/starter*.rules
install -D -m 644 -t /usr/local/share/sallyport "$VM_TOP"/data/starter*.rules
ok 'the bus is there' bus_up
ok 'and a daemon with nothing' daemon_start
eventually 'the rule about ssh comes in' 60 has_rule 'allow in protocol tcp port 22'
echo two >&8
eventually 'the session goes on' 60 says two shown
ok 'another one can be opened' new_session 22
fails 'at another port of the service none' new_session 2222
daemon_kill
tap_done
