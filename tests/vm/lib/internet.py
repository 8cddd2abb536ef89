#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The web, for a machine that believes the authority in a folder; and a printer in its network.

internet.py web FOLDER      there: every host, on port 80, and on 443 with the certificate in
                            FOLDER; what is asked for is said on stdout, a line each
internet.py printer ADDRESS there: says by mDNS that there is a printer, at once and when asked
"""
import http.server
import socket
import ssl
import struct
import sys
import threading

from local_names import MDNS, labels, listener, record

ONLINE = b"NetworkManager is online\n"
PTR, TXT, SRV = 12, 16, 33
SERVICE, HOST = "_ipp._tcp.local", "printer.local"
PRINTER = "Printer." + SERVICE
DETAILS = ("txtvers=1", "rp=ipp/print", "ty=Printer", "pdl=application/pdf,image/jpeg,image/urf",
           "URF=W8,SRGB24,CP1,RS300", "UUID=5a117901-25a1-1790-125a-117901200000")


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6  # of both versions


class Everything(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        print(self.scheme, self.headers.get("Host", "-"), self.command, self.path, flush=True)
        online = self.path in ("/nm", "/check_network_status.txt")
        body = ONLINE if online else b"there is nothing\n"
        self.send_response(200 if online else 404)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_POST = do_GET

    def log_message(self, *_):
        pass


def server(port, scheme):
    handler = type(scheme, (Everything,), {"scheme": scheme})
    return Server(("::", port), handler)


def web(folder):
    secure = server(443, "https")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/web.pem", f"{folder}/web.key")
    # A hello that never comes must not hold the others up.
    secure.socket = context.wrap_socket(secure.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=secure.serve_forever, daemon=True).start()
    server(80, "http").serve_forever()


def announcement(address):
    details = b"".join(bytes([len(d)]) + d.encode() for d in DETAILS)
    place = struct.pack(">HHH", 0, 0, 631) + labels(HOST)
    return (struct.pack(">HHHHHH", 0, 0x8400, 0, 4, 0, 0) +
            record(labels(SERVICE), labels(PRINTER), PTR) + record(labels(PRINTER), place, SRV) +
            record(labels(PRINTER), details, TXT) + record(labels(HOST), socket.inet_aton(address)))


def printer(address):
    network = listener(MDNS, address)
    while True:
        network.sendto(announcement(address), MDNS)
        while True:
            message, _ = network.recvfrom(9000)
            if not message[2] & 0x80 and (labels(SERVICE)[:-1] in message or labels(HOST) in message):
                break


if __name__ == "__main__":
    {"web": web, "printer": printer}[sys.argv[1]](sys.argv[2])
