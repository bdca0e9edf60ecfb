"""clipcls serve: what comes back."""
import base64
import json
import math
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import processes
import pytest
from prometheus_client.parser import text_string_to_metric_families
from running_server import MANY, SHARK, Server, Start, command_line, form, output_of_many, server, start, the_server_lives


def test_the_answer_is_the_row_of_the_command_line(server: Server, clipcls_binary: Path):
    rows = output_of_many(clipcls_binary, "-l", "cifar100", "-f", "jsonl")
    array = output_of_many(clipcls_binary, "-l", "cifar100", "-f", "json")
    status, headers, body = server.request("POST", "/classify", SHARK.read_bytes(), {"Content-Type": "image/png"})
    row = rows.splitlines(keepends=True)[-1]
    assert (status, headers["content-type"]) == (200, "application/json") and close_to(json.loads(body), json.loads(row))
    assert without_numbers(body) == without_numbers(row)
    assert without_numbers(b"[\n" + b",\n".join(MANY * [body.rstrip(b"\n")]) + b"\n]\n") == without_numbers(array)


def without_numbers(text: bytes) -> bytes:
    """Server and command line use other numbers of threads, and some processors' libraries then add in another order."""
    return re.sub(rb"-?\d+\.\d+(e-?\d+)?", b"0.5", text)


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
    assert close_to(json.loads(answer), command_line(clipcls_binary, "--label", "shark", "--label", "crème brûlée", name="shark.png"))


def test_json(server: Server, clipcls_binary: Path, tmp_path: Path):
    labels = ["cat", {"label": "fish", "synonyms": ["shark"], "prompts": ["a {} in the sea"]}]
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    body = {"image": base64.b64encode(SHARK.read_bytes()).decode(), "labels": labels, "threshold": 0.25, "name": "x"}
    status, _, answer = server.request("POST", "/classify", json.dumps(body).encode(), {"Content-Type": "application/json"})
    assert status == 200
    assert close_to(json.loads(answer), command_line(clipcls_binary, "-l", tmp_path / "labels.json", "--threshold", 0.25, name="x"))


def test_curl_sends_a_form_and_waits_to_be_told_to_go_on(server: Server):
    command = ["curl", "-sS", "--fail-with-body", "-H", "Expect: 100-continue", "-F", f"image=@{SHARK.with_name('cat.jpg')}", "-F", "labels=pets",
               server.url + "/classify"]
    result = processes.run(command, capture_output=True, text=True, check=True, timeout=60)
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
    assert close_to(server.classify(SHARK.read_bytes())[1],
                    command_line(clipcls_binary, "-l", "cifar100", "--none", "a cat", "--score", "cosine", "-k", "3"))
    _, answer = server.classify(SHARK.read_bytes(), "?label=dog")
    assert close_to(answer, command_line(clipcls_binary, "--label", "dog", "--none", "a cat", "--score", "cosine"))
    assert {prediction["label"] for prediction in answer["predictions"]} == {"dog", "(none)"}
    assert server.stop()[0] == 0


def close_to(left: dict, right: dict) -> bool:
    """Equal but for the last digits: in a batch, and with other numbers of threads, sums are made in another order."""
    pairs = list(zip(left["predictions"], right["predictions"], strict=True))
    return all(a["label"] == b["label"] and math.isclose(a["score"], b["score"], abs_tol=1e-4)
               and math.isclose(a["similarity"], b["similarity"], abs_tol=1e-5) for a, b in pairs)


def test_requests_at_the_same_time_are_encoded_together(start: Start, clipcls_binary: Path, album: Path):
    server = start("-l", "cifar100")
    paths = [album / f"{number}.png" for number in range(1, 101)]
    rows = processes.run([clipcls_binary, *paths, "-l", "cifar100", "-f", "jsonl"], capture_output=True, check=False).stdout
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


def test_labels_of_requests_at_the_same_time(server: Server):
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda number: server.classify(SHARK.read_bytes(), f"?label=shark&label=cat{number % 4}"), range(24)))
    for number, (status, answer) in enumerate(answers):
        assert status == 200
        assert [prediction["label"] for prediction in answer["predictions"]] == ["shark", f"cat{number % 4}"]


def test_a_log_of_responses(start: Start):
    server = start("--label", "cat", "--label", "dog", "-v")
    server.classify(SHARK.read_bytes())
    server.request("GET", "/a%0Ab")
    code, error = server.stop()
    assert code == 0
    assert re.search(r"^clipcls: POST /classify 200 [0-9.]+ ms$", error, re.MULTILINE)
    assert re.search(r"^clipcls: GET /a%0Ab 404 [0-9.]+ ms$", error, re.MULTILINE)
