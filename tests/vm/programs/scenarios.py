# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends in every way there is, each to a port of its own.

    PYTHON scenarios.py all                 every scenario, one after the other
    PYTHON scenarios.py one NAME            only this
    PYTHON scenarios.py listen TCP UDP      echoes what comes to these ports
    PYTHON scenarios.py close PORT          accepts, says a word and closes
    PYTHON scenarios.py mptcp PORT          accepts an MPTCP connection; whether it has
                                            begun a further subflow itself
    PYTHON scenarios.py open PROGRAM NAME   opens a socket and executes PROGRAM, which
                                            sends by it; NAME: inherited or passed
    PYTHON scenarios.py list                "NAME PROTOCOL ADDRESS PORT" of each

PYTHON is a copy of the interpreter, so that it is a program of its own. Whether
something arrived says the peer; here only "NAME done", "NAME failed: WHY" or
"NAME absent: WHY" where the kernel has no such socket."""

import ctypes
import errno
import os
import socket
import struct
import sys
import tempfile
import threading
import time

V4, V6, OTHER = "192.0.2.2", "2001:db8::2", "192.0.2.3"
BULK, DATAGRAM = 100_000, 700
TIMEOUT = 5 * int(os.environ.get("VM_PACE", "1"))
MPTCP, DCCP, SCTP, UDPLITE = 262, 33, 132, 136
MSG_FASTOPEN, MSG_ZEROCOPY, MSG_MORE = 0x20000000, 0x4000000, 0x8000
MSG_WAITFORONE = 0x10000
SOL_MPTCP, MPTCP_INFO = 284, 1
FASTOPEN_CONNECT, SO_ZEROCOPY, UDP_CORK, UDP_SEGMENT = 30, 60, 1, 103
payload = bytes(i % 251 for i in range(BULK))
scenarios = {}


def scenario(protocol, address=V4):
    """Registers a function as a scenario with the next free port."""
    def add(function):
        name = function.__name__.replace("_", "-")
        port = 0 if protocol in ("icmp", "icmpv6", "253", "254") else 9001 + len(scenarios)
        scenarios[name] = (function, protocol, address, port)
        return function
    return add


def new_socket(family, kind, protocol=0):
    sock = socket.socket(family, kind, protocol)
    sock.settimeout(TIMEOUT)
    return sock


# --- streams ---------------------------------------------------------------------------

def read_all(sock):
    got = 0
    while got < BULK and (part := sock.recv(65536)):
        got += len(part)
    return got


def exchange(sock, send):
    """Sends with another thread while the echo is read."""
    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    got = read_all(sock)
    sender.join(TIMEOUT)
    sock.close()
    if got != BULK:
        raise OSError(errno.EPROTO, f"{got} bytes came back")


def stream(address, port, protocol=0, send=None):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = new_socket(family, socket.SOCK_STREAM, protocol)
    sock.connect((address, port))
    exchange(sock, lambda: send(sock) if send else sock.sendall(payload))


@scenario("tcp")
def tcp(port):
    stream(V4, port)


@scenario("tcp", V6)
def tcp_ipv6(port):
    stream(V6, port)


@scenario("tcp")
def mptcp(port):
    stream(V4, port, MPTCP)


def has_subflow(sock):
    """A further one, in time; an attempt counts until it has failed."""
    end, seen = time.monotonic() + TIMEOUT, 0
    while seen < 10 and time.monotonic() < end:
        seen = seen + 1 if sock.getsockopt(SOL_MPTCP, MPTCP_INFO, 64)[0] else 0
        time.sleep(0.05)
    return seen == 10


@scenario("tcp")
def mptcp_subflows(port):
    """The peer has told of a second address: a worker of the kernel's connects there."""
    sock = new_socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP)
    sock.connect((V4, port))
    sock.sendall(payload[:1000])
    sock.recv(1000, socket.MSG_WAITALL)
    if not has_subflow(sock):
        raise OSError(errno.ETIMEDOUT, "no further subflow")
    exchange(sock, lambda: sock.sendall(payload))


@scenario("sctp")
def sctp(port):
    stream(V4, port, SCTP, lambda sock: [sock.sendall(payload[i:i + 1000])
                                         for i in range(0, BULK, 1000)])


@scenario("tcp")
def sendfile(port):
    with tempfile.TemporaryFile() as file:
        file.write(payload)
        file.flush()
        stream(V4, port, 0, lambda sock: sock.sendfile(file, 0))


@scenario("tcp")
def splice(port):
    def send(sock):
        reader, writer = os.pipe()
        for i in range(0, BULK, 4096):
            left = os.write(writer, payload[i:i + 4096])
            while left:
                left -= os.splice(reader, sock.fileno(), left)
    sock = new_socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.connect((V4, port))
    sock.settimeout(None)   # splice(2) knows no timeout
    exchange(sock, lambda: send(sock))


@scenario("tcp")
def zerocopy(port):
    sock = new_socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, SO_ZEROCOPY, 1)
    sock.connect((V4, port))

    def send():
        at = 0
        while at < BULK:
            at += sock.send(payload[at:at + 10000], MSG_ZEROCOPY)
    exchange(sock, send)


@scenario("tcp")
def fastopen_send(port):
    sock = new_socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.settimeout(None)   # or it does not wait for the handshake
    first = sock.sendto(payload[:1000], MSG_FASTOPEN, (V4, port))
    exchange(sock, lambda: sock.sendall(payload[first:]))


@scenario("tcp")
def fastopen_connect(port):
    sock = new_socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.IPPROTO_TCP, FASTOPEN_CONNECT, 1)
    sock.connect((V4, port))
    exchange(sock, lambda: sock.sendall(payload))


@scenario("tcp")
def small_connections(port):
    for _ in range(20):
        sock = new_socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.connect((V4, port))
        sock.sendall(b"hello")
        sock.shutdown(socket.SHUT_WR)
        sock.recv(100)
        sock.close()


@scenario("tcp")
def slow_drip(port):
    """A byte a second: each alone, and each is answered."""
    sock = new_socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.connect((V4, port))
    for _ in range(5):
        sock.sendall(b"x")
        sock.recv(1)
        time.sleep(1)
    sock.close()


@scenario("dccp")
def dccp(port):
    sock = new_socket(socket.AF_INET, 6, DCCP)
    sock.setsockopt(269, 2, struct.pack("!I", 42))
    sock.connect((V4, port))
    for _ in range(5):
        sock.send(payload[:DATAGRAM])
        sock.recv(2000)
    sock.close()


# --- datagrams ----------------------------------------------------------------------------

def datagrams(sock, count=20):
    for _ in range(count):
        sock.send(payload[:DATAGRAM])
        sock.recv(2000)


def connected(address, port, protocol=0):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = new_socket(family, socket.SOCK_DGRAM, protocol)
    sock.connect((address, port))
    return sock


@scenario("udp")
def udp(port):
    datagrams(connected(V4, port))


@scenario("udp", V6)
def udp_ipv6(port):
    datagrams(connected(V6, port))


IN_FLIGHT, DUPLEX = 50, 2000    # fewer than a socket's buffer holds


def duplex(address, port):
    """Both ways at once: neither side waits for the other's answer."""
    sock = connected(address, port)
    room = threading.Semaphore(IN_FLIGHT)

    def send():
        for _ in range(DUPLEX):
            if not room.acquire(timeout=TIMEOUT):
                return
            sock.send(payload[:DATAGRAM])
    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    for _ in range(DUPLEX):
        sock.recv(2000)
        room.release()
    sender.join()


@scenario("udp")
def udp_duplex(port):
    duplex(V4, port)


@scenario("udp", V6)
def udp_duplex_ipv6(port):
    duplex(V6, port)


@scenario("udp")
def udp_not_connected(port):
    sock = new_socket(socket.AF_INET, socket.SOCK_DGRAM)
    for _ in range(20):
        sock.sendto(b"x", (V4, port))
        sock.recv(100)


@scenario("udplite")
def udplite(port):
    datagrams(connected(V4, port, UDPLITE))


@scenario("udp")
def corked(port):
    sock = connected(V4, port)
    for _ in range(5):
        sock.send(payload[:300], MSG_MORE)
        sock.send(payload[:300])
        sock.recv(2000)


@scenario("udp")
def segmented(port):
    sock = connected(V4, port)
    sock.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 500)
    for _ in range(5):
        sock.send(payload[:5000])
        for _ in range(10):
            sock.recv(2000)


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


class Message(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("name_length", ctypes.c_uint),
                ("vectors", ctypes.POINTER(Vector)), ("count", ctypes.c_size_t),
                ("control", ctypes.c_void_p), ("control_length", ctypes.c_size_t),
                ("flags", ctypes.c_int), ("padding", ctypes.c_int), ("done", ctypes.c_uint)]


def messages_of(count):
    """So many messages that share one buffer, and what must live as long as they do."""
    data = ctypes.create_string_buffer(payload[:DATAGRAM])
    vector = Vector(ctypes.addressof(data), DATAGRAM)
    messages = (Message * count)()
    for message in messages:
        message.vectors, message.count = ctypes.pointer(vector), 1
    return messages, (data, vector)


def many(name, sock, count, *arguments):
    """sendmmsg(2) or recvmmsg(2): how many of so many messages."""
    messages, _buffers = messages_of(count)
    libc = ctypes.CDLL(None, use_errno=True)
    done = getattr(libc, name)(sock.fileno(), messages, count, *arguments)
    if done < 0:
        raise OSError(ctypes.get_errno(), name)
    return done


@scenario("udp")
def sendmmsg(port):
    sock = connected(V4, port)
    for _ in range(many("sendmmsg", sock, 10, 0)):
        sock.recv(2000)


@scenario("udp")
def recvmmsg(port):
    sock = connected(V4, port)
    sock.settimeout(None)   # recvmmsg(2) has its own way to wait
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", TIMEOUT, 0))
    for _ in range(10):
        sock.send(payload[:DATAGRAM])
    left = 10
    while left:
        left -= many("recvmmsg", sock, left, MSG_WAITFORONE, None)


@scenario("udp")
def burst(port):
    """Eight sockets send and are answered at the same time."""
    failed = []

    def talk():
        try:
            datagrams(connected(V4, port), 100)
        except OSError as error:
            failed.append(error)
    threads = [threading.Thread(target=talk) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


@scenario("udp", "239.1.1.1")
def multicast(port):
    sock = new_socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("192.0.2.1"))
    for _ in range(10):
        sock.sendto(payload[:DATAGRAM], ("239.1.1.1", port))


@scenario("udp", "192.0.2.255")
def broadcast(port):
    sock = new_socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    for _ in range(10):
        sock.sendto(payload[:DATAGRAM], ("192.0.2.255", port))


@scenario("udp")
def closed_at_once(port):
    for _ in range(20):
        sock = connected(V4, port)
        sock.send(payload[:DATAGRAM])
        sock.close()


@scenario("udp")
def brief_processes(port):
    for _ in range(20):
        child = os.fork()
        if not child:
            try:
                connected(V4, port).send(payload[:DATAGRAM])
            finally:
                os._exit(0)
        os.waitpid(child, 0)


def in_a_child(function):
    child = os.fork()
    if not child:
        status = 1
        try:
            function()
            status = 0
        finally:
            os._exit(status)
    if os.waitpid(child, 0)[1]:
        raise OSError(errno.EACCES, "the child")


@scenario("udp")
def drops_privileges(port):
    def send():
        sock = connected(V4, port)
        os.setgid(1000)
        os.setuid(1000)
        datagrams(sock)
    in_a_child(send)


@scenario("udp")
def chroot(port):
    """What it executes is what it was, wherever its root is now."""
    def send():
        os.chroot(empty)
        datagrams(connected(V4, port))
    with tempfile.TemporaryDirectory() as empty:
        in_a_child(send)


# --- below -----------------------------------------------------------------------------

def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def echo(kind):
    body = struct.pack("!BBHHH", kind, 0, 0, 4711, 1) + payload[:500]
    return body[:2] + struct.pack("!H", checksum(body)) + body[4:]


@scenario("icmp", OTHER)
def icmp_ping_socket(_):
    sock = new_socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
    for _ in range(10):
        sock.sendto(echo(8), (OTHER, 0))
        sock.recv(2000)


@scenario("icmp")
def icmp_raw(_):
    """A flood: none waits for the answer to another."""
    sock = new_socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    for _ in range(200):
        sock.sendto(echo(8), (V4, 0))
    for _ in range(100):
        sock.recv(2000)


@scenario("icmpv6", V6)
def icmpv6_raw(_):
    sock = new_socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    for _ in range(10):
        sock.sendto(echo(128), (V6, 0))
        sock.recv(2000)


@scenario("253")
def raw(_):
    sock = new_socket(socket.AF_INET, socket.SOCK_RAW, 253)
    for _ in range(10):
        sock.sendto(payload[:DATAGRAM], (V4, 0))


@scenario("253", V6)
def raw_ipv6(_):
    sock = new_socket(socket.AF_INET6, socket.SOCK_RAW, 253)
    for _ in range(10):
        sock.sendto(payload[:DATAGRAM], (V6, 0))


def ip_header(protocol, length):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + length, 0, 0, 64, protocol, 0,
                       socket.inet_aton("192.0.2.1"), socket.inet_aton(V4))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:]


@scenario("254")
def raw_own_header(_):
    sock = new_socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    for _ in range(10):
        sock.sendto(ip_header(254, DATAGRAM) + payload[:DATAGRAM], (V4, 0))


@scenario("udp")
def packet_socket(port):
    """The first frame of a flow is lost by design."""
    sock = new_socket(socket.AF_PACKET, socket.SOCK_DGRAM)
    body = struct.pack("!HHHH", 40000, port, 8 + DATAGRAM, 0) + payload[:DATAGRAM]
    frame = ip_header(17, len(body)) + body
    to = ("eth0", 0x800, 0, 0, bytes.fromhex(os.environ["PEER_MAC"].replace(":", "")))
    for _ in range(10):
        sock.sendto(frame, to)
        threading.Event().wait(0.1)


# --- sockets of others -------------------------------------------------------------------

@scenario("udp")
def inherited(port):
    """Opened by one program, used by another: see "open"."""


@scenario("udp")
def passed(port):
    """Likewise, over a socket between the two."""


def use(name):
    """The second program: the socket is standard input, or comes by it."""
    port = scenarios[name][3]
    sock = socket.socket(fileno=os.dup(0))
    if name == "passed":
        descriptors = socket.recv_fds(sock, 10, 1)[1]
        sock = socket.socket(fileno=descriptors[0])
    sock.settimeout(TIMEOUT)
    sock.connect((V4, port))
    datagrams(sock)


def open_for(program, name):
    sock = new_socket(socket.AF_INET, socket.SOCK_DGRAM)
    arguments = [program, __file__, "use", name]
    if name == "inherited":
        os.dup2(sock.fileno(), 0)
        os.execv(program, arguments)
    here, there = socket.socketpair()
    child = os.fork()
    if not child:
        os.dup2(there.fileno(), 0)
        os.execv(program, arguments)
    socket.send_fds(here, [b"x"], [sock.fileno()])
    sock.close()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# --- inbound ----------------------------------------------------------------------------

def echo_streams(port):
    server = socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        sock = server.accept()[0]
        try:
            while part := sock.recv(65536):
                sock.sendall(part)
        except OSError:
            pass    # reset
        sock.close()


def listen(stream_port, datagram_port):
    threading.Thread(target=echo_streams, args=(int(stream_port),), daemon=True).start()
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("", int(datagram_port)))
    while True:
        data, sender = sock.recvfrom(2000)
        sock.sendto(data, sender)


def close_each(port):
    server = socket.create_server(("", int(port)))
    while True:
        sock = server.accept()[0]
        sock.sendall(b"bye")
        sock.close()


def accept_mptcp(port):
    """The peer tells of a second address, where this side connects to."""
    server = new_socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("", int(port)))
    server.listen()
    print("listens", flush=True)
    sock = server.accept()[0]
    sock.recv(1000)
    print("further subflow" if has_subflow(sock) else "none", flush=True)
    sock.sendall(b"bye")
    sock.close()


# --- running ------------------------------------------------------------------------------

ABSENT = (errno.EPROTONOSUPPORT, errno.ESOCKTNOSUPPORT, errno.EAFNOSUPPORT, errno.ENOPROTOOPT)


def run(name, function, *arguments):
    try:
        function(*arguments)
        print(name, "done", flush=True)
    except OSError as error:
        word = "absent" if error.errno in ABSENT else "failed"
        print(name, f"{word}: {error}", flush=True)


def main(command, *arguments):
    if command == "all":
        for name, (function, _, _, port) in scenarios.items():
            if name not in ("inherited", "passed"):
                run(name, function, port)
    elif command == "one":
        run(arguments[0], scenarios[arguments[0]][0], scenarios[arguments[0]][3])
    elif command == "list":
        for name, (_, protocol, address, port) in scenarios.items():
            print(name, protocol, address, port)
    elif command == "use":
        run(arguments[0], use, *arguments)
    elif command == "open":
        return open_for(*arguments)
    elif command == "close":
        close_each(*arguments)
    elif command == "mptcp":
        accept_mptcp(*arguments)
    elif command == "listen":
        listen(*arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
