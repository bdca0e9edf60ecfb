"""Chinese-CLIP through the real program: imported from what its makers publish, in small, against transformers.
scripts/compare_families does the same in full size, and BiomedCLIP and QuiltNet, which have no small size."""
import json
from pathlib import Path

import pytest

from conftest import RunClipcls, one_line_error
from families.bert import chinese_clip
from families.published import LABELS, PublishedModel
from imported_models import import_model, require_same_answers
from reference_pictures import pictures  # noqa: F401: a fixture


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, pictures: list[Path]) -> PublishedModel:  # noqa: F811
    return chinese_clip(tmp_path_factory.mktemp("chinese_clip"), pictures[:12], True)


@pytest.fixture(scope="module")
def model(published: PublishedModel, run_clipcls: RunClipcls, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return import_model(published, run_clipcls, tmp_path_factory.mktemp("models"))


def test_same_answers(published: PublishedModel, model: Path, run_clipcls: RunClipcls,
                      pictures: list[Path]) -> None:  # noqa: F811
    require_same_answers(published, model, run_clipcls, pictures)


def test_same_token_ids(published: PublishedModel, model: Path, run_clipcls: RunClipcls) -> None:
    texts = [*published.prompts(LABELS), "", "...", "[MASK] of a cat"]
    result = run_clipcls("tokenize", "--model", model, *texts)
    assert result.returncode == 0, result.stderr
    for text, ids, expected in zip(texts, json.loads(result.stdout), published.token_ids(texts).tolist(), strict=True):
        assert ids + [0] * (len(expected) - len(ids)) == expected, text


def test_verify_passes(model: Path, run_clipcls: RunClipcls) -> None:
    result = run_clipcls("model", "verify", model)
    assert result.returncode == 0, result.stdout


def change_text(**changes: object):
    def change(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        config["text_config"].update(changes)
        (folder / "config.json").write_text(json.dumps(config), "utf-8")
    return change


@pytest.mark.parametrize("change, parts", [
    (lambda folder: (folder / "vocab.txt").unlink(), ("tokenizer.json: is missing",)),
    (lambda folder: (folder / "vocab.txt").write_text("a\nb\n", "utf-8"), ("vocab.txt", "[PAD]")),
    (change_text(hidden_act="quick_gelu"), ("text_config.hidden_act", "quick_gelu")),
    (change_text(vocab_size=100), ("vocab.txt", "and the model has embeddings of 100")),
    (change_text(num_hidden_layers=4), ("text_model.encoder.layer.3.",)),
])
def test_broken_sources_are_refused(change, parts: tuple[str, ...], run_clipcls: RunClipcls, pictures: list[Path],  # noqa: F811
                                    tmp_path: Path) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    chinese_clip(folder, pictures[:2], True)
    change(folder)
    one_line_error(run_clipcls("model", "import", folder, "--output", tmp_path / "model"), *parts)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]
