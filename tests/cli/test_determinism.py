"""The same input gives the same bytes: run after run, whatever the threads, the locale, the time zone and the folder.

The size of a batch: test_batch_sizes and the README say how far.
"""
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT

LABELS = ("-l", "cifar100")
FORMATS = ["text", "json", "jsonl", "csv", "tsv", "html"]


def run(*command: object, **settings: object) -> str:
    result = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=300, check=False, **settings)
    assert result.returncode in (0, 1), result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def pictures(album, tmp_path_factory) -> Path:
    """33 pictures of many colours, among them one that is none."""
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(34, 67):
        shutil.copy(album / f"{number}.png", folder)
    return folder


@pytest.mark.parametrize("format", FORMATS)
def test_run_after_run(clipcls_binary, pictures, format):
    outputs = {run(clipcls_binary, pictures, *LABELS, "-f", format, *cache) for cache in ((), (), ("--no-cache",))}
    assert len(outputs) == 1


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
def test_threads(clipcls_binary, pictures, precision):
    """A call of the encoder has all threads or one; of 33 images each thread count takes batches of its own number."""
    def rows(threads: int) -> list:
        output = run(clipcls_binary, pictures, *LABELS, "-f", "jsonl", "--precision", precision, "--threads", threads, "--batch-size", 11)
        return [json.loads(line) for line in output.splitlines()]
    first = rows(1)
    assert len(first) == 33 and rows(1) == first
    for threads in (2, 3, 4):
        assert_near(rows(threads), first, 1e-6 if precision == "fp32" else 1e-2)


def assert_near(rows: list, others: list, tolerance: float) -> None:
    assert [row["image"] for row in rows] == [row["image"] for row in others]
    for row, other in zip(rows, others, strict=True):
        assert row.get("error") == other.get("error")
        for mine, theirs in zip(row.get("predictions", []), other.get("predictions", []), strict=True):
            assert mine["similarity"] == pytest.approx(theirs["similarity"], abs=tolerance)


def test_batch_sizes(clipcls_binary, album):
    """fp32: the text is the same; the last digits of the numbers behind it need not be."""
    texts, rows = set(), []
    for batch_size in (1, 2, 3, 8, 16, 32):
        for threads in (1, 2, 4):
            common = (clipcls_binary, album, *LABELS, "--batch-size", batch_size, "--threads", threads, "-f")
            if threads == 2:
                texts.add(run(*common, "text"))
            rows.append([json.loads(line) for line in run(*common, "jsonl").splitlines()])
    assert len(texts) == 1
    for other in rows[1:]:
        assert_near(other, rows[0], 1e-6)


def test_batch_sizes_of_a_vision_transformer(clipcls_binary, test_models, album):
    """Of as many images that weights are packed, each has the same features to the last bit."""
    outputs = {run(clipcls_binary, *[album / f"{number}.png" for number in range(1, 33)], "--label", "cat", "--label", "dog", "-m",
                   test_models / "tiny", "-f", "jsonl", "--threads", "1", "--batch-size", size) for size in (1, 2, 3, 8, 16, 32)}
    assert len(outputs) == 1


def locales() -> set[str]:
    return set(run("locale", "-a").split())


@pytest.mark.parametrize("environment", [
    {"LC_ALL": "C"}, {"LC_ALL": "POSIX", "TZ": "Pacific/Kiritimati"}, {"LC_ALL": "nonexistent"}, {"LANG": "", "TZ": "nonsense"},
    {"LC_ALL": "de_DE.UTF-8"}, {"LC_ALL": "tr_TR.UTF-8", "TZ": "America/St_Johns"}, {"LC_NUMERIC": "de_DE.UTF-8"}, {"LANGUAGE": "de:tr"},
], ids=str)
def test_locale_and_time_zone(clipcls_binary, pictures, tmp_path, environment):
    """A label whose lower case Turkish would change, and decimals that German would write with commas."""
    made = tmp_path / "locales"
    for name in ("de_DE.UTF-8", "tr_TR.UTF-8"):
        if name in environment.values() and name.replace("UTF-8", "utf8") not in locales():
            made.mkdir(exist_ok=True)
            result = subprocess.run(["localedef", "-i", name.split(".")[0], "-f", "UTF-8", made / name], capture_output=True, text=True, check=False)
            if result.returncode != 0:
                pytest.skip(f"{name} is neither installed nor can be made: {result.stderr}")
            environment = {**environment, "LOCPATH": str(made)}
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "TZ"))}
    for format in ("text", "jsonl", "csv"):
        command = (clipcls_binary, pictures, "--label", "TITLE IN ISTANBUL", "--label", "Iİıi", "--label", "shark", "-f", format, "--no-cache",
                   "--threshold", "0.001", "--max-megapixels", "2.5")
        assert run(*command, env={**plain, **environment}) == run(*command, env=plain)
    assert run(clipcls_binary, "tokenize", "TITLE Iİıi", env={**plain, **environment}) == run(clipcls_binary, "tokenize", "TITLE Iİıi", env=plain)


def test_the_working_folder(clipcls_binary, pictures, tmp_path):
    command = (clipcls_binary.resolve(), pictures, *LABELS, "-f", "jsonl")
    expected = run(*command)
    for folder in ("/", tmp_path, ROOT / "models", "/proc"):
        assert run(*command, cwd=folder) == expected
    # Named from there, only the names differ.
    relative = run(clipcls_binary.resolve(), ".", *LABELS, "-f", "jsonl", cwd=pictures)
    assert [json.loads(line).get("predictions") for line in relative.splitlines()] == [
        json.loads(line).get("predictions") for line in expected.splitlines()]


def test_the_same_picture_under_another_name_and_place(clipcls_binary, pictures, tmp_path):
    """The first and the last of a run, of one name or the other."""
    copy = tmp_path / "Überall so.png"
    shutil.copy(pictures / "40.png", copy)
    rows = [json.loads(line) for line in run(clipcls_binary, copy, pictures, pictures / "40.png", *LABELS, "-f", "jsonl").splitlines()]
    same = [row["predictions"] for row in rows if row["image"] in (str(copy), str(pictures / "40.png"))]
    assert len(same) == 3 and same[0] == same[1] == same[2]
    assert len({json.dumps(row.get("predictions")) for row in rows}) > 25  # and pictures that differ have rows that differ
