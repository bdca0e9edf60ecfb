"""--draft and --timings through the real program."""
import json
import re
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conftest import ROOT, RunClipcls

MODEL_SIZE = json.loads((ROOT / "models/everyday/config.json").read_text("utf-8"))["image"]["size"]


@pytest.fixture(scope="module")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Detailed enough that decoding at another scale moves the similarities."""
    random = np.random.default_rng(3)
    picture = Image.fromarray(random.integers(0, 256, (90, 120, 3), np.uint8)).resize((2400, 1800), Image.BICUBIC)
    path = tmp_path_factory.mktemp("draft") / "photograph.jpg"
    picture.save(path, quality=90)
    return path


def similarities(run_clipcls: RunClipcls, *arguments: object) -> list[float]:
    done = run_clipcls(*arguments, "--labels", "cifar100", "--top-k", 100, "--format", "json", "--quiet")
    assert done.returncode == 0, done.stderr
    [row] = json.loads(done.stdout)
    return [row["similarity"] for row in sorted(row["predictions"], key=lambda row: row["label"])]


def test_draft_is_pillows_draft(run_clipcls: RunClipcls, photograph: Path, tmp_path: Path) -> None:
    image = Image.open(photograph)
    image.draft("RGB", (2 * MODEL_SIZE, 2 * MODEL_SIZE))
    assert image.size < (2400, 1800), "the picture is large enough for a smaller scale"
    image.convert("RGB").save(tmp_path / "drafted.png")
    drafted = similarities(run_clipcls, photograph, "--draft")
    assert drafted == similarities(run_clipcls, tmp_path / "drafted.png")
    assert drafted != similarities(run_clipcls, photograph)


def test_draft_leaves_small_and_other_pictures_alone(run_clipcls: RunClipcls, tmp_path: Path) -> None:
    small = tmp_path / "small.jpg"
    Image.open(ROOT / "models/everyday/shark.png").convert("RGB").resize(
        (3 * MODEL_SIZE, 3 * MODEL_SIZE)).save(small)
    for picture in (small, ROOT / "models/everyday/shark.png"):
        assert similarities(run_clipcls, picture, "--draft") == similarities(run_clipcls, picture)


def test_timings_add_up_and_stay_off_standard_output(run_clipcls: RunClipcls, photograph: Path) -> None:
    plain = run_clipcls(photograph, "--labels", "cifar100", "--quiet")
    start = time.monotonic()
    timed = run_clipcls(photograph, "--labels", "cifar100", "--quiet", "--timings")
    elapsed = time.monotonic() - start
    assert timed.returncode == 0 and timed.stdout == plain.stdout and plain.stderr == ""
    rows = re.findall(r"^ *(\S.*?)  +(\d+\.\d{3})$", timed.stderr, re.M)
    seconds = {name: float(value) for name, value in rows}
    total = seconds.pop("total")
    threads = [seconds.pop(name) for name in ("images read, decoded, resized", "images encoded")]
    assert all(value > 0 for value in threads)
    assert len(seconds) >= 6 and sum(seconds.values()) == pytest.approx(total, abs=0.01)
    # The start of a process is known to 10 ms, and the table is printed before the process ends.
    assert 0 < total <= elapsed + 0.02


def test_timings_of_kept_features_are_refused(run_clipcls: RunClipcls, tmp_path: Path) -> None:
    refused = run_clipcls("--image-features", tmp_path, "--labels", "cifar100", "--timings")
    assert refused.returncode == 2 and "--timings" in refused.stderr and refused.stderr.count("\n") == 1
