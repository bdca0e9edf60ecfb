"""clipcls serve: what comes back, and that no client, whatever it sends or does not send, loses anything for the others."""
import base64
import http.client
import json
import math
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import default_signals
from prometheus_client.parser import text_string_to_metric_families

ROOT = Path(__file__).resolve().parents[2]
SHARK = ROOT / "models" / "pictogram" / "shark.png"
TIMEOUT = 3  # --timeout of most servers here
MANY = 24  # images of a run that are encoded as the server does: one alone is encoded otherwise, for another last digit
ONE_BY_ONE = ("--batch-size", "1")  # the embedded model is convolutional: its last digits depend on the batch


class Server:
    """A `clipcls serve` that is running."""

    def __init__(self, binary: Path, *arguments: object):
        self.process = subprocess.Popen([binary, "serve", "--port", "0", *map(str, arguments)], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, preexec_fn=default_signals)
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
    servers: list[Server] = []

    def start_server(*arguments: object) -> Server:
        servers.append(Server(clipcls_binary, *arguments))
        return servers[-1]
    yield start_server
    for server in servers:
        if server.process.poll() is None:
            server.process.kill()
            server.process.communicate()


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
    result = subprocess.run([binary, *MANY * [image], *ONE_BY_ONE, *map(str, arguments)], capture_output=True, check=True)
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


def test_the_answer_is_the_row_of_the_command_line(server: Server, clipcls_binary: Path):
    rows = output_of_many(clipcls_binary, "-l", "cifar100", "-f", "jsonl")
    array = output_of_many(clipcls_binary, "-l", "cifar100", "-f", "json")
    status, headers, body = server.request("POST", "/classify", SHARK.read_bytes(), {"Content-Type": "image/png"})
    assert (status, headers["content-type"], body) == (200, "application/json", rows.splitlines(keepends=True)[-1])
    assert b"[\n" + b",\n".join(MANY * [body.rstrip(b"\n")]) + b"\n]\n" == array


@pytest.mark.parametrize("content_type", [None, "application/octet-stream", "application/x-www-form-urlencoded", "image/jpeg"])
def test_any_type_that_clients_send_will_do(server: Server, content_type):
    headers = {"Content-Type": content_type} if content_type else {}
    status, _, body = server.request("POST", "/classify?top_k=1&name=sea.png", SHARK.read_bytes(), headers)
    answer = json.loads(body)
    assert status == 200 and answer["image"] == "sea.png"
    assert [prediction["label"] for prediction in answer["predictions"]] == ["shark"]


def test_a_form(server: Server, clipcls_binary: Path):
    body, headers = form(("image", "shark.png", SHARK.read_bytes()), ("label", None, b"shark"),
                         ("label", None, "crème brûlée".encode()), ("top_k", None, b"7"))
    status, _, answer = server.request("POST", "/classify", body, headers)
    assert status == 200
    assert json.loads(answer) == command_line(clipcls_binary, "--label", "shark", "--label", "crème brûlée", name="shark.png")


def test_json(server: Server, clipcls_binary: Path, tmp_path: Path):
    labels = ["cat", {"label": "fish", "synonyms": ["shark"], "prompts": ["a {} in the sea"]}]
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    body = {"image": base64.b64encode(SHARK.read_bytes()).decode(), "labels": labels, "threshold": 0.25, "name": "x"}
    status, _, answer = server.request("POST", "/classify", json.dumps(body).encode(), {"Content-Type": "application/json"})
    assert status == 200
    assert json.loads(answer) == command_line(clipcls_binary, "-l", tmp_path / "labels.json", "--threshold", 0.25, name="x")


def test_curl_sends_a_form_and_waits_to_be_told_to_go_on(server: Server):
    command = ["curl", "-sS", "--fail-with-body", "-H", "Expect: 100-continue", "-F", f"image=@{SHARK}", "-F", "labels=pets",
               server.url + "/classify"]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(result.stdout)["predictions"][0]["label"] == "cat"


def test_label_sets_have_names(server: Server):
    for name in ("pets", "animals"):
        status, answer = server.classify(SHARK.read_bytes(), f"?labels={name}")
        assert status == 200 and {prediction["label"] for prediction in answer["predictions"]} == {"cat", "dog"}
    status, answer = server.classify(SHARK.read_bytes(), "?labels=birds")
    assert status == 400 and answer["error"]["kind"] == "labels"
    assert "cifar100, pets, animals" in answer["error"]["message"]


def test_flags_of_scores_hold_for_all_labels(start: Start, clipcls_binary: Path):
    server = start("-l", "cifar100", "--none", "a cat", "--score", "cosine", "-k", "3")
    assert server.classify(SHARK.read_bytes())[1] == command_line(clipcls_binary, "-l", "cifar100", "--none", "a cat", "--score",
                                                                  "cosine", "-k", "3")
    _, answer = server.classify(SHARK.read_bytes(), "?label=dog")
    assert answer == command_line(clipcls_binary, "--label", "dog", "--none", "a cat", "--score", "cosine")
    assert {prediction["label"] for prediction in answer["predictions"]} == {"dog", "(none)"}
    assert server.stop()[0] == 0


def close_to(left: dict, right: dict) -> bool:
    """Equal but for the last digits: in a batch, sums are made in another order."""
    pairs = list(zip(left["predictions"], right["predictions"], strict=True))
    return all(a["label"] == b["label"] and math.isclose(a["score"], b["score"], abs_tol=1e-4)
               and math.isclose(a["similarity"], b["similarity"], abs_tol=1e-5) for a, b in pairs)


def test_requests_at_the_same_time_are_encoded_together(start: Start, clipcls_binary: Path, album: Path):
    server = start("-l", "cifar100")
    paths = [album / f"{number}.png" for number in range(1, 101)]
    rows = subprocess.run([clipcls_binary, *paths, "-l", "cifar100", "-f", "jsonl"], capture_output=True, check=False).stdout
    expected = [json.loads(line) for line in rows.splitlines()]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda path: server.classify(path.read_bytes()), paths))
    for path, row, (status, answer) in zip(paths, expected, answers, strict=True):
        if path.name == "50.png":  # is none
            assert status == 415 and answer["error"] == row["error"]
        else:
            assert status == 200 and close_to(answer, row), path
    metrics = server.metrics()
    assert metrics[("clipcls_images_total", (("result", "classified"),))] == 99
    assert metrics[("clipcls_images_total", (("result", "failed"),))] == 1
    assert metrics[("clipcls_batch_size_sum", ())] == 99
    num_batches = metrics[("clipcls_batch_size_count", ())]
    alone = metrics[("clipcls_batch_size_bucket", (("le", "1"),))]
    assert num_batches < 60 and alone < num_batches
    code, error = server.stop()
    assert code == 0 and error == "clipcls: stopped; 101 requests, 99 images classified\n"


def test_metrics_are_what_prometheus_reads(server: Server):
    before = server.metrics()
    server.classify(SHARK.read_bytes())
    server.classify(b"no image")
    server.request("GET", "/some/path")
    after = server.metrics()

    def growth(name: str, **labels: str) -> float:
        key = (name, tuple(sorted(labels.items())))
        return after[key] - before.get(key, 0)
    assert growth("clipcls_http_requests_total", path="/classify", code="200") == 1
    assert growth("clipcls_http_requests_total", path="/classify", code="415") == 1
    assert growth("clipcls_http_requests_total", path="other", code="404") == 1
    assert growth("clipcls_http_requests_total", path="/metrics", code="200") == 1
    assert growth("clipcls_classify_seconds_count") == 2
    assert after[("clipcls_queue_depth", ())] == 0 and after[("clipcls_connections", ())] >= 1
    _, _, body = server.request("GET", "/metrics")
    for family in text_string_to_metric_families(body.decode()):
        assert family.documentation and family.type in ("counter", "gauge", "histogram"), family
        buckets = [sample.value for sample in family.samples if sample.name.endswith("_bucket")]
        if family.type == "histogram":
            count = next(sample.value for sample in family.samples if sample.name.endswith("_count"))
            assert buckets == sorted(buckets) and buckets[-1] == count


def test_health(server: Server):
    assert server.request("GET", "/healthz")[::2] == (200, b'{"status":"ok"}\n')
    status, headers, body = server.request("HEAD", "/healthz")
    assert (status, headers["content-length"], body) == (200, "16", b"")


MANY_LABELS = "?" + "&".join(f"label=l{number}" for number in range(21))
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "multipart/form-data; boundary=limit"}
IMAGE64 = base64.b64encode(SHARK.read_bytes()).decode()


@pytest.mark.parametrize("method, path, headers, body, status, kind, words", [
    ("GET", "/", {}, None, 404, "not_found", "POST /classify"),
    ("POST", "/classify/", {}, b"x", 404, "not_found", "POST /classify"),
    ("GET", "/classify", {}, None, 405, "method_not_allowed", "POST, not GET"),
    ("DELETE", "/metrics", {}, None, 405, "method_not_allowed", "GET, not DELETE"),
    ("POST", "/classify", {"Content-Type": "text/html"}, b"<p>", 415, "unsupported_media_type", "text/html"),
    ("POST", "/classify", {"Content-Encoding": "gzip"}, b"x", 415, "unsupported_media_type", "gzip"),
    ("POST", "/classify", {"Expect": "a miracle"}, b"x", 417, "bad_request", "a miracle"),
    ("POST", "/classify", {}, b"", 400, "usage", "no image"),
    ("POST", "/classify", {}, b"x", 415, "not_an_image", "JPEG"),
    ("POST", "/classify", {}, SHARK.read_bytes()[:2000], 400, "broken_image", ""),
    ("POST", "/classify", {}, b"P6 30000 30000 255\n" + bytes(100), 413, "too_large", "megapixels"),
    ("POST", "/classify", {}, bytes(1_000_001), 413, "too_large", "1000000"),
    ("POST", "/classify?colour=red", {}, b"x", 400, "usage", "known are image, labels"),
    ("POST", "/classify?top_k=0", {}, b"x", 400, "usage", "top_k"),
    ("POST", "/classify?top_k=5x", {}, b"x", 400, "usage", "top_k"),
    ("POST", "/classify?top_k=1&top_k=2", {}, b"x", 400, "usage", "twice"),
    ("POST", "/classify?threshold=nan", {}, b"x", 400, "usage", "threshold"),
    ("POST", "/classify?label=", {}, b"x", 400, "labels", "label"),
    ("POST", "/classify?label=%ff", {}, b"x", 400, "labels", "UTF-8"),
    ("POST", "/classify?label=%zz", {}, b"x", 400, "usage", "hexadecimal"),
    ("POST", "/classify?label=" + 2001 * "a", {}, b"x", 400, "usage", "2000"),
    ("POST", "/classify" + MANY_LABELS, {}, b"x", 400, "usage", "--max-labels"),
    ("POST", "/classify?label=a&labels=pets", {}, b"x", 400, "usage", "not both"),
    ("POST", "/classify", {"Content-Type": "multipart/form-data"}, b"x", 400, "usage", "boundary"),
    ("POST", "/classify", FORM, b"x", 400, "usage", "boundary"),
    ("POST", "/classify", FORM, b"--limit\r\n\r\nx", 400, "usage", "last boundary"),
    ("POST", "/classify", FORM, b"--limit\r\nx\r\n--limit--", 400, "usage", "empty line"),
    ("POST", "/classify", *form(("label", None, b"x"))[::-1], 400, "usage", "no field image"),
    ("POST", "/classify", *form(("image", "a", b"x"), ("image", "b", b"y"))[::-1], 400, "usage", "twice"),
    ("POST", "/classify", *form(*(("label", None, b"x") for _ in range(50)))[::-1], 400, "usage", "36 parts"),
    ("POST", "/classify", JSON, b"{", 400, "usage", "JSON"),
    ("POST", "/classify", JSON, b"[]", 400, "usage", "object"),
    ("POST", "/classify", JSON, b'{"labels": ["a"]}', 400, "usage", "image"),
    ("POST", "/classify", JSON, b'{"image": "%%%%"}', 400, "usage", "base64"),
    ("POST", "/classify", JSON, b'{"image": 5}', 400, "usage", "base64"),
    ("POST", "/classify", JSON, b'{"image": "' + IMAGE64.encode() + b'", "labels": 5}', 400, "usage", "labels is 5"),
    ("POST", "/classify", JSON, b'{"labels": ' + 400_000 * b"[", 400, "usage", "levels"),
    ("POST", "/classify", JSON, b'{"labels": ' + 400_000 * b"[" + 400_000 * b"]" + b"}", 400, "usage", "levels"),
    ("POST", "/classify?labels=" + 5000 * "[", {}, b"x", 400, "usage", "levels"),
])
def test_what_cannot_be_answered_is_said(server: Server, method, path, headers, body, status, kind, words):
    given, _, answer = server.request(method, path, body, headers)
    error = json.loads(answer)["error"]
    assert (given, error["kind"]) == (status, kind), error
    assert words in error["message"] and "\n" not in error["message"]


def test_a_method_that_is_not_taken_names_those_that_are(server: Server):
    assert server.request("PUT", "/classify", b"x")[1]["allow"] == "POST"
    assert server.request("POST", "/healthz", b"x")[1]["allow"] == "GET, HEAD"


@pytest.mark.parametrize("sent, expected", [
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(300), [400]),  # TLS
    (b"hello\r\n\r\n", [400]),
    (b"GET /healthz HTTP/3.0\r\n\r\n", [505]),
    (b"GET /healthz HTTP/1.1\r\nno colon\r\n\r\n", [400]),
    (b"GET /healthz HTTP/1.1\r\n" + b"X: " + 20_000 * b"a" + b"\r\n\r\n", [431]),
    (b"POST /classify HTTP/1.1\r\n\r\n", [411]),
    (b"POST /classify HTTP/1.1\r\nContent-Length: -1\r\n\r\n", [400]),
    (b"POST /classify HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", [400]),
    (b"POST /classify HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", [400]),
    (b"POST /classify HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [400]),
    (b"POST /classify HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", [400]),
    (b"POST /classify HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\nGET /healthz HTTP/1.0\r\n\r\n", [415, 200]),
    (b"POST /classify HTTP/1.1\r\nContent-Length: 1\r\n\r\nxyz\r\n\r\n", [415, 400]),  # longer than it said
    (b"GET http://localhost/healthz HTTP/1.1\r\n\r\nGET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", [200, 200]),
    (b"", []),
])
def test_malformed_requests(server: Server, sent, expected):
    with server.connect() as connection:
        connection.sendall(sent)
        if expected[-1:] == [200] or not sent:
            connection.shutdown(socket.SHUT_WR)
        answer = read_responses(connection)
    assert statuses(answer) == expected, answer
    for body in re.findall(rb"^(\{.*\})\n", answer, re.MULTILINE):
        json.loads(body)


def test_a_body_that_is_shorter_than_it_said(server: Server):
    head = b"POST /classify HTTP/1.1\r\nContent-Length: 1000\r\n\r\n"
    with server.connect() as connection:
        connection.sendall(head + b"x")
        connection.shutdown(socket.SHUT_WR)
        assert statuses(read_responses(connection)) == [400]
    with server.connect() as connection:
        connection.sendall(head + b"x")
        assert statuses(read_responses(connection)) == [408]


def test_a_client_that_has_said_all_is_answered(server: Server):
    image = SHARK.read_bytes()
    with server.connect() as connection:
        connection.sendall(b"POST /classify HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(image) + image)
        connection.shutdown(socket.SHUT_WR)
        answer = read_responses(connection)
    assert statuses(answer) == [200] and b'"shark"' in answer


def test_clients_that_go_away_in_the_middle(server: Server):
    image = SHARK.read_bytes()
    for sent in (b"POST", b"POST /classify HTTP/1.1\r\nContent-Length: 9\r\n\r\n",
                 b"POST /classify HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(image) + image):
        for _ in range(5):
            with server.connect() as connection:
                connection.sendall(sent)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # RST


def test_slow_clients_cost_nobody_else_anything(server: Server):
    """Sixty clients send a byte now and then, of the head or of the body, far longer than --timeout."""
    heads = [b"POST /classify HTTP/1.1\r\nX-Header: ", b"POST /classify HTTP/1.1\r\nContent-Length: 5000\r\n\r\n"]
    slow = [server.connect() for _ in range(60)]
    for number, connection in enumerate(slow):
        connection.sendall(heads[number % 2])
    begin = time.monotonic()
    latencies = []
    is_answered = threading.Event()

    def drip() -> None:
        while not is_answered.wait(0.2):
            for connection in slow:
                try:
                    connection.send(b"a")
                except OSError:
                    pass
    dripping = threading.Thread(target=drip)
    dripping.start()
    while time.monotonic() - begin < TIMEOUT - 1:
        before = time.monotonic()
        assert server.classify(SHARK.read_bytes())[0] == 200
        latencies.append(time.monotonic() - before)
    answers = [read_responses(connection) for connection in slow]
    assert time.monotonic() - begin < TIMEOUT + 5
    is_answered.set()
    dripping.join()
    assert [statuses(answer) for answer in answers] == [[408]] * 60
    assert len(latencies) >= 5
    for connection in slow:
        connection.close()


def test_idle_connections_give_way(start: Start):
    server = start("--label", "cat", "--label", "dog", "--max-connections", 4)
    idle = [server.connect() for _ in range(4)]
    time.sleep(0.3)
    with server.connect() as connection:  # nobody is idle for a second yet
        answer = read_responses(connection)
    assert statuses(answer) == [503] and b"Retry-After: 1" in answer
    time.sleep(1.2)
    assert server.classify(SHARK.read_bytes())[0] == 200
    assert idle[0].recv(1) == b""  # the oldest
    idle[3].sendall(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert statuses(read_responses(idle[3])) == [200]
    assert server.stop()[0] == 0


def test_more_than_can_wait_is_refused_at_once(start: Start):
    server = start("-l", "cifar100", "--max-waiting", 2)
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda _: server.request("POST", "/classify", SHARK.read_bytes()), range(96)))
    codes = [status for status, _, _ in answers]
    assert set(codes) == {200, 503}
    for status, headers, body in answers:
        if status == 503:
            assert headers["retry-after"] == "1" and json.loads(body)["error"]["kind"] == "overloaded"
        else:
            assert json.loads(body)["predictions"][0]["label"] == "shark"
    assert server.classify(SHARK.read_bytes())[0] == 200
    assert server.stop()[0] == 0


def test_damaged_pictures_between_good_ones(server: Server):
    image = SHARK.read_bytes()
    bodies = [image if number % 2 else image[:len(image) * number // 40] + bytes(number) for number in range(2, 38)]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(server.classify, bodies))
    for number, (status, answer) in enumerate(answers, 2):
        if number % 2:
            assert status == 200 and answer["predictions"][0]["label"] == "shark"
        else:
            assert status in (400, 415) and "error" in answer


def test_labels_of_requests_at_the_same_time(server: Server):
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda number: server.classify(SHARK.read_bytes(), f"?label=shark&label=cat{number % 4}"), range(24)))
    for number, (status, answer) in enumerate(answers):
        assert status == 200
        assert [prediction["label"] for prediction in answer["predictions"]] == ["shark", f"cat{number % 4}"]


def test_pipelined_requests_are_answered_in_order(server: Server):
    image = SHARK.read_bytes()
    request = b"POST /classify?name=%d HTTP/1.1\r\nContent-Length: %d\r\n\r\n"
    with server.connect() as connection:
        for number in range(5):
            connection.sendall(request % (number, len(image)) + image)
        connection.shutdown(socket.SHUT_WR)
        answer = read_responses(connection)
    assert statuses(answer) == [200] * 5
    assert re.findall(rb'"image":"(\d)"', answer) == [b"0", b"1", b"2", b"3", b"4"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_loses_no_request_that_has_begun(start: Start, number):
    server = start("-l", "cifar100")
    image = SHARK.read_bytes()
    request = b"POST /classify HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(image) + image
    whole = [server.connect() for _ in range(30)]
    half, idle = server.connect(), server.connect()
    half.sendall(request[:-100])
    for connection in whole:
        connection.sendall(request)
    while sum(value for (name, _), value in server.metrics().items() if name in ("clipcls_queue_depth", "clipcls_images_total")) < 30:
        time.sleep(0.01)
    server.process.send_signal(number)
    assert idle.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        server.connect()
    half.sendall(request[-100:])
    for connection in [*whole, half]:
        answer = read_responses(connection)
        assert statuses(answer) == [200] and b'"shark"' in answer
        connection.close()
    assert b"Connection: close" in answer
    _, error = server.process.communicate(timeout=60)
    assert server.process.returncode == 0 and "31 images classified" in error


def test_mistakes_on_the_command_line(run_clipcls, server: Server, tmp_path: Path):
    (tmp_path / "calibration.json").write_text("{}")
    for arguments, words in ((("--label", "cat", "--port", server.port), "give another --host or --port"),
                             (("--label", "cat", "--host", "256.0.0.1"), "--host 256.0.0.1"),
                             (("--label", "cat", "--host", "192.0.2.1"), "cannot listen on 192.0.2.1"),
                             ((), "no labels given"),
                             (("-l", "nothing.txt"), "nothing.txt"),
                             (("-l", "cifar100", "-l", "cifar100"), "another name"),
                             (("-l", "=cifar100"), "names no label set"),
                             (("-l", "cifar100", "-l", "a=cifar100", "--calibration", tmp_path / "calibration.json"), "--calibration"),
                             (("--label", "cat", "--port", "70000"), "--port"),
                             (("--label", "cat", "--fail-fast"), "--fail-fast"),
                             (("--label", "cat", "-q", "-v"), "--quiet and --verbose"),
                             (("--label", "cat", "-m", "/nowhere"), "/nowhere")):
        result = run_clipcls("serve", *arguments, timeout=30)
        assert result.returncode == 2 and result.stdout == "", arguments
        assert words in result.stderr and result.stderr.count("\n") == 1, result.stderr


def test_a_log_of_responses(start: Start):
    server = start("--label", "cat", "--label", "dog", "-v")
    server.classify(SHARK.read_bytes())
    server.request("GET", "/a%0Ab")
    code, error = server.stop()
    assert code == 0
    assert re.search(r"^clipcls: POST /classify 200 [0-9.]+ ms$", error, re.MULTILINE)
    assert re.search(r"^clipcls: GET /a%0Ab 404 [0-9.]+ ms$", error, re.MULTILINE)
