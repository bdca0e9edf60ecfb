"""`clipcls model fetch` by the real program, from servers on this machine that misbehave one way each."""
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import default_signals, not_with_thread_sanitizer
from misbehaving_server import (Break, Change, Good, IgnoreRange, MisbehavingServer, Redirect, Slow, Stall, Status,
                                WrongLength)

REPOSITORY = "someone/clip-tiny"
CONFIG = b'{"model_type": "clip"}\n'
WEIGHTS = random.Random(7).randbytes(300_000)
SHA256 = hashlib.sha256(WEIGHTS).hexdigest()
MERGES = b"#version: 0.2\ni n\n"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
VIT_B_32 = ("/clip/models/40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af/ViT-B-32.pt",
            "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af")


def path_of(file: str, revision: str = "main") -> str:
    return f"/{REPOSITORY}/resolve/{revision}/{file}"


WEIGHTS_PATH = path_of("model.safetensors")


class Fetching:
    """The program with a user's data folder of its own and no proxy, and a server with a small repository."""

    def __init__(self, binary: Path, server: MisbehavingServer, folder: Path) -> None:
        self.binary, self.server, self.folder = binary, server, folder
        self.data = folder / "data"
        self.output = folder / "published"
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith("CLIPCLS_") and not name.lower().endswith("_proxy") and name != "HF_TOKEN"}
        self.environment = kept | {"XDG_DATA_HOME": str(self.data)}
        server.add(path_of("config.json"), CONFIG)
        server.add(path_of("merges.txt"), MERGES)
        self.serve_weights()

    def serve_weights(self, *behaviours: object, content: bytes = WEIGHTS, sha256: str = SHA256, **more: object) -> None:
        self.server.add(WEIGHTS_PATH, content, list(behaviours), X_Linked_Etag=f'"{sha256}"',
                        X_Linked_Size=str(len(WEIGHTS)), **more)

    def command(self, *arguments: object, mirror: str | None = None, timeout: int = 1) -> list[str]:
        return [str(self.binary), "model", "fetch", *map(str, arguments), "--mirror", mirror or self.server.url,
                "--timeout", str(timeout)]

    def run(self, *arguments: object, mirror: str | None = None, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(self.command(*arguments, mirror=mirror), env=self.environment | environment, timeout=60,
                              capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL, check=False)

    def fetch(self, *arguments: object, **more: str) -> "subprocess.CompletedProcess[str]":
        """The published files of the repository, without the import."""
        return self.run(f"hf:{REPOSITORY}", "--no-import", "--output", self.output, *arguments, **more)

    def check_fetched(self, result: "subprocess.CompletedProcess[str]", weights: bytes = WEIGHTS) -> None:
        assert result.returncode == 0, result.stderr
        assert result.stdout == f"{self.output}\n"
        assert {path.name: path.read_bytes() for path in self.output.iterdir()} == {
            "config.json": CONFIG, "merges.txt": MERGES, "model.safetensors": weights}
        assert [path.name for path in (self.data / "clipcls" / "downloads").iterdir()] == ["someone--clip-tiny.lock"]

    def check_refused(self, result: "subprocess.CompletedProcess[str]", *parts: str) -> None:
        """Exit code 2, nothing made, one line that is no remark."""
        assert result.returncode == 2, result.stderr
        assert result.stdout == "" and not self.output.exists()
        lines = [line for line in result.stderr.splitlines()
                 if not line.startswith(("clipcls: fetching ", "clipcls: warning: "))]
        assert len(lines) == 1 and lines[0].startswith("clipcls: "), result.stderr
        for part in parts:
            assert part in lines[0]

    def partial(self) -> Path:
        return self.data / "clipcls" / "downloads" / "someone--clip-tiny" / "model.safetensors.partial"


@pytest.fixture()
def start_server() -> Iterator[Callable[..., MisbehavingServer]]:
    servers: list[MisbehavingServer] = []

    def start(certificate: Path | None = None) -> MisbehavingServer:
        servers.append(MisbehavingServer(certificate))
        return servers[-1]
    yield start
    for server in servers:
        server.close()


@pytest.fixture()
def fetching(clipcls_binary: Path, tmp_path: Path, start_server: Callable[..., MisbehavingServer]) -> Fetching:
    return Fetching(clipcls_binary, start_server(), tmp_path)


def test_a_good_download(fetching: Fetching) -> None:
    result = fetching.fetch()
    fetching.check_fetched(result)
    assert result.stderr.splitlines() == [f"clipcls: fetching hf:{REPOSITORY} from {fetching.server.url}",
                                          f"clipcls: hf:{REPOSITORY} is there"]
    again = fetching.fetch()
    assert again.returncode == 0 and again.stdout == result.stdout and "is there already" in again.stderr
    assert len(fetching.server.requests_of(WEIGHTS_PATH)) == 1
    fetching.check_fetched(fetching.fetch("--force", "--quiet"))
    assert len(fetching.server.requests_of(WEIGHTS_PATH)) == 2


def test_quiet(fetching: Fetching) -> None:
    fetching.serve_weights(Break(100))
    result = fetching.fetch("--quiet")
    fetching.check_fetched(result)
    assert result.stderr == ""


@pytest.mark.parametrize("broken", [Break(100_000), Stall(100_000), WrongLength(5)], ids=lambda b: type(b).__name__)
def test_a_broken_transfer_is_gone_on_from(fetching: Fetching, broken: object) -> None:
    fetching.serve_weights(broken)
    result = fetching.fetch()
    fetching.check_fetched(result)
    assert "warning" in result.stderr and "trying again" in result.stderr
    first, second = fetching.server.requests_of(WEIGHTS_PATH)
    assert first.range is None and second.range == f"bytes={first.num_sent}-"
    assert second.num_sent == len(WEIGHTS) - first.num_sent
    assert second.if_range == f'"{hashlib.md5(WEIGHTS).hexdigest()}"'


def test_a_length_that_is_too_short(fetching: Fetching) -> None:
    fetching.serve_weights(WrongLength(-1000))
    fetching.check_fetched(fetching.fetch())
    assert fetching.server.requests_of(WEIGHTS_PATH)[1].range == "bytes=299000-"


def test_a_server_that_stays_broken(fetching: Fetching) -> None:
    fetching.serve_weights(*[Break(0)] * 10)
    fetching.check_refused(fetching.fetch(), WEIGHTS_PATH, "third attempt")
    assert len(fetching.server.requests_of(WEIGHTS_PATH)) == 3


def test_progress_earns_further_attempts_and_repetition_does_not(fetching: Fetching) -> None:
    fetching.serve_weights(*[Break(40_000)] * 6)
    fetching.check_fetched(fetching.fetch())
    fetching.serve_weights(*[IgnoreRange(sends=1000)] * 10)
    fetching.output = fetching.folder / "second"
    result = fetching.fetch()
    fetching.check_refused(result, "1000 bytes are kept")
    assert fetching.partial().read_bytes() == WEIGHTS[:1000]


def test_the_next_run_goes_on(fetching: Fetching) -> None:
    fetching.serve_weights(Break(120_000), Break(0), Break(0), Break(0))
    fetching.check_refused(fetching.fetch(), "120000 bytes are kept")
    fetching.check_fetched(fetching.fetch())
    assert fetching.server.requests_of(WEIGHTS_PATH)[-1].range == "bytes=120000-"
    # The small files were whole: asked for only to see whether they still are.
    assert [request.num_sent for request in fetching.server.requests_of(path_of("config.json"))] == [len(CONFIG), 0]


def test_a_server_that_ignores_ranges(fetching: Fetching) -> None:
    fetching.serve_weights(Break(100_000), IgnoreRange())
    fetching.check_fetched(fetching.fetch())


def test_a_file_that_changes_between_attempts(fetching: Fetching) -> None:
    changed = WEIGHTS[::-1]
    fetching.serve_weights(Break(100_000), Change(changed), sha256=hashlib.sha256(changed).hexdigest())
    fetching.check_fetched(fetching.fetch(), changed)
    assert fetching.server.requests_of(WEIGHTS_PATH)[1].num_sent == len(changed)


def test_without_anything_to_tell_the_file_by_it_starts_over(fetching: Fetching) -> None:
    fetching.server.add(WEIGHTS_PATH, WEIGHTS, [Break(100_000)], has_etag=False)
    fetching.check_fetched(fetching.fetch())
    assert [request.range for request in fetching.server.requests_of(WEIGHTS_PATH)] == [None, None]


def test_a_partial_file_that_is_too_long(fetching: Fetching) -> None:
    fetching.serve_weights(Break(120_000), Break(0), Break(0), Break(0))
    fetching.check_refused(fetching.fetch())
    with fetching.partial().open("ab") as file:
        file.write(bytes(400_000))
    fetching.check_fetched(fetching.fetch())


def test_a_wrong_file_is_deleted_and_named(fetching: Fetching) -> None:
    wrong = bytes(len(WEIGHTS))
    fetching.serve_weights(content=wrong)
    fetching.check_refused(fetching.fetch(), WEIGHTS_PATH, "deleted", hashlib.sha256(wrong).hexdigest(), SHA256)
    assert [path.name for path in fetching.partial().parent.iterdir()
            if path.name.startswith("model.safetensors")] == []


def test_a_wrong_file_under_a_built_in_name(fetching: Fetching) -> None:
    path, sha256 = VIT_B_32
    fetching.server.add(path, WEIGHTS)
    fetching.check_refused(fetching.run("ViT-B/32"), path, "deleted", SHA256, sha256)
    assert not list((fetching.data / "clipcls" / "models").iterdir())
    fetching.check_refused(fetching.run("ViT-B-32", mirror=fetching.server.url + "/empty/"), "/empty" + path, "404")


def test_a_server_error_passes(fetching: Fetching) -> None:
    fetching.serve_weights(Status(500), Status(429), Good())
    fetching.check_fetched(fetching.fetch())


@pytest.mark.parametrize("status, parts", [(404, ("no", "open_clip_model.safetensors")), (403, ("HF_TOKEN", "403")),
                                           (401, ("HF_TOKEN", "401")), (418, ("418",))])
def test_what_cannot_be_had(fetching: Fetching, status: int, parts: tuple[str, ...]) -> None:
    fetching.serve_weights(Status(status))
    fetching.check_refused(fetching.fetch(), *parts)
    assert len(fetching.server.requests_of(WEIGHTS_PATH)) == 1


def test_no_server(fetching: Fetching) -> None:
    fetching.check_refused(fetching.fetch(mirror="http://127.0.0.1:9"), "127.0.0.1:9", "third attempt")
    fetching.check_refused(fetching.fetch(mirror="http://no-such-host.invalid"), "no-such-host.invalid")


def test_redirects_keep_the_checksum_and_lose_the_token(fetching: Fetching, start_server: Callable[..., MisbehavingServer]) -> None:
    storage = start_server()
    storage.add("/blob", WEIGHTS)
    fetching.serve_weights(Redirect(location="/elsewhere"))
    fetching.server.add("/elsewhere", WEIGHTS, [Redirect(location=storage.url + "/blob")])
    fetching.check_fetched(fetching.fetch(HF_TOKEN="hf_secret"))
    tokens = [request.authorization for request in fetching.server.log]
    assert set(tokens) == {"Bearer hf_secret"} and len(tokens) > 5
    assert [request.authorization for request in storage.log] == [None]
    # The storage's own tag is what If-Range has to hold.
    fetching.output = fetching.folder / "second"
    fetching.serve_weights(*[Redirect(location=storage.url + "/blob")] * 2)
    storage.add("/blob", WEIGHTS, [Break(50_000)])
    fetching.check_fetched(fetching.fetch())
    assert [request.range for request in storage.log] == [None, None, "bytes=50000-"]


def test_the_token_is_the_hubs_alone(fetching: Fetching) -> None:
    fetching.server.add(VIT_B_32[0], WEIGHTS)
    assert fetching.run("ViT-B/32", HF_TOKEN="hf_secret").returncode == 2
    assert [request.authorization for request in fetching.server.log] == [None]


def test_a_proxy(fetching: Fetching) -> None:
    proxy = {"http_proxy": fetching.server.url}
    fetching.check_fetched(fetching.fetch(mirror="http://mirror.invalid", **proxy))
    assert all(request.is_proxied for request in fetching.server.log)
    fetching.output = fetching.folder / "second"
    result = fetching.fetch(mirror="http://mirror.invalid", **proxy, no_proxy="mirror.invalid")
    fetching.check_refused(result, "mirror.invalid")


def test_a_mirror_may_lie_below_a_path(fetching: Fetching) -> None:
    for path, resource in list(fetching.server.resources.items()):
        fetching.server.resources["/hub/all" + path] = resource
        del fetching.server.resources[path]
    fetching.check_fetched(fetching.fetch(mirror=fetching.server.url + "/hub/all/"))


def test_https_is_not_left(fetching: Fetching, start_server: Callable[..., MisbehavingServer]) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    certificate = fetching.folder / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", str(certificate), "-out", str(certificate) + ".crt"], check=True, capture_output=True)
    certificate.write_bytes(certificate.read_bytes() + Path(f"{certificate}.crt").read_bytes())
    secure = start_server(certificate)
    secure.resources = fetching.server.resources
    trust = {"CURL_CA_BUNDLE": f"{certificate}.crt"}
    fetching.check_refused(fetching.fetch(mirror=secure.url), "certificate")
    assert secure.log == []
    fetching.check_fetched(fetching.fetch(mirror=secure.url, **trust))
    fetching.output = fetching.folder / "second"
    fetching.serve_weights(Redirect(location=fetching.server.url + "/plain"))
    fetching.check_refused(fetching.fetch(mirror=secure.url, **trust), "https")
    assert fetching.server.log == []


def test_sharded_weights(fetching: Fetching) -> None:
    del fetching.server.resources[WEIGHTS_PATH]
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors",
                            "c": "model-00001-of-00002.safetensors"}}
    files = {"model.safetensors.index.json": json.dumps(index).encode(),
             "model-00001-of-00002.safetensors": WEIGHTS[:1000], "model-00002-of-00002.safetensors": WEIGHTS[1000:]}
    for name, content in files.items():
        fetching.server.add(path_of(name), content)
    assert fetching.fetch().returncode == 0
    assert {path.name: path.read_bytes() for path in fetching.output.iterdir()} == {
        **files, "config.json": CONFIG, "merges.txt": MERGES}
    fetching.output = fetching.folder / "second"
    for name in ("../../evil.safetensors", "/etc/passwd", "a/b.safetensors", "", "weights.bin"):
        fetching.server.add(path_of("model.safetensors.index.json"), json.dumps({"weight_map": {"a": name}}).encode())
        fetching.check_refused(fetching.fetch(), "weight_map", name)
    fetching.server.add(path_of("model.safetensors.index.json"), b"[]")
    fetching.check_refused(fetching.fetch(), "weight_map")


def test_open_clips_files_go_first(fetching: Fetching) -> None:
    fetching.server.add(path_of("open_clip_config.json"), CONFIG)
    fetching.check_fetched(fetching.fetch())  # its weights are not there: the lonely configuration is left out
    fetching.server.add(path_of("open_clip_model.safetensors"), WEIGHTS)
    fetching.output = fetching.folder / "second"
    assert fetching.fetch().returncode == 0
    assert {path.name for path in fetching.output.iterdir()} == {"open_clip_config.json", "open_clip_model.safetensors",
                                                               "merges.txt"}


def test_all_files_are_of_one_commit(fetching: Fetching) -> None:
    fetching.server.resources = {path.replace("/main/", f"/{COMMIT}/"): resource
                                 for path, resource in fetching.server.resources.items()}
    fetching.server.add(path_of("open_clip_config.json", "v1.0"), CONFIG, X_Repo_Commit=COMMIT)
    fetching.server.add(path_of("open_clip_model.safetensors", COMMIT), WEIGHTS)
    result = fetching.run(f"hf:{REPOSITORY}@v1.0", "--no-import", "--output", fetching.output)
    assert result.returncode == 0, result.stderr
    assert {request.path.split("/")[4] for request in fetching.server.log[1:]} == {COMMIT}


def test_interruption_keeps_what_came(fetching: Fetching) -> None:
    fetching.serve_weights(Stall(100_000))
    command = fetching.command(f"hf:{REPOSITORY}", "--no-import", "--output", fetching.output, timeout=30)
    process = subprocess.Popen(command, env=fetching.environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               preexec_fn=default_signals)
    wait_until(lambda: any(request.num_sent == 100_000 for request in fetching.server.log))
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=10)
    assert process.returncode == 130 and stdout == "" and "interrupted" in stderr
    assert not fetching.output.exists() and fetching.partial().stat().st_size == 100_000
    fetching.check_fetched(fetching.fetch())
    assert fetching.server.requests_of(WEIGHTS_PATH)[-1].range == "bytes=100000-"


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_two_at_once(fetching: Fetching) -> None:
    # The second has to start while the first is at it; a program with sanitizers takes its time for that.
    fetching.serve_weights(Slow(seconds_per_block=0.2 if os.environ.get("CLIPCLS_SANITIZE") else 0.02))
    command = fetching.command(f"hf:{REPOSITORY}", "--no-import", "--output", fetching.output)
    first = subprocess.Popen(command, env=fetching.environment, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: bool(fetching.server.requests_of(WEIGHTS_PATH)))
    second = fetching.fetch()
    assert first.wait(timeout=20) == 0
    fetching.check_fetched(second)
    assert "waiting for it" in second.stderr and "is there now" in second.stderr
    assert len(fetching.server.requests_of(WEIGHTS_PATH)) == 1


@not_with_thread_sanitizer
def test_a_full_disk(fetching: Fetching) -> None:
    """A limit on the size of files stands in for the end of the disk."""
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    command = fetching.command(f"hf:{REPOSITORY}", "--no-import", "--output", fetching.output)
    result = subprocess.run(command, env=fetching.environment, preexec_fn=limit, restore_signals=False,
                            capture_output=True, text=True, check=False)
    fetching.check_refused(result, f"{fetching.partial()}: writing failed: File too large")
    fetching.check_fetched(fetching.fetch())
    assert fetching.server.requests_of(WEIGHTS_PATH)[-1].num_sent < len(WEIGHTS)


def test_folders_that_cannot_be_written_to(fetching: Fetching) -> None:
    file = fetching.folder / "file"
    file.write_text("")
    fetching.check_refused(fetching.fetch(XDG_DATA_HOME=str(file)), str(file), "cannot be written to", "XDG_DATA_HOME")
    fetching.check_refused(fetching.run(f"hf:{REPOSITORY}", "--no-import", "-o", file / "x"), str(file), "written to")
    assert fetching.server.log == []


@pytest.mark.parametrize("arguments, parts", [
    (("ViT-B/33",), ("ViT-B/33", "ViT-B/32", "hf:OWNER/NAME")),
    (("hf:nobody",), ("hf:nobody", "hf:OWNER/NAME")),
    (("hf:a/../b",), ("hf:a/../b",)),
    (("hf:a/b@../c",), ("hf:a/b@../c",)),
    (("hf:a/b", "--no-import"), ("--output",)),
    (("ViT-B/32", "--mirror", "ftp://x"), ("--mirror", "ftp://x", "https://")),
    (("ViT-B/32", "--timeout", "0"), ("--timeout", "0")),
    ((), ("NAME",)),
])
def test_bad_flags(run_clipcls: Callable[..., "subprocess.CompletedProcess[str]"], arguments: tuple[str, ...],
                   parts: tuple[str, ...]) -> None:
    result = run_clipcls("model", "fetch", *arguments)
    assert result.returncode == 2 and result.stdout == "" and result.stderr.count("\n") == 1, result.stderr
    for part in parts:
        assert part in result.stderr
