"""SigLIP and SigLIP 2 through the real program: imported from what their makers publish, in small, against transformers
and open_clip, each by its own rules. scripts/compare_families does the same in full size."""
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from conftest import RunClipcls, one_line_error
from families.published import LABELS, PublishedModel
from families.siglip import fashion_siglip, open_clip_siglip, transformers_siglip
from imported_models import import_model, require_same_answers
from reference_pictures import pictures  # noqa: F401: a fixture

FILES = {"config.json", "image_encoder.safetensors", "text_encoder.safetensors", "tokenizer.bin", "reference.json"}
MAKERS = {
    "siglip": lambda folder, pictures: transformers_siglip(folder, pictures, 1, is_small=True),
    "siglip2": lambda folder, pictures: transformers_siglip(folder, pictures, 2, is_small=True),
    "open_clip": lambda folder, pictures: open_clip_siglip(folder, pictures, "ViT-B-32-SigLIP2-256", is_small=True),
    "fashion": lambda folder, pictures: fashion_siglip(folder, pictures, is_small=True),
}


@pytest.fixture(scope="module", params=MAKERS)
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
              pictures: list[Path]) -> PublishedModel:  # noqa: F811
    return MAKERS[request.param](tmp_path_factory.mktemp(request.param), pictures[:12])


@pytest.fixture(scope="module")
def model(published: PublishedModel, run_clipcls: RunClipcls, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = import_model(published, run_clipcls, tmp_path_factory.mktemp("models"))
    assert {path.name for path in output.iterdir()} == FILES
    return output


def test_same_answers(published: PublishedModel, model: Path, run_clipcls: RunClipcls,
                      pictures: list[Path]) -> None:  # noqa: F811
    require_same_answers(published, model, run_clipcls, pictures)


def test_same_token_ids(published: PublishedModel, model: Path, run_clipcls: RunClipcls) -> None:
    """… but for the padding, which tokenize leaves out."""
    texts = [*published.prompts(LABELS), "", "...", "word " * 100, "<eos> and <table>", "a_b - c", "\t two\nlines "]
    result = run_clipcls("tokenize", "--model", model, *texts)
    assert result.returncode == 0, result.stderr
    config = json.loads((model / "config.json").read_text("utf-8"))["text"]
    for text, ids, expected in zip(texts, json.loads(result.stdout), published.token_ids(texts).tolist(), strict=True):
        padding = [config["pad_token_id"]] * (config["context_length"] - len(ids))
        assert ids + padding == expected, text


def test_verify_passes(model: Path, run_clipcls: RunClipcls) -> None:
    result = run_clipcls("model", "verify", model)
    assert result.returncode == 0, result.stdout
    assert "ok    checksum of tokenizer.bin: equal" in result.stdout


def test_many_labels_do_not_change_answers(model: Path, run_clipcls: RunClipcls, pictures: list[Path]) -> None:  # noqa: F811
    """Many prompts at once are packed and go in batches of several lengths: all are filled up to the context."""
    many = [f"{label} {number}" for number in range(20) for label in LABELS]
    few, all_labels = ([word for label in labels for word in ("--label", label)] for labels in (LABELS, [*LABELS, *many]))
    rows = [json.loads(run_clipcls(pictures[0], "--model", model, *labels, "--score", "cosine", "--top-k", 1000,
                                   "--format", "json", "--no-cache").stdout)[0] for labels in (few, all_labels)]
    expected, found = ({p["label"]: p["similarity"] for p in row["predictions"]} for row in rows)
    assert np.abs([found[label] - expected[label] for label in LABELS]).max() < 4e-6


def test_info_names_the_parts(published: PublishedModel, model: Path, run_clipcls: RunClipcls) -> None:
    info = json.loads(run_clipcls("model", "info", model, "--format", "json").stdout)
    assert info["image_encoder"]["architecture"].startswith("SigLIP vision transformer")
    assert info["activation"] == "sigmoid"
    assert info["prompt_templates"] == ["This is a photo of {}."]
    assert info["logit_scale"] == pytest.approx(60, rel=1e-6)


def test_html_says_what_percentages_are(good_model: Path, run_clipcls: RunClipcls, pictures: list[Path]) -> None:  # noqa: F811
    for score, is_said in ((), True), (("--score", "softmax"), False):
        page = run_clipcls(pictures[0], "--model", good_model, "--label", "cat", "--format", "html", *score).stdout
        assert ("percentages do not add up to 100" in page) == is_said


def change_json(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def small_source(folder: Path, pictures: list[Path]) -> Path:  # noqa: F811
    transformers_siglip(folder, pictures[:2], 2, is_small=True)
    return folder


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, pictures: list[Path]) -> Path:  # noqa: F811
    return small_source(tmp_path_factory.mktemp("source"), pictures)


def no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").rename(folder / "spiece.model")


def change_tokenizer(**changes: object):
    return lambda folder: change_json(folder / "tokenizer.json", **changes)


def change_tower(tower: str, **changes: object):
    def change(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        config[tower].update(changes)
        (folder / "config.json").write_text(json.dumps(config), "utf-8")
    return change


@pytest.mark.parametrize("change, parts", [
    (no_tokenizer, ("tokenizer.json: is missing", "sentencepiece")),
    (lambda folder: (folder / "tokenizer.json").write_text("{", "utf-8"), ("tokenizer.json", "not valid JSON")),
    (change_tokenizer(pre_tokenizer={"type": "ByteLevel"}), ("tokenizer.json", "pre_tokenizer.type", "ByteLevel")),
    (change_tokenizer(normalizer={"type": "Nmt"}), ("tokenizer.json", "normalizer", "Nmt")),
    (lambda folder: change_json(folder / "tokenizer_config.json", pad_token="<filler>"), ("tokenizer.json", '"<filler>"')),
    (change_tower("text_config", vocab_size=1000), ("tokenizer.json: has 1800 tokens", "1000")),
    (change_tower("text_config", projection_size=40), ("text_config.projection_size is 40",)),
    (change_tower("text_config", hidden_act="relu"), ("text_config.hidden_act", "relu")),
    (change_tower("vision_config", vision_use_head=False), ("vision_config.vision_use_head is false",)),
    (change_tower("vision_config", patch_size=100), ("smaller than 100",)),
    (lambda folder: change_json(folder / "config.json", model_type="siglip2"), ("model_type", "siglip2")),
])
def test_broken_sources_are_refused(change, parts: tuple[str, ...], source: Path, run_clipcls: RunClipcls,
                                    tmp_path: Path) -> None:
    folder = tmp_path / "source"
    shutil.copytree(source, folder)
    change(folder)
    one_line_error(run_clipcls("model", "import", folder, "--output", tmp_path / "model"), *parts)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


@pytest.fixture(scope="module")
def good_model(source: Path, run_clipcls: RunClipcls, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("good") / "model"
    assert run_clipcls("model", "import", source, "--output", output).returncode == 0
    return output


def cut_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.bin").write_bytes((folder / "tokenizer.bin").read_bytes()[:-8])


def change_text(**changes: object):
    def change(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        config["text"].update(changes)
        (folder / "config.json").write_text(json.dumps(config), "utf-8")
    return change


@pytest.mark.parametrize("change, parts", [
    (lambda folder: (folder / "tokenizer.bin").unlink(), ("tokenizer.bin",)),
    (cut_tokenizer, ("tokenizer.bin", "bytes, expected")),
    (lambda folder: (folder / "tokenizer.bin").write_bytes(b"x" * 1000), ("tokenizer.bin", "no tokenizer of clipcls")),
    (change_text(text_clean="canonical"), ("text.text_clean", "canonical", "canonicalize")),
    (change_text(vocab_size=1799), ("text.vocab_size is 1799", "tokenizer.bin gives 1800")),
    (change_text(text_clean=None), ("text.vocab_size", "CLIP's vocabulary")),
])
def test_broken_models_are_refused(change, parts: tuple[str, ...], good_model: Path, run_clipcls: RunClipcls,
                                   pictures: list[Path], tmp_path: Path) -> None:  # noqa: F811
    folder = tmp_path / "model"
    shutil.copytree(good_model, folder)
    change(folder)
    one_line_error(run_clipcls(pictures[0], "--model", folder, "--label", "cat"), *parts)


def test_verify_sees_a_damaged_tokenizer(good_model: Path, run_clipcls: RunClipcls, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(good_model, folder)
    content = bytearray((folder / "tokenizer.bin").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "tokenizer.bin").write_bytes(content)
    result = run_clipcls("model", "verify", folder)
    # Either a part of it is found to be wrong when it is opened, or its checksum is.
    assert result.returncode in (1, 2) and "tokenizer.bin" in result.stdout + result.stderr
