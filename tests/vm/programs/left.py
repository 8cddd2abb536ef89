# SPDX-License-Identifier: GPL-2.0-or-later
"""left.py ADDRESS PORT FIFO: connects, and before anybody has answered gives that up and
listens on the same socket, until FIFO was written to. What was held comes back as a
listener's."""
import ctypes
import socket
import sys

connection = socket.socket()
connection.setblocking(False)
try:
    connection.connect((sys.argv[1], int(sys.argv[2])))
except BlockingIOError:
    pass
else:
    sys.exit("nothing was held")
unspecified = (ctypes.c_ubyte * 16)()
if ctypes.CDLL(None, use_errno=True).connect(connection.fileno(), unspecified, 16):
    sys.exit("the connection can't be given up")
connection.listen()
print("listens", flush=True)
with open(sys.argv[3], encoding="ascii") as fifo:
    fifo.read()
