"""The same input gives the same bytes: run after run, whatever the threads, the locale, the time zone and the folder.

The size of a batch: test_batch_sizes and src/model/README.md say how far.
"""
import json
import os
import shutil
from decimal import Decimal
from decimal import Decimal
from pathlib import Path

import processes
import pytest
from conftest import ROOT

LABELS = ("-l", "cifar100")
FORMATS = ["text", "json", "jsonl", "csv", "tsv", "html"]


def run(*command: object, **settings: object) -> str:
    result = processes.run([*map(str, command)], capture_output=True, text=True, timeout=300, check=False, **settings)
    assert result.returncode in (0, 1) and result.stdout, result.stderr
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
    """33 images are divided into other batches for each number of threads."""
    def rows(threads: int) -> list:
        output = run(clipcls_binary, pictures, *LABELS, "-f", "jsonl", "--precision", precision, "--threads", threads, "--batch-size", 11)
        return [json.loads(line) for line in output.splitlines()]
    first = rows(1)
    assert len(first) == 33 and rows(1) == first
    for threads in (2, 3, 4):
        # Convolutions add up in another order; in int8 that may round a number to the integer beside.
        assert_near(rows(threads), first, {"fp32": 1e-6, "bf16": 1e-2, "int8": 1e-3}[precision])


def assert_near(rows: list, others: list, tolerance: float) -> None:
    assert [row["image"] for row in rows] == [row["image"] for row in others]
    for row, other in zip(rows, others, strict=True):
        assert row.get("error") == other.get("error")
        for mine, theirs in zip(row.get("predictions", []), other.get("predictions", []), strict=True):
            assert mine["similarity"] == pytest.approx(theirs["similarity"], abs=tolerance)


def test_batch_sizes(clipcls_binary, pictures):
    """The bundled model is convolutional, and libtorch computes convolutions of 1, of 2 to 15 and of more images by different kernels:
    last digits differ, so that a percentage at the edge of two roundings may print as either."""
    def percentages(text: str) -> list[float]:
        return [float(line.split(": ")[-1][:-1]) for line in text.splitlines() if line.endswith("%")]
    rows, texts = [], []
    for batch_size, threads in ((1, 1), (1, 4), (3, 2), (8, 1), (16, 2), (32, 4)):
        common = (clipcls_binary, pictures, *LABELS, "--batch-size", batch_size, "--threads", threads, "-f")
        rows.append([json.loads(line) for line in run(*common, "jsonl").splitlines()])
        texts.append(percentages(run(*common, "text")))
    for other in rows[1:]:
        assert_near(other, rows[0], 1e-6)
    for text in texts[1:]:
        assert len(text) == len(texts[0]) == 5 * 32
        assert max(abs(a - b) for a, b in zip(text, texts[0], strict=True)) < 0.0101
        assert sum(a != b for a, b in zip(text, texts[0], strict=True)) <= 2


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_batch_sizes_of_a_vision_transformer(clipcls_binary, test_models, album, precision):
    """Of as many images that weights are packed, each has the same features: to the last bit from AVX2 on."""
    rows = []
    for batch_size, threads in ((1, 1), (2, 2), (3, 1), (8, 4), (16, 1), (32, 2)):
        output = run(clipcls_binary, *[album / f"{number}.png" for number in range(1, 33)], "--label", "cat", "--label", "dog", "-m",
                     test_models / "tiny", "-f", "jsonl", "--precision", precision, "--threads", threads, "--batch-size", batch_size)
        rows.append([json.loads(line) for line in output.splitlines()])
    for other in rows[1:]:
        assert_near(other, rows[0], 1e-6)
        assert other == rows[0] or "avx2" not in Path("/proc/cpuinfo").read_text()


def last_digit(number: Decimal) -> Decimal:
    """One in the last digit that the number may have: six decimals, and four digits in any case."""
    return Decimal(10) ** min(-6, number.adjusted() - 3)


def test_a_picture_alone_has_the_numbers_that_it_has_among_others(clipcls_binary, pictures):
    """To one in the last digit. All labels, since small scores have other last digits than large ones."""
    def rows(*images: object) -> list[dict]:
        output = run(clipcls_binary, *images, *LABELS, "-k", 100, "-f", "jsonl", "--precision", "fp32")
        return [{label.pop("label"): label for label in json.loads(line, parse_float=Decimal)["predictions"]} for line in output.splitlines()]
    images = [pictures / f"{number}.png" for number in range(34, 67) if number != 50]
    for image, among in list(zip(images, rows(*images), strict=True))[::4]:
        alone, = rows(image)
        for label, numbers in alone.items():
            for key, unit in (("score", last_digit(max(numbers["score"], among[label]["score"]))), ("similarity", Decimal("1e-6"))):
                assert abs(numbers[key] - among[label][key]) <= unit, (image, label, key)
                assert len(numbers[key].normalize().as_tuple().digits) <= 6


# A label whose lower case Turkish would change, and decimals that German would write with commas.
LOCALE_COMMANDS = [(str(ROOT / "models/everyday/shark.png"), "--label", "TITLE IN ISTANBUL", "--label", "Iİıi", "--label", "shark", "-f", format,
                    "--no-cache", "--threshold", "0.001", "--max-megapixels", "2.5") for format in ("text", "jsonl", "csv")]
LOCALE_COMMANDS.append(("tokenize", "TITLE Iİıi"))


@pytest.fixture(scope="module")
def plain_outputs(clipcls_binary) -> list[str]:
    return [run(clipcls_binary, *command, env=plain_environment()) for command in LOCALE_COMMANDS]


def plain_environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "TZ"))}


@pytest.mark.parametrize("environment", [
    {"LC_ALL": "C", "TZ": "nonsense"}, {"LC_ALL": "nonexistent"}, {"LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de:tr"},
    {"LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati"}, {"LC_NUMERIC": "de_DE.UTF-8", "TZ": "America/St_Johns"},
], ids=str)
def test_locale_and_time_zone(clipcls_binary, plain_outputs, tmp_path, environment):
    for name in {"de_DE.UTF-8", "tr_TR.UTF-8"} & set(environment.values()):
        # Made here, since a machine may have none but C.
        result = processes.run(["localedef", "-i", name.split(".")[0], "-f", "UTF-8", tmp_path / name], capture_output=True, text=True, check=False)
        if not (tmp_path / name / "LC_NUMERIC").exists():
            pytest.skip(f"locale {name} cannot be made: {result.stderr}")
        environment = {**environment, "LOCPATH": str(tmp_path)}
    environment = {**plain_environment(), **environment}
    assert [run(clipcls_binary, *command, env=environment) for command in LOCALE_COMMANDS] == plain_outputs


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
