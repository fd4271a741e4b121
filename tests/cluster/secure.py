"""A proxy with TLS and password in front of a real node without them, as in production."""

from __future__ import annotations

import base64
import contextlib
import http.client
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import trustme

USER, PASSWORD = "chief", "a/secret:p@ss"
_NOT_PASSED_ON = frozenset({"host", "authorization", "connection"})


class _Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    node: str

    def setup(self) -> None:
        self.request.do_handshake()  # in the connection's own thread
        super().setup()

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != wanted:
            self.answer(401, b"Unauthorized", "text/plain")  # as OpenSearch answers
            return
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_PASSED_ON}
        with contextlib.closing(http.client.HTTPConnection(self.node, timeout=60)) as inside:
            inside.request(self.command, self.path, body, headers)
            response = inside.getresponse()
            self.answer(response.status, response.read(), response.headers.get("Content-Type", "text/plain"))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any  # noqa: N815 - names of http.server

    def answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Suppress the log."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Suppress the message: failed handshakes are expected."""


@contextlib.contextmanager
def proxy(node: str, authority: trustme.CA, name: str = "127.0.0.1") -> Iterator[str]:
    """Start a proxy for a node (URL) and yield the proxy's `host:port`; its certificate is for `name`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    handler = type("Door", (_Proxy,), {"node": urlsplit(node).netloc})
    server = _Server(("127.0.0.1", 0), handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
