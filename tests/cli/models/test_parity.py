"""The program's answers against open_clip in Python: the same weights, the same pictures, the same labels.

The reference is open_clip's own code from end to end: preprocess_val (on a picture that Pillow turned upright by its
EXIF orientation and converted to RGB: open_clip itself ignores the one and does the other after the resize), its
tokenizer, encode_image, build_zero_shot_classifier.

Tolerances. Both sides compute in float32 and sum in different orders; over twelve layers that moves a cosine by
some 3e-7. A cosine that is off by e moves a logit by 100 e and a percentage p by at most 100 p (1 - p) 100 e,
that is 2500 e: with MAX_SIMILARITY_ERROR = 4e-6 no percentage is off by more than MAX_PERCENTAGE_ERROR = 0.01.

Ties. Two labels whose reference similarities lie within TIE of each other may come in either order; everywhere
else the order has to be the reference's. Random weights give near ties for most labels unless the features are
spread: make_test_models.spread_features does that, and test_rankings_mean_something checks it.
"""
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from export.load_encoders import load_encoders
from export.open_clip_import import open_clip
from export.reference import load_tokenizer, preprocess_steps
from conftest import RunClipcls
from make_test_models import build_model
from reference_pictures import LABELS, open_upright, pictures  # noqa: F401: a fixture

MAX_SIMILARITY_ERROR = 4e-6
MAX_PERCENTAGE_ERROR = 0.01
TIE = MAX_SIMILARITY_ERROR
TOP_K = 5

TEMPLATES = ("a photo of a {}.", "a bad photo of the {}.", "itap of my {}.", "{}")
EXACT_MODELS = ("vit-b-32", "tiny", "tiny-squash", "tiny-sigmoid", "tiny-merges")


@dataclass
class Reference:
    """One model as open_clip runs it."""
    name: str
    config: dict[str, Any]
    model: Any
    tokenizer: Any
    labels: tuple[str, ...] = LABELS
    answers: dict[Any, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    def image_features(self, paths: list[Path]) -> torch.Tensor:
        """[num_pictures, embed_dim], unit length"""
        resize_and_crop, normalise = preprocess_steps(self.config)
        pixel_values = [normalise(resize_and_crop(open_upright(path))) for path in paths]
        return self.model.encode_image(torch.stack(pixel_values), normalize=True)

    def classify(self, paths: list[Path], templates: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
        """similarities and scores, [num_pictures, num_labels] each; computed once for the same question"""
        question = (tuple(paths), templates)
        if question not in self.answers:
            self.answers[question] = self.compute(paths, templates)
        return self.answers[question]

    @torch.no_grad()
    def compute(self, paths: list[Path], templates: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
        weights = open_clip.build_zero_shot_classifier(self.model, self.tokenizer, self.labels, templates)
        similarity = self.image_features(paths) @ weights  # open_clip's weights are [embed_dim, num_labels]
        logits = self.model.logit_scale.exp() * similarity
        if self.model.logit_bias is None:
            return similarity.numpy(), logits.softmax(dim=-1).numpy()
        return similarity.numpy(), (logits + self.model.logit_bias).sigmoid().numpy()


# Of the full size, random weights take seconds to draw.
model_of = cache(build_model)


@pytest.fixture(scope="module", params=EXACT_MODELS)
def reference(request: pytest.FixtureRequest, test_models: Path) -> Reference:
    config = json.loads((test_models / request.param / "config.json").read_text("utf-8"))
    model, description = model_of(request.param)
    return Reference(request.param, config, model,
                     load_tokenizer(description.merges_text, config["text"]["context_length"]))


def run_json(run_clipcls: RunClipcls, model: Path, paths: list[Path], *options: object,
             labels: tuple[str, ...] = LABELS) -> list[dict[str, Any]]:
    label_options = [argument for label in labels for argument in ("--label", label)]
    result = run_clipcls(*paths, "--model", model, *label_options, "--format", "json", *options)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def check_row(row: dict[str, Any], similarities: np.ndarray, scores: np.ndarray,
              labels: tuple[str, ...] = LABELS) -> None:
    """row: the program's answer with all labels; similarities and scores: the reference's, [num_labels]."""
    index = [labels.index(prediction["label"]) for prediction in row["predictions"]]
    assert sorted(index) == list(range(len(labels)))
    similarity_error = np.abs([p["similarity"] for p in row["predictions"]] - similarities[index])
    percentage_error = 100 * np.abs([p["score"] for p in row["predictions"]] - scores[index])
    assert similarity_error.max() <= MAX_SIMILARITY_ERROR, row["image"]
    assert percentage_error.max() <= MAX_PERCENTAGE_ERROR, row["image"]
    check_order(index, similarities)


def check_order(index: list[int], similarities: np.ndarray) -> None:
    """The label at each of the first TOP_K ranks is the reference's, or tied with it."""
    expected = np.argsort(-similarities, kind="stable")
    for rank in range(min(TOP_K, len(index))):
        assert abs(similarities[index[rank]] - similarities[expected[rank]]) <= TIE, f"rank {rank + 1}"


def test_same_answers(reference: Reference, run_clipcls: RunClipcls, test_models: Path, pictures: list[Path]) -> None:
    templates = tuple(reference.config["prompt_templates"])
    similarities, scores = reference.classify(pictures, templates)
    rows = run_json(run_clipcls, test_models / reference.name, pictures, "--top-k", len(LABELS))
    assert [row["image"] for row in rows] == [str(path) for path in pictures]
    for row, similarity, score in zip(rows, similarities, scores, strict=True):
        check_row(row, similarity, score)


def test_same_answers_with_several_templates(reference: Reference, run_clipcls: RunClipcls, test_models: Path,
                                             pictures: list[Path]) -> None:
    similarities, scores = reference.classify(pictures[:3], TEMPLATES)
    options = [argument for template in TEMPLATES for argument in ("--template", template)]
    rows = run_json(run_clipcls, test_models / reference.name, pictures[:3], "--top-k", len(LABELS), *options)
    for row, similarity, score in zip(rows, similarities, scores, strict=True):
        check_row(row, similarity, score)


def test_same_answers_with_openais_80_templates(run_clipcls: RunClipcls, test_models: Path, pictures: list[Path],
                                                tmp_path: Path) -> None:
    """The ensemble of OpenAI's ImageNet numbers, four labels of the full-size model."""
    templates = tuple(template("{}") for template in open_clip.OPENAI_IMAGENET_TEMPLATES)
    assert len(templates) == 80
    file = tmp_path / "templates.txt"
    file.write_text("\n".join(templates), "utf-8")
    config = json.loads((test_models / "vit-b-32" / "config.json").read_text("utf-8"))
    model, _ = model_of("vit-b-32")
    labels = LABELS[:4]
    reference = Reference("vit-b-32", config, model, load_tokenizer(None, 77), labels)
    similarities, scores = reference.classify(pictures[:3], templates)
    rows = run_json(run_clipcls, test_models / "vit-b-32", pictures[:3], "--templates", file, labels=labels)
    for row, similarity, score in zip(rows, similarities, scores, strict=True):
        check_row(row, similarity, score, labels)


def test_top_k_is_the_head_of_the_ranking(reference: Reference, run_clipcls: RunClipcls, test_models: Path,
                                          pictures: list[Path]) -> None:
    """One picture alone, the first five: the same as in a batch with all labels, up to rounding."""
    similarities, scores = reference.classify(pictures[:1], tuple(reference.config["prompt_templates"]))
    [row] = run_json(run_clipcls, test_models / reference.name, pictures[:1])
    index = [LABELS.index(prediction["label"]) for prediction in row["predictions"]]
    assert len(index) == TOP_K
    check_order(index, similarities[0])
    assert np.abs([p["score"] for p in row["predictions"]] - scores[0, index]).max() <= MAX_PERCENTAGE_ERROR / 100


def test_rankings_mean_something(reference: Reference, pictures: list[Path]) -> None:
    """The rankings differ between the pictures, and few of their top labels are tied."""
    similarities, scores = reference.classify(pictures, tuple(reference.config["prompt_templates"]))
    ranked = -np.sort(-similarities, axis=1)
    num_ties = (ranked[:, :TOP_K] - ranked[:, 1:TOP_K + 1] < TIE).sum()
    assert num_ties <= 2
    rankings = {tuple(row.argsort()[-TOP_K:]) for row in similarities}
    assert len(rankings) >= 5
    assert np.ptp(scores, axis=1).min() > 0.01


def test_archives_equal_open_clip(reference: Reference, test_models: Path, pictures: list[Path]) -> None:
    """The exported encoders in Python: cosine with open_clip's features at least 0.99999."""
    image_encoder, text_encoder = load_encoders(test_models / reference.name)
    resize_and_crop, normalise = preprocess_steps(reference.config)
    pixel_values = torch.stack([normalise(resize_and_crop(open_upright(path))) for path in pictures])
    token_ids = reference.tokenizer(list(LABELS))
    with torch.inference_mode():
        image_cosine = F.cosine_similarity(image_encoder(pixel_values), reference.model.encode_image(pixel_values))
        text_cosine = F.cosine_similarity(text_encoder(token_ids), reference.model.encode_text(token_ids))
    assert image_cosine.min() >= 0.99999
    assert text_cosine.min() >= 0.99999
