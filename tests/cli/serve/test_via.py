"""clipcls --via: pictures are encoded by the clipcls serve --socket that runs, and the bytes are those of a run without it."""
import http.client
import json
import re
import shutil
import signal
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import processes
import pytest
from conftest import ROOT, default_signals, one_line_error

SHARK = ROOT / "models/everyday/shark.png"
ROCKET = ROOT / "models/everyday/rocket.jpg"
CAT = ROOT / "models/everyday/cat.jpg"


class SocketServer:
    """A `clipcls serve --socket` that is running."""

    def __init__(self, process: "subprocess.Popen[str]", path: Path) -> None:
        self.process, self.path = process, path
        assert self.process.stdout.readline().strip() == str(path), self.process.stderr.read()

    def request(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("localhost", timeout=60)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(60)
        connection.sock.connect(str(self.path))
        connection.request(method, path, body)
        response = connection.getresponse()
        answer = response.status, response.read()
        connection.close()
        return answer

    def stop(self) -> tuple[int, str]:
        """The exit code and what stood on standard error, after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        _, error = self.process.communicate(timeout=60)
        return self.process.returncode, error


Start = Callable[..., SocketServer]


@pytest.fixture(scope="module")
def start(clipcls_binary: Path) -> Iterator[Start]:
    with ExitStack() as servers:
        def start_server(path: Path, *arguments: object) -> SocketServer:
            command = [clipcls_binary, "serve", "--socket", path, *arguments]
            process = servers.enter_context(processes.launch(list(map(str, command)), limit=2 * processes.LIMIT, stdout=subprocess.PIPE,
                                                             stderr=subprocess.PIPE, text=True, preexec_fn=default_signals))
            servers.callback(process.kill)
            return SocketServer(process, path)
        yield start_server


@pytest.fixture(scope="module")
def server(start: Start, tmp_path_factory: pytest.TempPathFactory) -> SocketServer:
    return start(tmp_path_factory.mktemp("server") / "clipcls.sock")


def run(binary: Path, *words: object, **settings) -> subprocess.CompletedProcess:
    return processes.run([binary, *map(str, words)], capture_output=True, check=False, **settings)


def without_rate(result: subprocess.CompletedProcess) -> bytes:
    """Standard error, but for how long it took."""
    return re.sub(rb"\d+\.\d s, \d+(\.\d+)? images/s", b"", result.stderr)


@pytest.mark.parametrize("flags", [
    ("-f", "text"), ("-f", "json"), ("-f", "jsonl"), ("-f", "csv", "-k", "3"), ("-f", "html"), ("-f", "json", "--score", "cosine"),
    ("-f", "json", "--none", "a dog", "--threshold", "0.01"), ("-f", "json", "-t", "a drawing of a {}", "--draft")], ids=" ".join)
@pytest.mark.parametrize("pictures", [(SHARK,), (SHARK, ROCKET, CAT)], ids=["one", "three"])
def test_the_bytes_are_those_of_a_run_without_a_server(server: SocketServer, clipcls_binary: Path, pictures, flags):
    command = (*pictures, "-l", "cifar100", *flags)
    expected = run(clipcls_binary, *command)
    served = run(clipcls_binary, *command, "--via", server.path)
    assert (served.returncode, served.stdout, without_rate(served)) == (expected.returncode, expected.stdout, without_rate(expected))
    assert expected.returncode == 0 and len(expected.stdout) > 100


def test_a_shell_loop_loads_no_libtorch(server: SocketServer, clipcls_binary: Path):
    """The labels are cached by the test before: what is left needs no libtorch, which then need not be there."""
    command = (SHARK, "-l", "cifar100", "-f", "json", "-q")
    expected = run(clipcls_binary, *command)
    trace = run("/usr/bin/env", "LD_DEBUG=files", clipcls_binary, *command, "--via", server.path)
    assert trace.returncode == 0 and trace.stdout == expected.stdout
    opened = re.compile(rb"calling init: .*libtorch")
    assert not opened.search(trace.stderr)
    assert opened.search(run("/usr/bin/env", "LD_DEBUG=files", clipcls_binary, *command).stderr)


def test_embed_has_the_same_features(server: SocketServer, clipcls_binary: Path, tmp_path: Path):
    for name, flags in (("here", ()), ("via", ("--via", server.path))):
        done = run(clipcls_binary, "embed", SHARK, ROCKET, "-o", tmp_path / name, *flags)
        assert done.returncode == 0, done.stderr
    for file in sorted(path.name for path in (tmp_path / "here").iterdir()):
        assert (tmp_path / "via" / file).read_bytes() == (tmp_path / "here" / file).read_bytes(), file


def test_a_broken_picture_is_a_row_as_ever(server: SocketServer, clipcls_binary: Path, tmp_path: Path):
    (tmp_path / "broken.jpg").write_bytes(ROCKET.read_bytes()[:200])
    command = (tmp_path / "broken.jpg", SHARK, tmp_path / "none.png", "-l", "cifar100", "-f", "jsonl")
    expected, served = run(clipcls_binary, *command), run(clipcls_binary, *command, "--via", server.path)
    assert (served.returncode, served.stdout, without_rate(served)) == (1, expected.stdout, without_rate(expected))
    assert [("error" in json.loads(row)) for row in served.stdout.splitlines()] == [True, False, True]


def check_many_clients(server: SocketServer, binary: Path) -> None:
    command = [str(word) for word in (binary, SHARK, "-l", "cifar100", "-f", "json")]
    expected = run(*command).stdout
    with ExitStack() as clients:
        running = [clients.enter_context(processes.launch([*command, "--via", str(server.path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE))
                   for _ in range(12)]
        for process in running:
            output, error = process.communicate(timeout=120)
            assert (process.returncode, output) == (0, expected), error


def test_many_clients_at_once(server: SocketServer, clipcls_binary: Path):
    check_many_clients(server, clipcls_binary)


def test_others_may_not_use_the_socket(server: SocketServer):
    assert stat.S_IMODE(server.path.stat().st_mode) == 0o600


def test_without_a_server_one_line_says_so(clipcls_binary: Path, tmp_path: Path):
    missing = tmp_path / "none.sock"
    expected = run(clipcls_binary, SHARK, "-l", "cifar100")
    refused = run(clipcls_binary, SHARK, "-l", "cifar100", "--via", missing, text=True)
    one_line_error(refused, str(missing), "clipcls serve --socket", "--via-or-here")
    here = run(clipcls_binary, SHARK, "-l", "cifar100", "--via-or-here", missing)
    assert (here.returncode, here.stdout, here.stderr) == (0, expected.stdout, expected.stderr)
    # A socket that a killed server left, and a file that is none.
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(missing))
    listener.close()
    assert run(clipcls_binary, SHARK, "-l", "cifar100", "--via", missing).returncode == 2
    one_line_error(run(clipcls_binary, SHARK, "-l", "cifar100", "--via", SHARK, text=True), f"{SHARK}: is not a socket")
    too_long = run(clipcls_binary, SHARK, "-l", "cifar100", "--via", tmp_path / ("x" * 200), text=True)
    one_line_error(too_long, "at most 107")
    assert "--socket" not in too_long.stderr
    here = run(clipcls_binary, SHARK, "-l", "cifar100", "--via-or-here", SHARK)
    assert (here.returncode, here.stdout) == (0, expected.stdout) and b"is not a socket; this process encodes" in here.stderr


def test_another_model_or_precision_is_refused(server: SocketServer, clipcls_binary: Path, tmp_path: Path):
    other = tmp_path / "other"
    shutil.copytree(ROOT / "models/everyday", other)
    config = json.loads((other / "config.json").read_text("utf-8"))
    config["image"]["mean"] = [0.4, 0.5, 0.6]
    (other / "config.json").write_text(json.dumps(config), "utf-8")
    for flags, words in ((("-m", other), "has another model"), (("--precision", "int8"), "--precision fp32, and this asks for int8")):
        command = (SHARK, "-l", "cat,dog", *flags)
        one_line_error(run(clipcls_binary, *command, "--via", server.path, text=True), words)
        expected, here = run(clipcls_binary, *command), run(clipcls_binary, *command, "--via-or-here", server.path)
        assert (here.returncode, here.stdout) == (0, expected.stdout)
        assert words in here.stderr.decode() and "this process encodes" in here.stderr.decode()


def test_a_busy_server_is_asked_again(start: Start, clipcls_binary: Path, tmp_path: Path):
    server = start(tmp_path / "s.sock", "--max-connections", "2", "--max-waiting", "1")
    check_many_clients(server, clipcls_binary)
    assert server.stop()[0] == 0


def test_the_socket_answers_http_too(start: Start, tmp_path: Path):
    server = start(tmp_path / "s.sock", "-l", "cifar100")
    status, body = server.request("POST", "/classify?top_k=1", SHARK.read_bytes())
    assert status == 200 and json.loads(body)["predictions"][0]["label"] == "shark"
    assert server.request("GET", "/healthz")[0] == 200
    encoder = json.loads(server.request("GET", "/encoder")[1])
    name = f"{encoder['image_fingerprint']}-{encoder['precision']}-{encoder['device']}-{encoder['version']}"
    for body in (b"", b"123", bytes((1 << 20) + 1)):
        assert server.request("POST", f"/encode?encoder={name}", body)[0] == 400
    for query in ("", "?encoder=", f"?encoder={name}2", "?%"):
        assert server.request("POST", "/encode" + query, bytes(12288))[0] == 409
    assert server.request("GET", "/encode")[0] == 405
    assert b'path="/encode"' in server.request("GET", "/metrics")[1]
    code, error = server.stop()
    assert code == 0 and "1 images classified" in error
    assert not server.path.exists()


def test_a_server_without_labels_wants_them_with_a_request(server: SocketServer):
    status, body = server.request("POST", "/classify", SHARK.read_bytes())
    assert status == 400 and "no labels of its own" in json.loads(body)["error"]["message"]
    status, body = server.request("POST", "/classify?label=shark&label=cat", SHARK.read_bytes())
    assert status == 200 and json.loads(body)["predictions"][0]["label"] == "shark"


def test_where_a_socket_may_be(server: SocketServer, start: Start, clipcls_binary: Path, tmp_path: Path):
    note = tmp_path / "note.txt"
    note.write_text("mine")
    for path, words in ((server.path, "a server listens there already"), (note, "is not a socket"), (tmp_path / "no" / "s", "its folder does not exist"),
                        (tmp_path / ("x" * 200), "at most 107")):
        one_line_error(run(clipcls_binary, "serve", "--socket", path, text=True), words, "--socket")
    assert note.read_text() == "mine"
    # One that a killed server left is replaced.
    killed = start(tmp_path / "left.sock")
    killed.process.kill()
    killed.process.wait(timeout=60)
    assert killed.path.exists()
    again = start(tmp_path / "left.sock")
    assert again.request("GET", "/healthz")[0] == 200
    assert again.stop()[0] == 0


def test_one_of_several_servers_that_start_at_once_gets_the_socket(clipcls_binary, tmp_path):
    """They find a socket that a killed server left. A second one must not take the first one's for it."""
    path = tmp_path / "clipcls.sock"
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    command = [clipcls_binary, "serve", "--socket", path]
    with ExitStack() as stack:
        started = [stack.enter_context(processes.launch(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                                        preexec_fn=default_signals)) for _ in range(6)]
        ready = [process.stdout.readline().strip() for process in started]
        assert sorted(ready) == ["", "", "", "", "", str(path)]
        winner = SimpleNamespace(process=started.pop(ready.index(str(path))), path=path)
        for process in started:
            _, error = process.communicate(timeout=60)
            assert process.returncode == 2 and error.count("\n") == 1 and "a server listens there already" in error, error
        assert SocketServer.request(winner, "GET", "/healthz")[0] == 200
        assert SocketServer.stop(winner)[0] == 0
    assert not path.exists()


def run_against(answer: bytes, binary: Path, path: Path) -> subprocess.CompletedProcess:
    """A client of a program of another kind: it gives this answer and ends."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    listener.settimeout(60)
    with processes.launch([str(binary), str(SHARK), "-l", "cat,dog", "--via", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as client:
        connection, _ = listener.accept()
        connection.recv(65536)
        connection.sendall(answer)
        connection.close()
        output, error = client.communicate(timeout=60)
    listener.close()
    return subprocess.CompletedProcess([], client.returncode, output, error)


def response(status: str, body: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status.encode(), len(body), body)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"], ids=["nothing", "half"])
def test_a_server_that_dies_ends_the_run_with_one_line(clipcls_binary: Path, tmp_path: Path, answer: bytes):
    """What answers first and then no more."""
    one_line_error(run_against(answer, clipcls_binary, tmp_path / "s.sock"), "ended before it had answered")


def test_what_answers_something_else_ends_the_run_with_one_line(clipcls_binary: Path, tmp_path: Path):
    for number, (answer, words) in enumerate([
            (response("200 OK", b'{"version": "0.0.1"}'), "is clipcls 0.0.1, and this is clipcls"),
            (response("200 OK", b"{}"), "field version is missing"),
            (response("200 OK", b"<html>"), "is not valid JSON"),
            (response("301 Moved Permanently", b""), "gave no answer: HTTP status 301"),
            (response("500 Error", b'{"error": {"message": "out of order"}}'), "gave no answer: out of order"),
            (b"SSH-2.0-OpenSSH\r\n", "is not clipcls serve")]):
        one_line_error(run_against(answer, clipcls_binary, tmp_path / str(number)), words)


def test_nobody_waits_for_ever_for_a_server_that_takes_no_connections(clipcls_binary: Path, tmp_path: Path):
    """A server that is stopped, by Ctrl-Z for instance, when many clients have given up already."""
    path = tmp_path / "s.sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(0)
    with ExitStack() as clients:
        while True:
            client = clients.enter_context(socket.socket(socket.AF_UNIX))
            client.setblocking(False)
            try:
                client.connect(str(path))
            except BlockingIOError:
                break
        for command in ((SHARK, "-l", "cat,dog", "--via", path), ("serve", "--socket", path)):
            one_line_error(run(clipcls_binary, *command, text=True), "the server there does not answer")
    listener.close()
    assert path.exists()
