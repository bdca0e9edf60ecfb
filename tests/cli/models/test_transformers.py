"""A full-size ViT-B/32 of transformers, imported by the program, against transformers itself: its image processor and
its CLIPModel, end to end. Tolerances and pictures are those of test_parity.py.

The image processor is the one that computes with Pillow; transformers' other one, on torchvision's tensors, rounds
otherwise and is off by a level in some pixels. Token ids come from open_clip: transformers' tokenizer takes its
vocabulary from the hub.
"""
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from export.reference import load_tokenizer  # before transformers: it makes torchvision importable
from conftest import RunClipcls
from make_checkpoints import randomise
from reference_pictures import LABELS, open_upright, pictures  # noqa: F401: a fixture
from test_parity import TOP_K, check_row, run_json
from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel


@pytest.fixture(scope="module")
def model() -> CLIPModel:
    torch.manual_seed(5)
    model = CLIPModel(CLIPConfig()).eval().requires_grad_(False)  # its defaults are ViT-B/32
    assert model.config.vision_config.hidden_size == 768 and model.config.vision_config.num_hidden_layers == 12
    randomise(model)
    return model


@pytest.fixture(scope="module")
def folder(model: CLIPModel, run_clipcls: RunClipcls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    source = tmp_path_factory.mktemp("published")
    model.save_pretrained(source)
    CLIPImageProcessorPil().save_pretrained(source)
    output = tmp_path_factory.mktemp("models") / "vit-b-32"
    result = run_clipcls("model", "import", source, "--output", output)
    assert (result.returncode, result.stderr) == (0, "")
    shutil.rmtree(source)
    yield output
    shutil.rmtree(output)  # 600 MB that pytest would keep for three runs


@torch.no_grad()
def answers(model: CLIPModel, paths: list[Path]) -> tuple[np.ndarray, np.ndarray]:
    """similarities and scores, [num_pictures, num_labels] each"""
    pixel_values = CLIPImageProcessorPil()(images=[open_upright(path) for path in paths], return_tensors="pt")
    token_ids = load_tokenizer(None, 77)([f"a photo of a {label}." for label in LABELS])
    output = model(input_ids=token_ids, attention_mask=None, **pixel_values)
    similarities = output.image_embeds @ output.text_embeds.T
    return similarities.numpy(), output.logits_per_image.softmax(dim=-1).numpy()


def test_same_answers(model: CLIPModel, folder: Path, run_clipcls: RunClipcls,
                      pictures: list[Path]) -> None:  # noqa: F811
    similarities, scores = answers(model, pictures)
    assert len({tuple(row.argsort()[-TOP_K:]) for row in similarities}) >= 5  # or nothing would be tested
    rows = run_json(run_clipcls, folder, pictures, "--top-k", len(LABELS))
    for row, similarity, score in zip(rows, similarities, scores, strict=True):
        check_row(row, similarity, score)


def test_verify_passes(folder: Path, run_clipcls: RunClipcls) -> None:
    result = run_clipcls("model", "verify", folder)
    assert result.returncode == 0, result.stdout + result.stderr
