"""A web server that does wrong what servers and networks do wrong, once, at the request that a test says.

    server.add("/OWNER/NAME/resolve/main/model.safetensors", content, [Break(after=1000)])

The first request of that path breaks off after 1000 bytes, every later one is answered well. What was asked for is in
server.log. A request for a whole address (`GET http://host/path`) is one to a proxy: it is answered all the same.
"""
import hashlib
import http.server
import re
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit


class Behaviour:
    """How one request is answered. This one: as it should be."""
    status: int | None = None
    sends: int | None = None       # bytes of the body, then the connection ends
    stalls = False                 # … or hangs
    length_error = 0               # added to Content-Length
    ignores_range = False
    released: threading.Event | None = None  # what the rest waits for, behind the first 8 KiB


Good = Behaviour


@dataclass
class Break(Behaviour):
    after: int

    def __post_init__(self) -> None:
        self.sends = self.after


@dataclass
class Stall(Behaviour):
    after: int
    stalls = True

    def __post_init__(self) -> None:
        self.sends = self.after


@dataclass
class Status(Behaviour):
    status: int = 500


@dataclass
class WrongLength(Behaviour):
    length_error: int = 0


@dataclass
class IgnoreRange(Behaviour):
    sends: int | None = None
    ignores_range = True


@dataclass
class Hold(Behaviour):
    """Sends a block, and the rest when the test says so."""
    released: threading.Event = field(default_factory=threading.Event)


@dataclass
class Redirect(Behaviour):
    location: str = ""
    status: int = 302


@dataclass
class Change(Behaviour):
    """From this request on the file has another content."""
    content: bytes = b""


@dataclass
class Resource:
    content: bytes
    behaviours: list[Behaviour] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    has_etag: bool = True


@dataclass
class Request:
    path: str
    range: str | None
    if_range: str | None
    authorization: str | None
    is_proxied: bool
    num_sent: int = 0


class MisbehavingServer:
    """`certificate`: a PEM file with key and certificate makes it an https server."""

    def __init__(self, certificate: Path | None = None) -> None:
        self.resources: dict[str, Resource] = {}
        self.log: list[Request] = []
        self._lock = threading.Lock()
        self._is_closing = threading.Event()
        owner = self

        class Handler(_Handler):
            server_of_test = owner

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def add(self, path: str, content: bytes, behaviours: list[Behaviour] | None = None, *, has_etag: bool = True,
            **headers: str) -> None:
        """`headers`: X_Linked_Etag="…" and the like, sent with every answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.resources[path] = Resource(content, list(behaviours or []), named, has_etag)

    def requests_of(self, path: str) -> list[Request]:
        return [request for request in self.log if request.path == path]

    def close(self) -> None:
        self._is_closing.set()
        self._server.shutdown()
        self._server.server_close()

    def take_behaviour(self, resource: Resource) -> Behaviour:
        with self._lock:
            behaviour = resource.behaviours.pop(0) if resource.behaviours else Good()
            if isinstance(behaviour, Change):
                resource.content = behaviour.content
            return behaviour

    def wait_for_the_end(self) -> None:
        self._is_closing.wait(60)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of_test: MisbehavingServer

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        is_proxied = self.path.startswith("http://")
        path = urlsplit(self.path).path if is_proxied else self.path
        request = Request(path, self.headers["Range"], self.headers["If-Range"], self.headers["Authorization"], is_proxied)
        self.server_of_test.log.append(request)
        resource = self.server_of_test.resources.get(path)
        if resource is None:
            return self.answer(404)
        behaviour = self.server_of_test.take_behaviour(resource)
        if isinstance(behaviour, Redirect):
            return self.answer(behaviour.status, {**resource.headers, "Location": behaviour.location})
        if behaviour.status is not None:
            return self.answer(behaviour.status)
        self.send_resource(request, resource, behaviour)

    def answer(self, status: int, headers: dict[str, str] | None = None) -> None:
        """Short, with a page that must never end up in a file."""
        page = f"<html>{status}</html>".encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(page))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)

    def send_resource(self, request: Request, resource: Resource, behaviour: Behaviour) -> None:
        content = resource.content
        etag = f'"{hashlib.md5(content).hexdigest()}"' if resource.has_etag else None
        headers = dict(resource.headers) | ({"ETag": etag} if etag else {})
        match = re.fullmatch(r"bytes=(\d+)-", request.range or "")
        start = int(match[1]) if match else 0
        is_same = request.if_range is None or request.if_range == etag
        if start and is_same and not behaviour.ignores_range:
            if start >= len(content):
                return self.answer(416, headers | {"Content-Range": f"bytes */{len(content)}"})
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self.send_response(206)
        else:
            start = 0
            self.send_response(200)
        body = content[start:]
        headers["Content-Length"] = str(len(body) + behaviour.length_error)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.send_body(request, body, behaviour)

    def send_body(self, request: Request, body: bytes, behaviour: Behaviour) -> None:
        end = len(body) if behaviour.sends is None else min(behaviour.sends, len(body))
        end = min(end, len(body) + min(behaviour.length_error, 0))
        for offset in range(0, end, 8192):
            block = body[offset:min(offset + 8192, end)]
            try:
                self.wfile.write(block)
            except OSError:  # the client has gone
                break
            request.num_sent += len(block)
            if behaviour.released:
                behaviour.released.wait(60)
        if behaviour.stalls:
            self.server_of_test.wait_for_the_end()
        if end < len(body) or behaviour.length_error:
            self.close_connection = True
            try:
                self.connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
