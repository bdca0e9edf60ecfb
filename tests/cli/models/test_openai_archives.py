"""TorchScript archives of the layout that OpenAI published, through the real program, against open_clip's own reading
of them (load_openai_model: OpenAI's build_model) in float32. Tolerances and pictures are those of test_parity.py."""
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from broken_openai_archives import BROKEN_ARCHIVES, BrokenArchive
from export.reference import load_tokenizer
from conftest import RunClipcls
from make_test_models import OLD_MODEL
from make_openai_archives import CONFIGS, load_reference_model
from test_broken_models import check_error
from reference_pictures import LABELS, pictures  # noqa: F401: a fixture
from test_parity import TEMPLATES, Reference, check_row, run_json

ARCHIVES = tuple(CONFIGS)
TEMPLATE = ("a photo of a {}.",)


@pytest.fixture(scope="module", params=ARCHIVES)
def archive(request: pytest.FixtureRequest, test_models: Path) -> Path:
    return test_models / "openai" / f"{request.param}.pt"


@pytest.fixture(scope="module")
def reference(archive: Path) -> Reference:
    config = {"image": {"size": CONFIGS[archive.stem]["vision_cfg"]["image_size"],
                        "mean": [0.48145466, 0.4578275, 0.40821073], "std": [0.26862954, 0.26130258, 0.27577711],
                        "interpolation": "bicubic", "resize_mode": "shortest"}}
    return Reference(archive.stem, config, load_reference_model(archive), load_tokenizer(None, 77))


def test_the_archives_own_graphs_do_not_run_here(archive: Path) -> None:
    """They are what the published files are: traced on a GPU, in half precision."""
    model = torch.jit.load(archive, map_location="cpu")
    size = int(model.input_resolution)
    assert {name for name in ("forward", "encode_image", "encode_text") if hasattr(model, name)} == \
        {"forward", "encode_image", "encode_text"}
    assert model.state_dict()["visual.conv1.weight"].dtype == torch.float16
    assert 'torch.device("cuda:0")' in model.encode_image.code and ", 5" in model.encode_image.code
    with pytest.raises(RuntimeError):
        model.encode_image(torch.zeros(1, 3, size, size))
    with pytest.raises(RuntimeError):
        model.encode_text(torch.zeros(1, 77, dtype=torch.int))


def test_same_answers(archive: Path, reference: Reference, run_clipcls: RunClipcls,
                      pictures: list[Path]) -> None:  # noqa: F811
    similarities, scores = reference.classify(pictures, TEMPLATE)
    rows = run_json(run_clipcls, archive, pictures, "--top-k", len(LABELS))
    for row, similarity, score in zip(rows, similarities, scores, strict=True):
        check_row(row, similarity, score)


def test_same_answers_with_several_templates(archive: Path, reference: Reference, run_clipcls: RunClipcls,
                                             pictures: list[Path]) -> None:  # noqa: F811
    similarities, scores = reference.classify(pictures[:3], TEMPLATES)
    options = [argument for template in TEMPLATES for argument in ("--template", template)]
    rows = run_json(run_clipcls, archive, pictures[:3], "--top-k", len(LABELS), *options)
    for row, similarity, score in zip(rows, similarities, scores, strict=True):
        check_row(row, similarity, score)


def test_rankings_mean_something(reference: Reference, pictures: list[Path]) -> None:  # noqa: F811
    similarities, scores = reference.classify(pictures, TEMPLATE)
    assert len({tuple(row.argsort()[-5:]) for row in similarities}) >= 5
    assert np.ptp(scores, axis=1).min() > 0.01


def test_archive_equals_the_folder_that_the_exporter_makes_of_it(test_models: Path, run_clipcls: RunClipcls,
                                                                 pictures: list[Path]) -> None:  # noqa: F811
    folder = test_models / "openai" / "vit"
    from_folder = run_json(run_clipcls, folder, pictures, "--top-k", len(LABELS))
    from_archive = run_json(run_clipcls, folder.with_suffix(".pt"), pictures, "--top-k", len(LABELS))
    for folder_row, archive_row in zip(from_folder, from_archive, strict=True):
        expected = {prediction["label"]: prediction for prediction in folder_row["predictions"]}
        for prediction in archive_row["predictions"]:
            assert abs(prediction["similarity"] - expected[prediction["label"]]["similarity"]) < 1e-6
            assert abs(prediction["score"] - expected[prediction["label"]]["score"]) < 1e-4


def test_the_name_of_the_file_does_not_matter(test_models: Path, run_clipcls: RunClipcls, tmp_path: Path,
                                                 pictures: list[Path]) -> None:  # noqa: F811
    copy = tmp_path / "published model"
    shutil.copy(test_models / "openai" / "vit.pt", copy)
    result = run_clipcls(pictures[0], "--model", copy, "--label", "cat", "--label", "dog", "--verbose")
    assert result.returncode == 0, result.stderr
    assert "model published model (" in result.stderr
    assert result.stdout.startswith("Top predictions:\n\n")


def test_tokenize_uses_clips_vocabulary(test_models: Path, run_clipcls: RunClipcls) -> None:
    result = run_clipcls("tokenize", "a photo of a cat.", "--model", test_models / "openai" / "vit.pt")
    assert json.loads(result.stdout) == [[49406, 320, 1125, 539, 320, 2368, 269, 49407]]


@pytest.fixture(scope="module")
def picture(pictures: list[Path]) -> Path:  # noqa: F811
    return pictures[0]


@pytest.mark.parametrize("broken", BROKEN_ARCHIVES, ids=lambda broken: broken.name)
def test_broken_archive(run_clipcls: RunClipcls, test_models: Path, picture: Path, broken: BrokenArchive) -> None:
    check_error(run_clipcls, test_models / "openai" / "broken" / f"{broken.name}.pt", picture, broken.expected_words)


def test_an_encoder_of_a_folder_is_no_model(run_clipcls: RunClipcls, picture: Path) -> None:
    check_error(run_clipcls, OLD_MODEL / "image_encoder.pt", picture,
                ("has no tensor visual.conv1.weight",))
