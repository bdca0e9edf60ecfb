"""`clipcls model fetch` by the real program, from servers on this machine that misbehave one way each."""
import hashlib
import resource
import signal
import subprocess
import time
from collections.abc import Callable

import processes
import pytest
from conftest import default_signals, not_with_thread_sanitizer
from fetching import CONFIG, REPOSITORY, SHA256, VIT_B_32, WEIGHTS, WEIGHTS_PATH, Fetching, fetching, path_of, start_server
from misbehaving_server import Break, Change, Good, Hold, IgnoreRange, Stall, Status, WrongLength


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


def test_interruption_keeps_what_came(fetching: Fetching) -> None:
    fetching.serve_weights(Stall(100_000))
    command = fetching.command(f"hf:{REPOSITORY}", "--no-import", "--output", fetching.output, timeout=30)
    with processes.launch(command, env=fetching.environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          preexec_fn=default_signals) as process:
        wait_until(lambda: any(request.num_sent == 100_000 for request in fetching.server.log))
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130 and stdout == "" and "interrupted" in stderr
    assert not fetching.output.exists() and fetching.partial().stat().st_size == 100_000
    fetching.check_fetched(fetching.fetch())
    assert fetching.server.requests_of(WEIGHTS_PATH)[-1].range == "bytes=100000-"


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_two_at_once(fetching: Fetching) -> None:
    hold = Hold()
    fetching.serve_weights(hold)
    command = fetching.command(f"hf:{REPOSITORY}", "--no-import", "--output", fetching.output, timeout=60)
    with processes.launch(command, env=fetching.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as first:
        wait_until(lambda: bool(fetching.server.requests_of(WEIGHTS_PATH)))
        with processes.launch(command, env=fetching.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as second:
            said = ""
            while "waiting for it" not in said:
                line = second.stderr.readline()
                assert line, said
                said += line
            hold.released.set()
            stdout, stderr = second.communicate()
        first.communicate()
        assert first.returncode == 0
    fetching.check_fetched(subprocess.CompletedProcess(command, second.returncode, stdout, said + stderr))
    assert "is there now" in stderr
    assert len(fetching.server.requests_of(WEIGHTS_PATH)) == 1


@not_with_thread_sanitizer
def test_a_full_disk(fetching: Fetching) -> None:
    """A limit on the size of files stands in for the end of the disk."""
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    command = fetching.command(f"hf:{REPOSITORY}", "--no-import", "--output", fetching.output)
    result = processes.run(command, env=fetching.environment, preexec_fn=limit, restore_signals=False,
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
