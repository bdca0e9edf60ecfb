"""What the files beside transformers' weights may say: image processors and tokenizers of other settings than the
published ones. Each import computes what transformers itself computes from the same folder, or is refused."""
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from conftest import RunClipcls, one_line_error
from export.reference import load_tokenizer  # before transformers: it makes torchvision importable
from families.bert import chinese_clip
from families.siglip import transformers_siglip
from make_checkpoints import transformers_checkpoint, transformers_model
from make_test_models import NUM_OWN_MERGES, own_merges
from reference_pictures import LABELS, open_upright, pictures  # noqa: F401: a fixture
from test_import import token_ids_of
from test_parity import MAX_SIMILARITY_ERROR, run_json
from transformers import (AutoImageProcessor, AutoTokenizer, BertTokenizer, CLIPImageProcessorPil, CLIPModel,
                          CLIPTokenizer)

TEXTS = ("Cat", "a Crème Brûlée", "一张狗的照片", "ABC 自行车，红色的", "", "word " * 100)


def change_json(path: Path, **changes: object) -> None:
    content = json.loads(path.read_text("utf-8")) if path.exists() else {}
    path.write_text(json.dumps(content | changes), "utf-8")


def copy(source: Path, folder: Path) -> Path:
    return Path(shutil.copytree(source, folder / "source"))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clip")
    transformers_checkpoint(folder, transformers_model(41))
    CLIPImageProcessorPil(size={"shortest_edge": 40}, crop_size=40).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory, pictures: list[Path]) -> Path:  # noqa: F811
    folder = tmp_path_factory.mktemp("bert")
    chinese_clip(folder, pictures[:2], True)
    return folder


@pytest.fixture(scope="module")
def siglip(tmp_path_factory: pytest.TempPathFactory, pictures: list[Path]) -> Path:  # noqa: F811
    folder = tmp_path_factory.mktemp("siglip")
    transformers_siglip(folder, pictures[:2], 2, is_small=True)
    return folder


@torch.no_grad()
def transformers_similarities(folder: Path, paths: list[Path]) -> np.ndarray:
    """[num_pictures, num_labels]"""
    model, processor = CLIPModel.from_pretrained(folder), AutoImageProcessor.from_pretrained(folder, backend="pil")
    pixel_values = processor(images=[open_upright(path) for path in paths], return_tensors="pt").pixel_values
    output = model(input_ids=load_tokenizer(None, 77)([f"a photo of a {label}." for label in LABELS]),
                   attention_mask=None, pixel_values=pixel_values)
    return (output.image_embeds @ output.text_embeds.T).numpy()


def import_folder(run_clipcls: RunClipcls, folder: Path, tmp_path: Path) -> Path:
    result = run_clipcls("model", "import", folder, "--output", tmp_path / "model")
    assert (result.returncode, result.stderr) == (0, "")
    return tmp_path / "model"


def require_same_similarities(run_clipcls: RunClipcls, folder: Path, paths: list[Path], tmp_path: Path) -> None:
    model = import_folder(run_clipcls, folder, tmp_path)
    rows = run_json(run_clipcls, model, paths, "--top-k", len(LABELS))
    for row, expected in zip(rows, transformers_similarities(folder, paths), strict=True):
        found = {prediction["label"]: prediction["similarity"] for prediction in row["predictions"]}
        assert np.abs([found[label] for label in LABELS] - expected).max() < MAX_SIMILARITY_ERROR, row["image"]


def pictures_of_every_margin(folder: Path) -> list[Path]:
    """Margins of 0 to 7 pixels beside and above the crop."""
    paths = []
    for margin in range(8):
        noise = np.random.default_rng(margin).integers(0, 256, (40, 40 + margin, 3), dtype=np.uint8)
        for name, pixels in ((f"wide{margin}.ppm", noise), (f"tall{margin}.ppm", noise.transpose(1, 0, 2))):
            header = f"P6 {pixels.shape[1]} {pixels.shape[0]} 255\n".encode()
            (folder / name).write_bytes(header + pixels.tobytes())
            paths.append(folder / name)
    return paths


def test_crops_as_transformers_does(clip: Path, run_clipcls: RunClipcls, tmp_path: Path) -> None:
    require_same_similarities(run_clipcls, clip, pictures_of_every_margin(tmp_path), tmp_path)


def test_crops_so_without_a_processor_as_well(clip: Path, run_clipcls: RunClipcls, tmp_path: Path) -> None:
    source = copy(clip, tmp_path)
    (source / "preprocessor_config.json").unlink()
    model = import_folder(run_clipcls, source, tmp_path)
    assert json.loads((model / "config.json").read_text("utf-8"))["image"]["crop_rounds_down"] is True


def test_processor_config_wins(clip: Path, run_clipcls: RunClipcls, tmp_path: Path, pictures: list[Path]) -> None:  # noqa: F811
    """… over a preprocessor_config.json that an older version left there."""
    source = copy(clip, tmp_path)
    processor = json.loads((source / "preprocessor_config.json").read_text("utf-8"))
    change_json(source / "processor_config.json", image_processor=processor | {"image_mean": [0.1, 0.2, 0.3]})
    require_same_similarities(run_clipcls, source, pictures, tmp_path)


@pytest.mark.parametrize("class_name", ["SiglipImageProcessor", "ViTImageProcessorFast", "ChineseCLIPImageProcessor"])
def test_the_class_of_the_processor_gives_the_defaults(class_name: str, clip: Path, run_clipcls: RunClipcls, tmp_path: Path,
                                                       pictures: list[Path]) -> None:  # noqa: F811
    source = copy(clip, tmp_path)
    (source / "preprocessor_config.json").write_text(json.dumps(
        {"image_processor_type": class_name, "size": {"height": 40, "width": 40}, "crop_size": 40}), "utf-8")
    require_same_similarities(run_clipcls, source, pictures, tmp_path)


@pytest.mark.parametrize("changes", [
    {"image_processor_type": "LevitImageProcessor"},
    {"image_processor_type": "PoolFormerImageProcessor", "crop_pct": 0.9},
    {"image_processor_type": "EfficientNetImageProcessor", "rescale_offset": True},
])
def test_processors_with_steps_of_their_own_are_refused(changes: dict[str, Any], clip: Path, run_clipcls: RunClipcls,
                                                        tmp_path: Path) -> None:
    source = copy(clip, tmp_path)
    change_json(source / "preprocessor_config.json", **changes)
    one_line_error(run_clipcls("model", "import", source, "--output", tmp_path / "model"), "preprocessor_config.json",
                   f'image_processor_type is "{changes["image_processor_type"]}"')


@pytest.mark.parametrize("has_json", [False, True])
@pytest.mark.parametrize("changes", [
    {"do_lower_case": False}, {"strip_accents": False}, {"strip_accents": True, "do_lower_case": False},
    {"tokenize_chinese_chars": False}, {"model_max_length": 20},
], ids=str)
def test_bert_tokenizers_follow_their_settings(changes: dict[str, Any], has_json: bool, bert: Path, run_clipcls: RunClipcls,
                                               tmp_path: Path) -> None:
    """The settings also count where a tokenizer.json was written with others."""
    source = copy(bert, tmp_path)
    if has_json:
        BertTokenizer.from_pretrained(source).save_pretrained(source)
        assert (source / "tokenizer.json").exists()
    change_json(source / "tokenizer_config.json", **changes)
    tokenizer = BertTokenizer.from_pretrained(source)
    positions = json.loads((source / "config.json").read_text("utf-8"))["text_config"]["max_position_embeddings"]
    expected = tokenizer(list(TEXTS), truncation=True, max_length=min(positions, tokenizer.model_max_length)).input_ids
    model = import_folder(run_clipcls, source, tmp_path)
    result = run_clipcls("tokenize", "--model", model, *TEXTS)
    assert json.loads(result.stdout) == expected


def no_lower_case(tokenizer: dict[str, Any]) -> None:
    tokenizer["normalizer"] = {"type": "NFC"}


def no_start_token(tokenizer: dict[str, Any]) -> None:
    tokenizer["post_processor"] = None


@pytest.mark.parametrize("class_name, change, parts", [
    ("CLIPTokenizerFast", no_lower_case, ()),  # it does not look at these parts
    ("PreTrainedTokenizerFast", lambda tokenizer: None, ()),
    ("GPT2Tokenizer", lambda tokenizer: None, ("tokenizer_config.json", 'tokenizer_class is "GPT2Tokenizer"')),
    ("BertTokenizer", lambda tokenizer: None, ("tokenizer_config.json", 'tokenizer_class is "BertTokenizer"')),
    ("PreTrainedTokenizerFast", no_lower_case, ("tokenizer.json", "upper case")),
    ("TokenizersBackend", no_start_token, ("tokenizer.json", "no post_processor")),
])
def test_another_tokenizer_of_clips_vocabulary_is_refused(
        class_name: str, change: Callable[[dict[str, Any]], None], parts: tuple[str, ...], run_clipcls: RunClipcls,
        tmp_path: Path) -> None:
    source = tmp_path / "source"
    vocab_size = 512 + NUM_OWN_MERGES + 2
    transformers_checkpoint(source, transformers_model(31, eos_token_id=vocab_size - 1, vocab_size=vocab_size))
    merges = [tuple(line.split()) for line in own_merges().splitlines()[1:]]
    CLIPTokenizer(vocab=token_ids_of(own_merges()), merges=merges).save_pretrained(source)
    tokenizer = json.loads((source / "tokenizer.json").read_text("utf-8"))
    change(tokenizer)
    (source / "tokenizer.json").write_text(json.dumps(tokenizer), "utf-8")
    change_json(source / "tokenizer_config.json", tokenizer_class=class_name)
    if parts:
        one_line_error(run_clipcls("model", "import", source, "--output", tmp_path / "model"), *parts)
        return
    texts = ["a photo of a Cat.", "two  dogs"]
    result = run_clipcls("tokenize", "--model", import_folder(run_clipcls, source, tmp_path), *texts)
    assert json.loads(result.stdout) == AutoTokenizer.from_pretrained(source)(texts).input_ids


@pytest.mark.parametrize("changes, part", [
    ({"padding_side": "left"}, 'padding_side is "left"'), ({"truncation_side": "left"}, 'truncation_side is "left"'),
    ({"model_max_length": 32}, "model_max_length is 32, and the model has 64 positions"),
])
def test_other_places_of_a_text_are_refused(changes: dict[str, Any], part: str, siglip: Path, run_clipcls: RunClipcls,
                                            tmp_path: Path) -> None:
    source = copy(siglip, tmp_path)
    change_json(source / "tokenizer_config.json", **changes)
    one_line_error(run_clipcls("model", "import", source, "--output", tmp_path / "model"), "tokenizer_config.json", part)
