"""`clipcls model import` through the real program: what it makes of checkpoints of transformers, open_clip and OpenAI,
against these libraries themselves (tolerances and pictures are those of test_parity.py)."""
import gzip
import json
import zlib
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from broken_checkpoints import BROKEN_CHECKPOINTS, BrokenCheckpoint
from export.load_encoders import load_encoders
from export.open_clip_import import open_clip
from export.reference import load_tokenizer, preprocess_steps
from export.reference_inputs import TEXTS
from export.safetensors_file import read_tensors
from conftest import RunClipcls
from make_checkpoints import (CHECKPOINTS, OPENAI_IMAGE, Checkpoint, open_clip_state_dict, transformers_checkpoint,
                              transformers_model, transformers_quick_gelu)
from make_openai_archives import CONFIGS, load_reference_model
from make_test_models import NUM_OWN_MERGES, OLD_MODEL, own_merges
from test_broken_models import TRACES, error_line
from reference_pictures import LABELS, pictures  # noqa: F401: a fixture
from test_parity import Reference, check_row, run_json

TEMPLATE = ("a photo of a {}.",)
OPENAI_ARCHIVES = tuple(f"openai_{name}" for name in CONFIGS)
FILES = {"config.json", "image_encoder.safetensors", "text_encoder.safetensors", "reference.json"}


def make_checkpoint(name: str, folder: Path, test_models: Path) -> Checkpoint:
    if name in CHECKPOINTS:
        return CHECKPOINTS[name](folder)
    archive = test_models / "openai" / f"{name.removeprefix('openai_')}.pt"
    size = CONFIGS[archive.stem]["vision_cfg"]["image_size"]
    return Checkpoint(archive, load_reference_model(archive), {"size": size} | OPENAI_IMAGE)


@pytest.fixture(scope="module", params=[*CHECKPOINTS, *OPENAI_ARCHIVES])
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
               test_models: Path) -> Checkpoint:
    return make_checkpoint(request.param, tmp_path_factory.mktemp(request.param), test_models)


@pytest.fixture(scope="module")
def folder(checkpoint: Checkpoint, run_clipcls: RunClipcls, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("models") / "imported"
    result = run_clipcls("model", "import", checkpoint.source, "--output", output, *checkpoint.options)
    assert (result.returncode, result.stderr) == (0, "")
    assert {path.name for path in output.iterdir()} == FILES
    assert list(output.parent.iterdir()) == [output]
    return output


def test_same_answers(checkpoint: Checkpoint, folder: Path, run_clipcls: RunClipcls,
                      pictures: list[Path]) -> None:  # noqa: F811
    reference = Reference("imported", {"image": checkpoint.image}, checkpoint.model, load_tokenizer(None, 77))
    similarities, scores = reference.classify(pictures, TEMPLATE)
    rows = run_json(run_clipcls, folder, pictures, "--top-k", len(LABELS))
    for row, similarity, score in zip(rows, similarities, scores, strict=True):
        check_row(row, similarity, score)


def test_same_features(checkpoint: Checkpoint, folder: Path, pictures: list[Path]) -> None:  # noqa: F811
    """The written archives in Python, and the lengths of the features too, which a cosine does not see."""
    image_encoder, text_encoder = load_encoders(folder)
    resize_and_crop, normalise = preprocess_steps({"image": checkpoint.image})
    pixel_values = torch.stack([normalise(resize_and_crop(Image.open(path).convert("RGB"))) for path in pictures])
    token_ids = load_tokenizer(None, 77)(list(TEXTS))
    with torch.inference_mode():
        for features, expected in ((image_encoder(pixel_values), checkpoint.model.encode_image(pixel_values)),
                                   (text_encoder(token_ids), checkpoint.model.encode_text(token_ids))):
            assert F.cosine_similarity(features, expected).min() >= 0.99999
            assert (features.norm(dim=-1) / expected.norm(dim=-1) - 1).abs().max() < 1e-4
            assert F.cosine_similarity(expected[:1], expected[1:]).min() < 0.99  # or nothing would be tested


def test_verify_passes(folder: Path, run_clipcls: RunClipcls) -> None:
    result = run_clipcls("model", "verify", folder)
    assert result.returncode == 0, result.stdout
    assert result.stdout.startswith("imported, against the reference computed by clipcls ")


def test_config(checkpoint: Checkpoint, folder: Path, run_clipcls: RunClipcls) -> None:
    config = json.loads((folder / "config.json").read_text("utf-8"))
    assert config["image"] == {key: pytest.approx(value) if isinstance(value, list) else value
                               for key, value in checkpoint.image.items()}
    assert config["name"] == "imported" and config["torch_version"].startswith("2.")
    assert config["logit_scale"] == pytest.approx(checkpoint.model.logit_scale.exp().item(), rel=1e-6)
    bias = checkpoint.model.logit_bias
    assert config["logit_bias"] == (None if bias is None else pytest.approx(bias.item()))
    assert config["activation"] == ("softmax" if bias is None else "sigmoid")
    info = json.loads(run_clipcls("model", "info", folder, "-f", "json").stdout)
    assert checkpoint.architecture[0] in info["image_encoder"]["architecture"]
    assert checkpoint.architecture[1] in info["text_encoder"]["architecture"]


def test_reference_has_the_texts_of_the_exporter(folder: Path) -> None:
    reference = json.loads((folder / "reference.json").read_text("utf-8"))
    assert tuple(text["text"] for text in reference["texts"]) == TEXTS
    assert [(p["width"], p["height"]) for p in reference["pictures"]] == [(224, 224), (640, 480), (37, 91)]
    assert len(reference["logits"]) == 3 and len(reference["logits"][0]) == 10


def test_half_precision(tmp_path: Path, run_clipcls: RunClipcls) -> None:
    checkpoint = transformers_quick_gelu(tmp_path)
    sizes = {}
    for precision in ("fp32", "fp16"):
        output = tmp_path / precision
        result = run_clipcls("model", "import", tmp_path, "--output", output, "--precision", precision,
                             "--license", "none")
        assert result.returncode == 0, result.stderr
        assert run_clipcls("model", "verify", output).returncode == 0
        assert json.loads((output / "config.json").read_text("utf-8"))["license"] == "none"
        sizes[precision] = (output / "text_encoder.safetensors").stat().st_size
    assert sizes["fp16"] < 0.55 * sizes["fp32"]
    _, text_encoder = load_encoders(tmp_path / "fp16")
    token_ids = load_tokenizer(None, 77)(list(LABELS))
    assert F.cosine_similarity(text_encoder(token_ids), checkpoint.model.encode_text(token_ids)).min() > 0.9999


def test_weights_are_stored_as_they_were_published(tmp_path: Path, run_clipcls: RunClipcls) -> None:
    """Bit by bit, by open_clip's names, with the checksums that Python computes; and no folder of this machine is named."""
    checkpoint = open_clip_state_dict(tmp_path)
    run_clipcls("model", "import", checkpoint.source, "--output", tmp_path / "model", *checkpoint.options)
    source = checkpoint.model.state_dict()
    for name in ("image_encoder.safetensors", "text_encoder.safetensors"):
        path = tmp_path / "model" / name
        tensors = read_tensors(path)
        assert all(torch.equal(tensor, source[key]) for key, tensor in tensors.items())
        start = 8 + int.from_bytes(path.read_bytes()[:8], "little")
        assert start % 64 == 0 and str(tmp_path).encode() not in path.read_bytes()
        metadata = json.loads(path.read_bytes()[8:start])["__metadata__"]
        assert metadata == {"format": "pt"} | {f"crc32.{key}": f"{zlib.crc32(tensor.contiguous().numpy().tobytes()):08x}"
                                               for key, tensor in tensors.items()}


def test_a_model_folder_is_not_imported_again(tmp_path: Path, test_models: Path, run_clipcls: RunClipcls) -> None:
    for folder in (OLD_MODEL, test_models / "tiny"):
        result = run_clipcls("model", "import", folder, "--output", tmp_path / "model")
        line = error_line(result.stderr)
        assert result.returncode == 2 and "is a model folder already, and works as it is" in line and "import the checkpoint" in line
        assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_replaced_only_with_force(tmp_path: Path, run_clipcls: RunClipcls) -> None:
    source = tmp_path / "source"
    source.mkdir()
    transformers_quick_gelu(source)
    output = tmp_path / "models" / "model"
    output.mkdir(parents=True)
    (output / "mine.txt").write_text("mine")
    result = run_clipcls("model", "import", source, "--output", output)
    assert result.returncode == 2 and "exists; --force replaces it" in result.stderr
    result = run_clipcls("model", "import", source, "--output", source, "--force")
    assert result.returncode == 2 and "would be replaced" in result.stderr and source.exists()
    result = run_clipcls("model", "import", source / "model.safetensors", "--output", tmp_path, "--force")
    assert result.returncode == 2 and "would be replaced" in result.stderr and source.exists()
    result = run_clipcls("model", "import", source, "--output", f"{output}/", "--force")
    assert result.returncode == 2 and "holds mine.txt, which is not part of a model" in result.stderr
    assert (output / "mine.txt").read_text() == "mine" and list(output.parent.iterdir()) == [output]
    (output / "mine.txt").unlink()
    for _ in range(2):  # in place of an empty folder, and of a model
        (output / "reference.json").write_text("old") if list(output.iterdir()) else None
        result = run_clipcls("model", "import", source, "--output", f"{output}/", "--force")
        assert result.returncode == 0, result.stderr
        assert {path.name for path in output.iterdir()} == FILES and list(output.parent.iterdir()) == [output]
        assert (output / "reference.json").read_text() != "old"
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"photo")
    result = run_clipcls("model", "import", source, "--output", photo, "--force")
    assert result.returncode == 2 and "photo.jpg: is not a .pt archive of a model" in result.stderr
    assert photo.read_bytes() == b"photo"


def token_ids_of(merges_text: str) -> dict[str, int]:
    """vocab.json of these merges: CLIP's byte alphabet, the same at the end of a word, the merges, start and end."""
    alphabet = list(open_clip.tokenizer.bytes_to_unicode().values())
    merges = ["".join(line.split()) for line in merges_text.splitlines()[1:]]
    tokens = [*alphabet, *(letter + "</w>" for letter in alphabet), *merges, "<|startoftext|>", "<|endoftext|>"]
    return {token: index for index, token in enumerate(tokens)}


def write_vocabulary(folder: Path, merges_text: str, kind: str) -> None:
    if kind == "merges.txt":
        (folder / "merges.txt").write_text(merges_text, "utf-8")
        (folder / "vocab.json").write_text(json.dumps(token_ids_of(merges_text)), "utf-8")
        return
    merges = [line.split() for line in merges_text.splitlines()[1:]]
    model = {"type": "BPE", "merges": merges, "vocab": token_ids_of(merges_text)}
    (folder / "tokenizer.json").write_text(json.dumps({"model": model}), "utf-8")


@pytest.mark.parametrize("kind", ["merges.txt", "tokenizer.json"])
def test_clips_own_vocabulary_is_not_copied(kind: str, tmp_path: Path, run_clipcls: RunClipcls) -> None:
    transformers_quick_gelu(tmp_path)
    with gzip.open(open_clip.tokenizer.default_bpe(), "rt", encoding="utf-8") as file:
        lines = file.read().split("\n")[1:48895]
    write_vocabulary(tmp_path, "\n".join(["#version: 0.2", *lines]) + "\n", kind)
    result = run_clipcls("model", "import", tmp_path, "--output", tmp_path / "model")
    assert result.returncode == 0, result.stderr
    assert {path.name for path in (tmp_path / "model").iterdir()} == FILES


@pytest.mark.parametrize("kind", ["merges.txt", "tokenizer.json"])
def test_another_vocabulary_is_copied(kind: str, tmp_path: Path, run_clipcls: RunClipcls) -> None:
    vocab_size = 512 + NUM_OWN_MERGES + 2
    checkpoint = transformers_checkpoint(tmp_path, transformers_model(31, eos_token_id=vocab_size - 1,
                                                                      vocab_size=vocab_size))
    write_vocabulary(tmp_path, own_merges(), kind)
    result = run_clipcls("model", "import", tmp_path, "--output", tmp_path / "model")
    assert result.returncode == 0, result.stderr
    assert {path.name for path in (tmp_path / "model").iterdir()} == {*FILES, "merges.txt"}
    assert run_clipcls("model", "verify", tmp_path / "model").returncode == 0
    token_ids = load_tokenizer(own_merges(), 77)(list(LABELS))
    _, text_encoder = load_encoders(tmp_path / "model")
    assert F.cosine_similarity(text_encoder(token_ids), checkpoint.model.encode_text(token_ids)).min() >= 0.99999
    ids = json.loads(run_clipcls("tokenize", "a cat", "--model", tmp_path / "model").stdout)
    assert ids == [[int(i) for i in load_tokenizer(own_merges(), 77)("a cat")[0] if i]]


def test_a_vocabulary_of_other_ids_is_refused(tmp_path: Path, run_clipcls: RunClipcls) -> None:
    vocab_size = 512 + NUM_OWN_MERGES + 2
    transformers_checkpoint(tmp_path, transformers_model(31, eos_token_id=vocab_size - 1, vocab_size=vocab_size))
    write_vocabulary(tmp_path, own_merges(), "merges.txt")
    ids = token_ids_of(own_merges())
    ids["in"], ids["th"] = ids["th"], ids["in"]
    (tmp_path / "vocab.json").write_text(json.dumps(ids), "utf-8")
    result = run_clipcls("model", "import", tmp_path, "--output", tmp_path / "models" / "model")
    assert result.returncode == 2 and 'for "in"' in error_line(result.stderr)
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.parametrize("broken", BROKEN_CHECKPOINTS, ids=lambda broken: broken.name)
def test_broken_checkpoint(broken: BrokenCheckpoint, tmp_path: Path, run_clipcls: RunClipcls) -> None:
    """Exit code 2, one line that names what is wrong, and nothing is left behind."""
    source_folder, models = tmp_path / "source", tmp_path / "models"
    source_folder.mkdir()
    models.mkdir()
    source = broken.make(source_folder)
    options = [option.replace("{folder}", str(source_folder)) for option in broken.options]
    result = run_clipcls("model", "import", source, "--output", models / "model", *options)
    assert (result.returncode, result.stdout) == (2, ""), result.stderr
    line = error_line(result.stderr)
    message = line.replace(str(tmp_path), "")
    assert [word for word in broken.expected_words if word not in message] == [], line
    assert [trace for trace in TRACES if trace in message] == [], line
    assert str(source_folder) in line and len(message) < 600, line
    assert list(models.iterdir()) == []


def test_checkpoints_as_model_name_the_import(tmp_path: Path, run_clipcls: RunClipcls,
                                              pictures: list[Path]) -> None:  # noqa: F811
    for folder, source in ((tmp_path / "a", CHECKPOINTS["transformers_file"]),
                           (tmp_path / "b", CHECKPOINTS["open_clip_sigmoid"]),
                           (tmp_path / "c", CHECKPOINTS["open_clip_training"])):
        folder.mkdir()
        checkpoint = source(folder)
        for model in {folder, checkpoint.source}:
            result = run_clipcls(pictures[0], "--model", model, "--label", "cat")
            assert result.returncode == 2 and "clipcls model import" in error_line(result.stderr), result.stderr
