"""scripts/bench: what the table of memory in tests/bench/README.md rests on, and that no peer makes the others wait. Times are looked at by
the bench alone."""
import sys

import pytest

from bench.machine import describe_machine, has_hardware, machine_name
from bench.report import make_short_table, make_text
from bench.whole_process import run_process
from bench.worker import Worker

MEGABYTE = 1_000_000


def holding(megabytes: int) -> list[object]:
    return [sys.executable, "-c", f"held = bytearray(b'x') * {megabytes * MEGABYTE}"]


def test_peak_is_of_the_command_alone():
    mine = bytearray(b"x") * (400 * MEGABYTE)  # Linux would count it, had this process started the command
    small, large = run_process(["true"]), run_process(holding(200))
    assert 0 < small.peak_megabytes < 50
    assert 200 < large.peak_megabytes < 300
    assert len(mine) == 400 * MEGABYTE


def test_streams_and_environment_reach_the_command():
    assert run_process(["cat"], stdin="ä\n".encode()).output == "ä\n"
    assert run_process(["sh", "-c", "echo $WHO"], environment={"WHO": "bench"}).output == "bench\n"


def test_a_command_that_fails_is_no_result():
    with pytest.raises(RuntimeError, match="sh: no weights"):
        run_process(["sh", "-c", "echo loading >&2; echo no weights >&2; exit 3"])
    with pytest.raises(RuntimeError, match="sh: no message"):
        run_process(["sh", "-c", "kill -9 $$"])
    with pytest.raises(RuntimeError, match="No such file"):
        run_process(["/nonexistent/program"])


def test_nobody_waits_for_a_command_that_hangs(monkeypatch):
    monkeypatch.setattr("bench.whole_process.SECONDS_AT_MOST", 1)
    with pytest.raises(RuntimeError, match="sh: no end within 1 s"):
        run_process(["sh", "-c", "sleep 1000; true"])


def worker(code: str) -> Worker:
    return Worker("a peer", [sys.executable, "-c", code])


def test_a_worker_says_what_it_did_a_second():
    peer = worker("print('loading'); print('ready', flush=True)\nwhile True: input(); print(30, 1.5, flush=True)")
    peer.wait_until_ready()
    assert [peer.run(0.1), peer.run(0.1)] == [20, 20]
    peer.stop()


def test_a_worker_that_ends_says_why():
    peer = worker("print('ready', flush=True); input(); raise ValueError('no bfloat16')")
    peer.wait_until_ready()
    with pytest.raises(RuntimeError, match="a peer: ValueError: no bfloat16"):
        peer.run(0.1)
    with pytest.raises(RuntimeError, match="a peer: no weights"):
        worker("import sys; sys.exit('no weights')").wait_until_ready()


def test_nobody_waits_for_a_worker_that_hangs():
    peer = worker("import time; print('half a line', end='', flush=True); time.sleep(1000)")
    with pytest.raises(RuntimeError, match="a peer: no answer within 1 s"):
        peer.read_line(1)
    assert peer.process.returncode is not None


def test_results_of_processors_are_kept_apart():
    held, whole = describe_machine("avx2"), describe_machine(None)
    assert machine_name(held) != machine_name(whole)
    assert has_hardware(held, "fp32") and not has_hardware(held, "bf16") and not has_hardware(held, "int8")
    entry = {"variant": "batch 4", "cosine": 1.0, "by_variant": {"batch 4": 10.0}, "images_per_second": 10.0, "rounds": [10.0],
             "share_of_peak": 0.9, "ratio_to": {"open_clip fp32": 2.0, "OpenVINO fp32": 1.5}}
    results = {}
    for machine in (held, whole):
        entries = {name: entry for name in ("clipcls fp32", "open_clip fp32", "OpenVINO fp32")}
        encoders = {"entries": entries, "refused": {"clipcls bf16": "computed in fp32"}, "gflop_per_image": 8.8}
        results[machine_name(machine)] = {"machine": machine, "models": {"ViT-B-32": {"encoders": encoders}}}
    timed = {"seconds": 0.5, "times_libtorch": 2.0, "python_times": 20.0, "peak_megabytes": 400.0}
    one_image = {"entries": {"clipcls, 100 labels, warm": timed, "Python, 100 labels": timed}}
    results[machine_name(whole)]["models"]["ViT-B-32"]["one_image"] = one_image
    text, short = make_text(results), make_short_table(results)
    assert text.count("| clipcls bf16 | not timed: computed in fp32 |") == 2
    # The main README has what was measured beside its peers, none of whom was held.
    assert machine_name(held) not in short and f"\n{machine_name(whole)}:\n" in short
    assert "OpenVINO: 10 images/s | 2.00 x, 1.50 x |" in short
