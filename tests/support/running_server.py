"""A `clipcls serve` that is running, what its clients say, and the fixtures that start it. A module of tests imports
`start`, `server` and `the_server_lives`."""
import http.client
import json
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import processes
import pytest
from conftest import ROOT, default_signals
from prometheus_client.parser import text_string_to_metric_families

SHARK = ROOT / "models" / "everyday" / "shark.png"
TIMEOUT = 3  # --timeout of most servers here
MANY = 24  # images of a run that are encoded as the server does: one alone is encoded otherwise, for another last digit
ONE_BY_ONE = ("--batch-size", "1")  # the bundled model is convolutional: its last digits depend on the batch


class Server:
    """A `clipcls serve` that is running."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.url = self.process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", self.url), (self.url, self.process.stderr.read() if not self.url else "")
        self.port = int(self.url.rsplit(":", 1)[1])

    def request(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None,
                ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        answer = response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        connection.close()
        return answer

    def classify(self, image: bytes, query: str = "") -> tuple[int, dict]:
        status, _, body = self.request("POST", "/classify" + query, image)
        return status, json.loads(body)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def metrics(self) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        status, headers, body = self.request("GET", "/metrics")
        assert status == 200 and headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value
                for family in text_string_to_metric_families(body.decode()) for sample in family.samples}

    def stop(self) -> tuple[int, str]:
        """The exit code and what stood on standard error, after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        _, error = self.process.communicate(timeout=60)
        return self.process.returncode, error


Start = Callable[..., Server]


@pytest.fixture(scope="module")
def start(clipcls_binary: Path) -> Iterator[Start]:
    with ExitStack() as servers:
        def start_server(*arguments: object) -> Server:
            command = [clipcls_binary, "serve", "--port", "0", *map(str, arguments)]
            process = servers.enter_context(processes.launch(command, limit=2 * processes.LIMIT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                                             text=True, preexec_fn=default_signals))
            servers.callback(process.kill)
            return Server(process)
        yield start_server


@pytest.fixture(scope="module")
def server(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Two label sets, a timeout of 3 s, bodies of at most 1 MB, 20 labels a request."""
    pets = tmp_path_factory.mktemp("labels") / "pets.txt"
    pets.write_text("cat\ndog\n")
    return start("-l", "cifar100", "-l", pets, "-l", f"animals={pets}", "--timeout", TIMEOUT, "--max-body", 1, "--max-labels", 20)


@pytest.fixture(autouse=True)
def the_server_lives(server: Server) -> Iterator[None]:
    """Whatever a test did to it, the next client is served."""
    yield
    assert server.process.poll() is None
    assert server.classify(SHARK.read_bytes())[1]["predictions"][0]["label"] == "shark"


def form(*fields: tuple[str, str | None, bytes]) -> tuple[bytes, dict[str, str]]:
    """Body and headers of multipart/form-data: (name, file's name or none, data)."""
    body = b""
    for name, filename, data in fields:
        disposition = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename else "")
        body += f"--limit\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + data + b"\r\n"
    return body + b"--limit--\r\n", {"Content-Type": "multipart/form-data; boundary=limit"}


def output_of_many(binary: Path, *arguments: object, image: Path = SHARK) -> bytes:
    """What the command line prints for an image MANY times, each called "-"."""
    result = processes.run([binary, *MANY * [image], *ONE_BY_ONE, *map(str, arguments)], capture_output=True, check=True)
    return result.stdout.replace(str(image).encode(), b"-")


def command_line(binary: Path, *arguments: object, image: Path = SHARK, name: str = "-") -> dict:
    """The object of `clipcls --format json` for an image of many, under another name."""
    return json.loads(output_of_many(binary, *arguments, "-f", "json", image=image))[-1] | {"image": name}


def read_responses(connection: socket.socket) -> bytes:
    """All that the server says until it closes."""
    answer = b""
    try:
        while block := connection.recv(65536):
            answer += block
    except ConnectionResetError:
        pass
    return answer


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"^HTTP/1\.1 (\d{3})", answer, re.MULTILINE)]
