"""A model folder that is replaced while it is read, and a clock that goes backwards."""
import json
import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import processes
import pytest
from conftest import not_with_address_sanitizer
from PIL import Image

LABELS = ("--label", "cat", "--label", "dog", "--label", "shark")

# Each call is an hour before the one before it. The steady clock is left alone, as by people who set their clock.
CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <sys/time.h>
#include <time.h>
static atomic_long hours;
static time_t back(void) { return 1900000000 - 3600 * atomic_fetch_add(&hours, 1); }
time_t time(time_t* to) { time_t now = back(); if (to) *to = now; return now; }
int gettimeofday(struct timeval* to, void* zone) { (void)zone; to->tv_sec = back(); to->tv_usec = 0; return 0; }
int clock_gettime(clockid_t clock, struct timespec* to) {
  static int (*real)(clockid_t, struct timespec*);
  if (!real) real = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
  if (clock != CLOCK_REALTIME) return real(clock, to);
  to->tv_sec = back();
  to->tv_nsec = 0;
  return 0;
}
"""


@pytest.fixture(scope="module")
def picture(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "ramp.png"
    Image.linear_gradient("L").convert("RGB").resize((40, 30)).save(path)
    return path


def test_a_model_that_is_replaced_while_it_is_read(clipcls_binary, run_clipcls, test_models, picture, tmp_path):
    """The answer is that of the one or of the other, or a line says what happened; what is kept is right for both."""
    one, other = test_models / "tiny", test_models / "tiny-merges"
    model, cache = tmp_path / "model", tmp_path / "cache"
    arguments = (picture, *LABELS, "-f", "jsonl")
    answers = {folder: run_clipcls(*arguments, "-m", folder, "--no-cache").stdout for folder in (one, other)}
    assert answers[one] != answers[other]
    seconds = time.monotonic()
    run_clipcls(*arguments, "-m", one, "--no-cache")
    seconds = time.monotonic() - seconds
    generator = random.Random(1)
    num_answers = 0
    for _ in range(6):
        shutil.rmtree(model, ignore_errors=True)
        shutil.copytree(one, model)
        shutil.rmtree(cache, ignore_errors=True)
        command = [clipcls_binary, *arguments, "-m", model, "--cache-dir", cache]
        with processes.launch(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            time.sleep(generator.random() * seconds)
            for path in sorted(other.iterdir(), key=lambda path: generator.random()):  # as cp or rsync would, in any order
                shutil.copy(path, model / f"{path.name}.new")
                os.replace(model / f"{path.name}.new", model / path.name)
            output, message = process.communicate(timeout=60)
        if process.returncode == 0:
            num_answers += 1
            assert output in answers.values()
        else:
            assert process.returncode == 2 and output == "" and str(model) in message and message.count("\n") == 1, message
        for folder in (one, other):
            assert run_clipcls(*arguments, "-m", folder, "--cache-dir", cache).stdout == answers[folder]
    assert num_answers > 0


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
@pytest.mark.parametrize("num_before", [1, 100])
def test_a_model_that_is_removed_during_the_run(clipcls_binary, test_models, picture, tmp_path, precision, num_before):
    """Once rows come, the model's files are needed no more: a few pictures need the pages that they had, many not even these."""
    model = Path(shutil.copytree(test_models / "tiny", tmp_path / "model"))
    before = tmp_path / "before"
    before.write_text(f"{picture}\n" * num_before)
    with processes.launch(f'{{ cat {before}; cat; }} | "{clipcls_binary}" -T - {" ".join(LABELS)} -m {model} -f jsonl -q --precision {precision} '
                          '--batch-size 10', shell=True, stdin=subprocess.PIPE, text=True, stdout=subprocess.PIPE) as process:
        first = [json.loads(process.stdout.readline()) for _ in range(num_before)][0]
        if num_before > 1:
            for path in model.iterdir():
                path.write_bytes(b"")  # in place, so that what still looked into the files would see it
        shutil.rmtree(model)
        process.stdin.write(f"{picture}\n" * 40)
        process.stdin.close()
        rows = [json.loads(line) for line in process.stdout]
        assert process.wait(timeout=60) == 0
    assert len(rows) == 40
    for row in rows:
        assert [p["label"] for p in row["predictions"]] == [p["label"] for p in first["predictions"]]


@not_with_address_sanitizer
def test_a_clock_that_goes_backwards(clipcls_binary, run_clipcls, album, tmp_path):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    (tmp_path / "clock.c").write_text(CLOCK)
    processes.run([compiler, "-shared", "-fPIC", "-o", tmp_path / "clock.so", tmp_path / "clock.c", "-ldl"], check=True)
    environment = {**os.environ, "LD_PRELOAD": str(tmp_path / "clock.so")}
    assert processes.run(["date", "+%Y"], env=environment, capture_output=True, text=True, check=True).stdout.strip() == "2030"

    arguments = [album, *LABELS, "-f", "jsonl"]
    expected = run_clipcls(*arguments, "--no-cache")
    for cache in range(2):  # computed and kept, then found
        result = processes.run([clipcls_binary, *arguments, "--cache-dir", tmp_path / "cache", "-o", tmp_path / f"rows{cache}", "--progress"],
                               env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert result.returncode == 1 and (tmp_path / f"rows{cache}").read_text() == expected.stdout
        assert " 200 images, 199 classified, 1 failed" in result.stderr and "-" not in result.stderr.splitlines()[-1]
