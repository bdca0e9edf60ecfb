"""--shard I/N: N runs divide what one would do, whatever the images come from."""
import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import processes
import pytest
from conftest import SUMMARY, rows_of

LABELS = ("--label", "cat", "--label", "dog", "-k", "1")


@pytest.fixture(scope="module")
def few(album: Path) -> list[Path]:
    """Seven pictures; the fourth is none, the sixth does not exist, and the last is the first again."""
    return [album / f"{name}.png" for name in (3, 1, 2, 50, 4, "missing", 3)]


@pytest.fixture(scope="module")
def whole(run_clipcls, few) -> list[dict]:
    rows = rows_of(run_clipcls(*few, *LABELS, "-f", "jsonl").stdout)
    assert [row["image"] for row in rows] == list(map(str, few)) and any("predictions" in row for row in rows)
    return rows


@pytest.mark.parametrize("num_shards", [1, 3, 8])
def test_shards_are_every_nth_image(run_clipcls, few, whole, num_shards):
    for index in range(1, num_shards + 1):
        result = run_clipcls(*few, *LABELS, "-f", "jsonl", "--shard", f"{index}/{num_shards}")
        expected = whole[index - 1::num_shards]
        got = rows_of(result.stdout)
        assert [row["image"] for row in got] == [row["image"] for row in expected]
        for row, of_whole in zip(got, expected):
            assert row.get("error") == of_whole.get("error")
            if "predictions" in row:  # in another batch, sums are made in another order
                assert row["predictions"][0]["label"] == of_whole["predictions"][0]["label"]
                assert row["predictions"][0]["score"] == pytest.approx(of_whole["predictions"][0]["score"], abs=1e-4)
        assert result.returncode == (1 if any("error" in row for row in expected) else 0)
        if len(expected) > 1:  # one picture needs no summary
            assert SUMMARY.match(result.stderr.splitlines()[-1])


def test_folders_lists_and_standard_input_are_divided_alike(run_clipcls, clipcls_binary, album, tmp_path):
    """A folder's natural order is 1, 2, … 200; files come before the list."""
    def names(text: str) -> list[str]:
        return [Path(row["image"]).name for row in rows_of(text)]
    of_folder = names(run_clipcls(album, *LABELS, "-f", "jsonl", "--shard", "7/40").stdout)
    assert of_folder == [f"{number}.png" for number in range(7, 201, 40)]
    paths = [f"{album}/{number}.png" for number in range(1, 201)]
    (tmp_path / "list").write_text("\n".join(paths))
    assert names(run_clipcls("-T", tmp_path / "list", *LABELS, "-f", "jsonl", "--shard", "7/40").stdout) == of_folder
    result = processes.run([clipcls_binary, "-T", "-", "-0", *LABELS, "-f", "jsonl", "--shard", "7/40"],
                           input="\0".join(paths) + "\0", capture_output=True, text=True, check=True)
    assert names(result.stdout) == of_folder
    (tmp_path / "rest").write_text("\n".join(paths[5:]))
    result = run_clipcls(*paths[:5], "-T", tmp_path / "rest", *LABELS, "-f", "jsonl", "--shard", "7/40")
    assert names(result.stdout) == of_folder


@pytest.mark.parametrize("format", ["json", "csv", "tsv", "text", "html"])
def test_every_format(run_clipcls, few, format):
    texts = [run_clipcls(*few, *LABELS, "-f", format, "--shard", f"{index}/3").stdout for index in (1, 2, 3)]
    found = Counter()
    for text in texts:
        if format in ("csv", "tsv"):
            rows = csv.DictReader(text.splitlines(), delimiter="," if format == "csv" else "\t")
            found.update(row["image"] for row in rows)
        elif format == "json":
            found.update(row["image"] for row in json.loads(text))
        else:
            found.update({str(path): text.count(path.name + (":\n" if format == "text" else "</")) for path in set(few)})
    if format == "text":  # failures are on standard error
        assert found == Counter(str(path) for path in few if path.name not in ("50.png", "missing.png"))
    elif format != "html":
        assert found == Counter(map(str, few))
    else:
        assert all(found[str(path)] for path in few if path.name not in ("50.png", "missing.png"))


def test_resume(run_clipcls, album, tmp_path):
    output = tmp_path / "2.jsonl"
    arguments = (*LABELS, "-f", "jsonl", "-o", output, "--resume", "--shard", "2/3")
    paths = [album / f"{number}.png" for number in range(1, 12)]
    assert run_clipcls(*paths[:5], *arguments).returncode == 0
    result = run_clipcls(*paths, *arguments)
    assert result.returncode == 0 and "(2 of them kept from before)" in result.stderr
    assert [Path(row["image"]).name for row in rows_of(output.read_text())] == ["2.png", "5.png", "8.png", "11.png"]
    other = run_clipcls(*paths, *arguments[:-1], "1/3")
    assert other.returncode == 2 and "another --shard (2/3, now 1/3)" in other.stderr


def test_embed(run_clipcls, album, tmp_path):
    paths = [album / f"{number}.png" for number in range(1, 8)]
    assert run_clipcls("embed", *paths, "-o", tmp_path / "all").returncode == 0
    assert run_clipcls("embed", *paths, "-o", tmp_path / "third", "--shard", "2/3").returncode == 0
    third, every = (np.load(tmp_path / name / "image_features.npy") for name in ("third", "all"))
    assert third.shape == (2, every.shape[1]) and np.allclose(third, every[1::3], atol=1e-3)
    result = run_clipcls("--image-features", tmp_path / "all", *LABELS, "--shard", "1/2")
    assert result.returncode == 2 and "--shard cannot be used with --image-features" in result.stderr


@pytest.mark.parametrize("value", ["", "3", "0/3", "4/3", "1/0", "1/3x", " 1/3", "a/b", "1.0/2", "1/99999999999999999999"])
def test_bad_values(run_clipcls, few, value):
    result = run_clipcls(few[0], *LABELS, f"--shard={value}")
    assert result.returncode == 2 and result.stdout == "" and result.stderr.count("\n") == 1
    assert "--shard" in result.stderr and ("1 <= I <= N" in result.stderr or not value)


def test_the_progress_counts_the_shard(run_clipcls, album):
    # So many that they are counted before the run ends.
    result = run_clipcls(*[album] * 10, *LABELS, "-f", "jsonl", "--shard", "1/2", "--progress")
    assert " / 1000 images" in result.stderr and "1000 images, 1000 classified" in result.stderr
