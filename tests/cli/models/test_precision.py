"""--precision and --threads: what stays the same, and how near the rest stays. The bars of each precision on known
pictures and texts are those of `clipcls model verify` (test_verify_model.py)."""
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from conftest import RunClipcls
from make_test_models import OLD_MODEL
from reference_pictures import LABELS, pictures, save_pictures  # noqa: F401: a fixture

SHARK = Path(__file__).resolve().parents[3] / "models/everyday/shark.png"
LABEL_OPTIONS = [argument for label in LABELS for argument in ("--label", label)]


def rows(run_clipcls: RunClipcls, paths: list[Path], *options: object) -> list[dict[str, Any]]:
    result = run_clipcls(*paths, *LABEL_OPTIONS, "--top-k", len(LABELS), "--format", "jsonl", *options)
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def by_label(row: dict[str, Any]) -> dict[str, float]:
    return {prediction["label"]: prediction["similarity"] for prediction in row["predictions"]}


def multiplies_bfloat16(run_clipcls: RunClipcls) -> bool:
    return "computed in fp32" not in run_clipcls(SHARK, "--label", "a", "--label", "b", "--verbose", "--precision", "bf16").stderr


@pytest.mark.parametrize("precision, tolerance", [("bf16", 0.01), ("int8", 0.02)])
def test_similarities_stay_near(run_clipcls: RunClipcls, test_models: Path, pictures: list[Path],  # noqa: F811
                                precision: str, tolerance: float) -> None:
    model = test_models / "tiny"
    exact = rows(run_clipcls, pictures, "--model", model)
    rounded = rows(run_clipcls, pictures, "--model", model, "--precision", precision)
    largest = max(abs(by_label(a)[label] - by_label(b)[label])
                  for a, b in zip(exact, rounded, strict=True) for label in LABELS)
    if precision == "bf16" and not multiplies_bfloat16(run_clipcls):
        assert largest == 0  # computed in fp32
    else:
        assert 0 < largest < tolerance  # zero would mean that the flag does nothing


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8", "auto"])
def test_the_shark_is_a_shark(run_clipcls: RunClipcls, precision: str) -> None:
    result = run_clipcls(SHARK, "--labels", "cifar100", "--precision", precision, "--format", "json")
    assert json.loads(result.stdout)[0]["predictions"][0]["label"] == "shark"


def test_verbose_says_what_was_chosen(run_clipcls: RunClipcls) -> None:
    fp32 = run_clipcls(SHARK, "--label", "a", "--label", "b", "--verbose").stderr
    auto = run_clipcls(SHARK, "--label", "a", "--label", "b", "--verbose", "--precision", "auto").stderr
    assert "precision fp32 (auto is " in fp32
    choice = "bf16" if "multiplies bfloat16" in auto else "fp32"
    assert f"precision {choice} (auto is {choice}: this processor " in auto


def test_verbose_says_which_encoders_run_optimised(run_clipcls: RunClipcls, test_models: Path, tmp_path: Path) -> None:
    def encoders(num_pictures: int, *labels: object) -> list[str]:
        result = run_clipcls(*[SHARK] * num_pictures, *labels, "--model", test_models / "tiny", "--verbose", "--no-cache")
        assert result.returncode == 0, result.stderr
        return [line.removeprefix("clipcls: ") for line in result.stderr.splitlines() if " encoder " in line]

    few = encoders(1, "--label", "a", "--label", "b")
    assert few == [f"the {name} encoder does not run optimised: so few inputs do not repay it" for name in ("image", "text")]
    image, text = encoders(30, "--labels", "cifar100", "--templates", "openai")
    assert image.startswith("the image encoder runs optimised: ") and text.startswith("the text encoder runs optimised: ")
    for line in (image, text):  # two blocks of four linear layers, and a projection where it is one
        packed, linear_layers, replaced, attentions = map(int, re.findall(r"\d+", line))
        assert packed == linear_layers >= 8 and replaced == attentions == 2


def test_an_unknown_precision(run_clipcls: RunClipcls) -> None:
    result = run_clipcls(SHARK, "--label", "a", "--precision", "fp8")
    assert result.returncode == 2 and result.stdout == ""
    assert "--precision" in result.stderr and "auto|bf16|fp16|fp32|int8" in result.stderr


def test_openai_archives_take_a_precision(run_clipcls: RunClipcls, test_models: Path,
                                          pictures: list[Path]) -> None:  # noqa: F811
    for name in ("vit", "resnet"):
        model = test_models / "openai" / f"{name}.pt"
        [exact] = rows(run_clipcls, pictures[:1], "--model", model)
        [rounded] = rows(run_clipcls, pictures[:1], "--model", model, "--precision", "bf16")
        assert max(abs(by_label(exact)[label] - by_label(rounded)[label]) for label in LABELS) < 0.03


class DeepConvolutions(nn.Sequential):
    """Twenty narrow convolutions with batch norms that are not folded: what bfloat16 rounds away adds up."""

    def __init__(self, image_size: int, embed_dim: int) -> None:
        torch.manual_seed(0)
        layers: list[nn.Module] = []
        for depth in range(20):
            layers += [nn.Conv2d(8 if depth else 3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8, momentum=None), nn.ReLU()]
        super().__init__(*layers, nn.AvgPool2d(image_size // 4), nn.Flatten(), nn.Linear(8 * 16, embed_dim))
        self(torch.randn(8, 3, image_size, image_size) + torch.randn(8, 3, 1, 1))  # the statistics


@pytest.fixture(scope="module")
def convolutional(run_clipcls: RunClipcls, test_models: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Encoders with convolutions that bfloat16 is not exact enough for, each as it comes to us."""
    folder = tmp_path_factory.mktemp("convolutional")
    archive = test_models / "openai" / "resnet.pt"
    imported = run_clipcls("model", "import", archive, "--output", folder / "imported")
    assert imported.returncode == 0, imported.stderr
    shutil.copytree(OLD_MODEL, folder / "exported")
    config = json.loads((folder / "exported/config.json").read_text("utf-8"))
    encoder = DeepConvolutions(config["image"]["size"], config["embed_dim"]).eval().requires_grad_(False)
    torch.jit.script(encoder).save(folder / "exported/image_encoder.pt")
    return {"archive": archive, "imported": folder / "imported", "exported": folder / "exported"}


@pytest.mark.parametrize("count", [3, 30])
@pytest.mark.parametrize("kind", ["archive", "imported", "exported"])
def test_convolutions_are_computed_in_fp32_where_bf16_costs_too_much(run_clipcls: RunClipcls, convolutional: dict[str, Path], album: Path,
                                                                     tmp_path: Path, kind: str, count: int) -> None:
    features = {}
    for precision in ("fp32", "bf16"):
        result = run_clipcls("embed", *[album / f"{number}.png" for number in range(1, count + 1)], "-m", convolutional[kind], "-o",
                             tmp_path / precision, "--precision", precision, "--verbose")
        assert result.returncode == 0, result.stderr
        features[precision] = (tmp_path / precision / "image_features.npy").read_bytes()
        said = "; fp32 instead of bf16, which costs this encoder too much (cosine " in result.stderr
        assert said == (precision == "bf16" and multiplies_bfloat16(run_clipcls))
    assert features["bf16"] == features["fp32"]


def test_convolutions_for_which_bf16_is_too_coarse_are_computed_in_fp32(run_clipcls: RunClipcls) -> None:
    """The bundled model's stem looks at differences of pixels that bfloat16 rounds away."""
    def result(precision: str) -> tuple[str, str]:
        run = run_clipcls(SHARK, "--label", "a", "--label", "b", "--verbose", "--no-cache", "--precision", precision, "-f", "tsv", "--score", "cosine")
        assert run.returncode == 0
        return run.stdout, run.stderr
    exact, coarse = result("fp32"), result("bf16")
    if "multiplies bfloat16 in hardware" in coarse[1] and "does not multiply" not in coarse[1]:
        assert "the image encoder does not run optimised" in coarse[1] and "fp32 instead of bf16, which costs this encoder too much" in coarse[1]
    rows = [[float(cell) for cell in run[0].splitlines()[1].split("\t") if cell[:1].isdigit() or cell[:1] == "-"] for run in (exact, coarse)]
    assert len(rows[0]) > 2 and rows[0] == pytest.approx(rows[1], abs=1e-2)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Sixty inputs, three of which cannot be read: enough that weights are packed and batches are in flight."""
    folder = tmp_path_factory.mktemp("many")
    made = save_pictures(folder)
    paths = [made[i % len(made)] for i in range(60)]
    (folder / "broken.png").write_bytes(made[0].read_bytes()[:200])
    for position in (0, 17, 40):
        paths[position] = folder / "broken.png"
    return paths


def text_output(run_clipcls: RunClipcls, paths: list[Path], *options: object) -> str:
    result = run_clipcls(*paths, *LABEL_OPTIONS, *options)
    assert result.returncode == 1, result.stderr
    return result.stdout


def test_threads_and_batches_change_no_byte(run_clipcls: RunClipcls, test_models: Path, many: list[Path]) -> None:
    model = ("--model", test_models / "tiny")
    expected = text_output(run_clipcls, many, *model)
    assert expected.count("Top predictions:") == 57
    for options in (("--threads", 1), ("--threads", 2), ("--threads", 5), ("--batch-size", 1), ("--batch-size", 7),
                    ("--batch-size", 64)):
        assert text_output(run_clipcls, many, *model, *options) == expected, options


def test_rows_come_in_input_order(run_clipcls: RunClipcls, test_models: Path, many: list[Path]) -> None:
    result = run_clipcls(*many, *LABEL_OPTIONS, "--model", test_models / "tiny", "--threads", 4, "--batch-size", 4,
                         "--format", "jsonl")
    images = [json.loads(line)["image"] for line in result.stdout.splitlines()]
    assert images == [str(path) for path in many]


def test_fail_fast_stops_at_the_first_failure(run_clipcls: RunClipcls, test_models: Path, many: list[Path]) -> None:
    result = run_clipcls(*many[1:], *LABEL_OPTIONS, "--model", test_models / "tiny", "--threads", 4, "--batch-size", 4,
                         "--format", "jsonl", "--fail-fast")
    assert result.returncode == 1
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["image"] for line in lines] == [str(path) for path in many[1:18]]
    assert "error" in lines[-1] and all("predictions" in line for line in lines[:-1])
