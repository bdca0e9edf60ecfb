"""clipcls serve: no client, whatever it sends or does not send, loses anything for the others."""
import base64
import json
import re
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from running_server import SHARK, TIMEOUT, Server, Start, form, read_responses, statuses, server, start, the_server_lives

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
    ("POST", "/classify" + MANY_LABELS, {}, b"x", 400, "usage", "max_request_labels"),
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
    dripping = threading.Thread(target=drip, daemon=True)
    dripping.start()
    while time.monotonic() - begin < TIMEOUT - 1:
        before = time.monotonic()
        assert server.classify(SHARK.read_bytes())[0] == 200
        latencies.append(time.monotonic() - before)
    answers = [read_responses(connection) for connection in slow]
    assert time.monotonic() - begin < TIMEOUT + 30  # they would go on for ever
    is_answered.set()
    dripping.join(60)
    assert [statuses(answer) for answer in answers] == [[408]] * 60
    assert len(latencies) >= 2
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
    end = time.monotonic() + 60
    while sum(value for (name, _), value in server.metrics().items() if name in ("clipcls_queue_depth", "clipcls_images_total")) < 30:
        assert time.monotonic() < end
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
