"""`clipcls embed` and --image-features: what Python reads, and that ranking saved features prints what a direct run prints."""
import json
import os
import shutil
from pathlib import Path

import numpy as np
import processes
import pytest
import torch
import torch.nn.functional as F
from conftest import messages, one_line_error
from PIL import Image

from export.load_encoders import load_encoders
from export.reference import preprocess_steps

LABELS = ("--label", "cat", "--label", "dog", "--label", "a hot-air balloon", "--label", "shark")


@pytest.fixture(scope="session")
def model(test_models: Path) -> Path:
    return test_models / "tiny"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Nineteen pictures: more than a batch."""
    folder = tmp_path_factory.mktemp("pictures")
    generator = np.random.default_rng(0)
    for number in range(19):
        pixels = generator.integers(0, 256, (5 + number, 7, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((60, 50), Image.Resampling.BICUBIC).save(folder / f"{number:02}.png")
    return sorted(folder.iterdir())


@pytest.fixture()
def features(run_clipcls, model, pictures, tmp_path) -> Path:
    folder = tmp_path / "features"
    result = run_clipcls("embed", *pictures, "-m", model, "--output", folder)
    assert (result.returncode, result.stdout, messages(result.stderr)) == (0, "", [])
    return folder


def test_numpy_reads_the_features_of_python(model, pictures, features):
    array = np.load(features / "image_features.npy", mmap_mode="r")
    assert array.dtype == np.float32 and array.shape == (len(pictures), 32) and array.flags.c_contiguous
    config = json.loads((model / "config.json").read_text("utf-8"))
    image_encoder, _ = load_encoders(model)
    resize_and_crop, normalise = preprocess_steps(config)
    with torch.inference_mode():
        expected = image_encoder(torch.stack([normalise(resize_and_crop(Image.open(path).convert("RGB"))) for path in pictures]))
    actual = torch.from_numpy(array.copy())
    assert F.cosine_similarity(actual, expected).min() >= 0.99999
    torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-4)  # lengths, too: they are not normalised


def test_the_folder_is_complete(model, pictures, features):
    assert sorted(path.name for path in features.iterdir()) == ["embedding.json", "errors.jsonl", "image_features.npy", "paths.nul"]
    assert (features / "paths.nul").read_bytes().split(b"\0") == [os.fsencode(path) for path in pictures] + [b""]
    assert (features / "errors.jsonl").read_bytes() == b""
    info = json.loads((features / "embedding.json").read_text("utf-8"))
    assert len(info.pop("model_fingerprint")) == 32
    assert info == {"format_version": 1, "model": "tiny", "precision": "fp32", "resize_mode": "shortest", "page": 1, "embed_dim": 32, "num_images": len(pictures),
                    "is_normalized": False}
    assert list(features.parent.iterdir()) == [features]


@pytest.mark.parametrize("flags", [("-f", "jsonl"), ("-f", "json"), ("-f", "text"), ("-f", "jsonl", "-k", "1", "--score", "cosine"),
                                   ("-f", "jsonl", "-k", "99", "-t", "{}", "-t", "the {}")], ids=" ".join)
def test_ranking_features_gives_the_bytes_of_a_direct_run(run_clipcls, model, pictures, features, flags):
    direct = run_clipcls(*pictures, "-m", model, *LABELS, *flags)
    ranked = run_clipcls("--image-features", features, "-m", model, *LABELS, *flags)
    assert (ranked.returncode, messages(ranked.stderr)) == (0, [])
    assert ranked.stdout == direct.stdout != ""


def test_ranking_features_does_not_load_the_image_encoder(run_clipcls, model, features, tmp_path):
    expected = run_clipcls("--image-features", features, "-m", model, *LABELS).stdout
    copy = Path(shutil.copytree(model, tmp_path / "copy"))
    weights = copy / "image_encoder.safetensors"
    start = 8 + int.from_bytes(weights.read_bytes()[:8], "little")
    with open(weights, "r+b") as file:
        file.seek(start)  # the header stays
        file.write(b"\xff" * (weights.stat().st_size - start))
    result = run_clipcls("--image-features", features, "-m", copy, *LABELS, "-o", tmp_path / "out.txt")
    assert result.returncode == 0 and (tmp_path / "out.txt").read_text("utf-8") == expected


def test_names_of_any_bytes_survive(clipcls_binary, run_clipcls, model, pictures, tmp_path):
    names = [b"with\nnewline.png", b"not \xff utf-8.png", b" blanks .png", b"-dash.png"]
    for name in names:
        (tmp_path / os.fsdecode(name)).write_bytes(pictures[0].read_bytes())
    listing = b"".join(name + b"\0" for name in names)
    result = processes.run([clipcls_binary, "embed", "-T", "-", "-0", "-m", model, "-o", tmp_path / "features"], input=listing,
                           cwd=tmp_path, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "features" / "paths.nul").read_bytes() == listing
    again = processes.run([clipcls_binary, "embed", "-T", "features/paths.nul", "-0", "-m", model, "-o", "again"],
                          cwd=tmp_path, capture_output=True, check=False)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again" / "image_features.npy").read_bytes() == (tmp_path / "features" / "image_features.npy").read_bytes()


def test_failed_images_are_left_out_and_listed(run_clipcls, model, pictures, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(pictures[0].read_bytes()[:100])
    inputs = [tmp_path / "missing.png", pictures[0], broken, pictures[1]]
    result = run_clipcls("embed", *inputs, "-m", model, "-o", tmp_path / "features", "--batch-size", 1)
    assert result.returncode == 1 and result.stdout == ""
    assert [line.split(": ")[1] for line in messages(result.stderr)] == [str(inputs[0]), str(inputs[2])]
    assert np.load(tmp_path / "features" / "image_features.npy").shape == (2, 32)
    errors = [json.loads(line) for line in (tmp_path / "features" / "errors.jsonl").read_text("utf-8").splitlines()]
    assert [(row["image"], row["error"]["kind"]) for row in errors] == [(str(inputs[0]), "not_found"), (str(inputs[2]), "broken_image")]
    rows = run_clipcls("--image-features", tmp_path / "features", "-m", model, *LABELS, "-f", "jsonl").stdout.splitlines()
    assert [json.loads(row)["image"] for row in rows] == [str(pictures[0]), str(pictures[1])]


def test_no_image_at_all(run_clipcls, model, tmp_path):
    result = run_clipcls("embed", tmp_path / "missing.png", "-m", model, "-o", tmp_path / "features")
    assert result.returncode == 1 and np.load(tmp_path / "features" / "image_features.npy").shape == (0, 32)
    ranked = run_clipcls("--image-features", tmp_path / "features", "-m", model, *LABELS, "-f", "json")
    assert (ranked.returncode, ranked.stdout) == (0, "[]\n")


def test_an_existing_folder_is_kept(run_clipcls, model, pictures, features, tmp_path):
    before = (features / "image_features.npy").read_bytes()
    one_line_error(run_clipcls("embed", pictures[0], "-m", model, "-o", features), str(features), "exists already")
    assert (features / "image_features.npy").read_bytes() == before
    one_line_error(run_clipcls("embed", pictures[0], "-m", model, "-o", tmp_path / "no" / "where"), "cannot be made")
    one_line_error(run_clipcls("embed", pictures[0], "-m", tmp_path, "-o", tmp_path / "new"), "config.json")
    assert [path.name for path in tmp_path.iterdir()] == ["features"]


def test_features_of_another_model(run_clipcls, test_models, features, tmp_path):
    common = ("--image-features", features, *LABELS)
    one_line_error(run_clipcls(*common), "embedding.json", "field embed_dim is 32 (model tiny)", "256")
    one_line_error(run_clipcls(*common, "-m", test_models / "tiny-fp16"), "embedding.json", "field model_fingerprint is")
    copy = Path(shutil.copytree(test_models / "tiny", tmp_path / "another name"))
    assert run_clipcls(*common, "-m", copy).returncode == 0
    config = json.loads((copy / "config.json").read_text("utf-8"))
    config["image"]["mean"] = [0.5, 0.5, 0.5]
    (copy / "config.json").write_text(json.dumps(config), "utf-8")
    one_line_error(run_clipcls(*common, "-m", copy), "field model_fingerprint is")


def nan_in_row_three(array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array[3, 5] = np.nan
    return array


@pytest.mark.parametrize("part, change", [
    ("row 3 holds nan", nan_in_row_three),
    ("row 0 holds inf", lambda array: array / np.float32(0)),
    ("field descr is '<f8'", lambda array: array.astype(np.float64)),
    ("field descr is '>f4'", lambda array: array.astype(">f4")),
    ("field fortran_order is True", np.asfortranarray),
    ("field shape is (608,)", np.ravel),
    ("has 18 rows", lambda array: array[1:]),
    ("has 31 columns", lambda array: np.ascontiguousarray(array[:, 1:])),
])
def test_arrays_that_do_not_fit(run_clipcls, model, features, part, change):
    with np.errstate(all="ignore"):
        np.save(features / "image_features.npy", change(np.load(features / "image_features.npy")))
    one_line_error(run_clipcls("--image-features", features, "-m", model, *LABELS), "image_features.npy", part)


@pytest.mark.parametrize("part, damage", [
    ("truncated", lambda good: good[:-1]), ("truncated", lambda good: good[:-128]), ("truncated", lambda good: good[:100]),
    ("is not a .npy file", lambda good: b""), ("magic", lambda good: b"x" + good[1:]), ("version is 3.0", lambda good: good[:6] + b"\3" + good[7:]),
    ("field shape is (99999999999999, 32)", lambda good: good.replace(b"(19, 32), }            ", b"(99999999999999, 32), }")),
])
def test_damaged_files(run_clipcls, model, features, part, damage):
    file = features / "image_features.npy"
    file.write_bytes(damage(file.read_bytes()))
    one_line_error(run_clipcls("--image-features", features, "-m", model, *LABELS), str(file), part)


def test_an_array_that_numpy_wrote_is_read(run_clipcls, model, features):
    common = ("--image-features", features, "-m", model, *LABELS, "-f", "jsonl")
    expected = run_clipcls(*common).stdout
    np.save(features / "image_features.npy", np.load(features / "image_features.npy"))
    assert run_clipcls(*common).stdout == expected


@pytest.mark.parametrize("arguments, parts", [
    (("embed", "x.png"), ("--output",)),
    (("embed", "-o", "x"), ("no image given",)),
    (("embed", "-", "-", "-o", "x"), ("'-' is given more than once",)),
    (("--image-features", "/nonexistent"), ("no labels given",)),
    (("--image-features", "/nonexistent", *LABELS), ("/nonexistent/embedding.json", "is missing")),
    (("--image-features", "/nonexistent", "x.png", *LABELS), ("--image-features", "images exclude each other")),
])
def test_bad_flags(run_clipcls, arguments, parts):
    one_line_error(run_clipcls(*arguments), *parts)
