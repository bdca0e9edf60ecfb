"""How images become what the model sees: --16-bit, --accept-truncated and --resize-mode, in every command that reads images."""
import io
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, one_line_error, rows_of
from PIL import Image, ImageFile
from running_server import start  # noqa: F401

SHARK = ROOT / "models" / "everyday" / "shark.png"
SIZE = json.loads((ROOT / "models/everyday/config.json").read_text("utf-8"))["image"]["size"]
LABELS = ("--label", "shark", "--label", "cat", "--label", "rocket", "-f", "jsonl")


def predictions(result: "subprocess.CompletedProcess[str]") -> list[dict]:
    assert result.returncode == 0, result.stderr
    return rows_of(result.stdout)[0]["predictions"]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """deep.png, deep.tif and deep.pgm have 16 bits of grey, and scale.png, stretch.png and clip.png are what they become; wide.png is a
    panorama, and squash.png and pad.png are what it becomes; cut.jpg is cut off, and whole.png what Pillow makes of it."""
    folder = tmp_path_factory.mktemp("pictures")
    deep = np.asarray(Image.open(SHARK).convert("L")).astype(np.uint16) * 60 + 100
    Image.fromarray(deep).save(folder / "deep.png")
    Image.fromarray(deep).save(folder / "deep.tif")
    (folder / "deep.pgm").write_bytes(b"P5\n%d %d\n65535\n" % deep.shape[::-1] + deep.astype(">u2").tobytes())
    low, high = int(deep.min()), int(deep.max())
    for name, values in (("scale", np.floor(deep * 255.0 / 65535 + 0.5)), ("stretch", np.floor((deep - float(low)) * 255 / (high - low) + 0.5)),
                         ("clip", np.minimum(deep, 255))):
        Image.fromarray(values.astype(np.uint8)).convert("RGB").save(folder / f"{name}.png")

    wide = Image.open(ROOT / "models" / "everyday" / "rocket.jpg").convert("RGB").resize((400, 130))
    wide.save(folder / "wide.png")
    wide.resize((SIZE, SIZE), Image.BICUBIC).save(folder / "squash.png")
    padded = Image.new("RGB", (SIZE, SIZE))
    inner = wide.resize((SIZE, round(130 * SIZE / 400)), Image.BICUBIC)
    padded.paste(inner, (0, (SIZE - inner.height) // 2))
    padded.save(folder / "pad.png")

    data = io.BytesIO()
    Image.open(SHARK).convert("RGB").save(data, "JPEG", quality=90)
    (folder / "cut.jpg").write_bytes(data.getvalue()[: len(data.getvalue()) * 2 // 3])
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        Image.open(folder / "cut.jpg").convert("RGB").save(folder / "whole.png")
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    return folder


# (image, flags, the picture that it becomes)
WAYS = [("deep.png", (), "scale"), ("deep.png", ("--16-bit", "stretch"), "stretch"), ("deep.png", ("--16-bit", "clip"), "clip"),
        ("deep.tif", (), "scale"), ("deep.tif", ("--16-bit", "stretch"), "stretch"), ("deep.pgm", ("--16-bit", "scale"), "scale"),
        ("deep.pgm", ("--16-bit", "clip"), "clip"), ("cut.jpg", ("--accept-truncated",), "whole"), ("wide.png", ("--resize-mode", "squash"), "squash"),
        ("wide.png", ("--resize-mode", "pad"), "pad"), ("wide.png", ("--resize-mode", "shortest"), "wide")]


@pytest.mark.parametrize(("image", "flags", "same"), WAYS)
def test_it_is_the_picture_that_it_becomes(run_clipcls, pictures, image, flags, same):
    actual = predictions(run_clipcls(pictures / image, *LABELS, *flags))
    assert actual == predictions(run_clipcls(pictures / f"{same}.png", *LABELS))


@pytest.mark.parametrize(("image", "flags", "same"), [WAYS[1], WAYS[7], WAYS[9]])
def test_every_command_that_reads_images_does(run_clipcls, pictures, tmp_path, start, image, flags, same):  # noqa: F811
    for name, picture, how in (("given", image, flags), ("same", f"{same}.png", ())):
        assert run_clipcls("embed", pictures / picture, "-o", tmp_path / name, *how).returncode == 0
        (tmp_path / "classes" / name / "rocket").mkdir(parents=True)
        (tmp_path / "classes" / name / "rocket" / picture).write_bytes((pictures / picture).read_bytes())
    features = [np.load(tmp_path / name / "image_features.npy") for name in ("given", "same")]
    assert (features[0] == features[1]).all()

    measured = [json.loads(run_clipcls("eval", tmp_path / "classes" / name, "--label", "rocket", "--label", "cat", "-f", "json", *how).stdout)["runs"][0]
                for name, how in (("given", flags), ("same", ()))]
    assert measured[0]["reliability"] == measured[1]["reliability"]
    word = "longest" if "pad" in flags else "shortest"
    assert measured[0]["resize_mode"] == word and json.loads((tmp_path / "given/embedding.json").read_text())["resize_mode"] == word

    server = start(*LABELS[:-2], *flags)
    answer = server.classify((pictures / image).read_bytes())[1]
    assert answer["predictions"] == server.classify((pictures / f"{same}.png").read_bytes())[1]["predictions"]
    server.stop()


@pytest.mark.parametrize("flags", [("--16-bit", "clip"), ("--accept-truncated",), ("--resize-mode", "squash")])
def test_rows_that_were_read_otherwise_are_not_gone_on_with(run_clipcls, pictures, tmp_path, flags):
    command = (pictures / "wide.png", *LABELS[:-2], "-o", tmp_path / "rows.csv", "--resume")
    assert run_clipcls(*command).returncode == 0
    one_line_error(run_clipcls(*command, *flags), f"made with another {flags[0]}")


def test_features_were_read_already(run_clipcls, pictures, tmp_path):
    """They are ranked as they are, and say how they were made."""
    assert run_clipcls("embed", pictures / "wide.png", "-o", tmp_path / "features", "--resize-mode", "pad").returncode == 0
    ranked = predictions(run_clipcls("--image-features", tmp_path / "features", *LABELS))
    assert ranked == predictions(run_clipcls(pictures / "pad.png", *LABELS))
    for flags in (("--resize-mode", "pad"), ("--16-bit", "clip"), ("--accept-truncated",)):
        one_line_error(run_clipcls("--image-features", tmp_path / "features", *LABELS, *flags), flags[0], "--image-features")


def test_what_is_cut_off_is_an_error_or_is_said(run_clipcls, pictures):
    result = run_clipcls(pictures / "cut.jpg", *LABELS)
    assert result.returncode == 1 and rows_of(result.stdout)[0]["error"]["kind"] == "broken_image"
    result = run_clipcls(pictures / "cut.jpg", pictures / "whole.png", pictures / "cut.jpg", *LABELS, "--accept-truncated")
    assert [row.get("truncated") for row in rows_of(result.stdout)] == [True, None, True]
    assert result.stderr.count(f"clipcls: warning: {pictures}/cut.jpg: is cut off or damaged") == 2
    assert run_clipcls(pictures / "cut.jpg", *LABELS, "--accept-truncated", "-q").stderr == ""
    text = run_clipcls(ROOT / "LICENSE", *LABELS, "--accept-truncated")
    assert text.returncode == 1 and rows_of(text.stdout)[0]["error"]["kind"] == "not_an_image"


def test_nearly_black_pictures_have_a_hint(run_clipcls, pictures, tmp_path):
    deep = np.asarray(Image.open(pictures / "deep.png")) // 16
    Image.fromarray(deep).save(tmp_path / "12bit.png")
    result = run_clipcls(tmp_path / "12bit.png", tmp_path / "12bit.png", *LABELS)
    assert result.stderr.count("--16-bit stretch") == 1, result.stderr
    assert "--16-bit" not in run_clipcls(tmp_path / "12bit.png", *LABELS, "--16-bit", "stretch").stderr


@pytest.mark.parametrize("flag", ["--16-bit", "--resize-mode"])
def test_other_words_are_refused(run_clipcls, pictures, flag):
    one_line_error(run_clipcls(pictures / "wide.png", *LABELS, flag, "longest"), flag, '"longest"')


def test_the_configuration_file_has_them(run_clipcls, pictures, tmp_path, monkeypatch):
    (tmp_path / "clipcls").mkdir()
    (tmp_path / "clipcls" / "config.toml").write_text('16-bit = "stretch"\naccept-truncated = true\nresize-mode = "pad"\nraw-pairs = "both"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert predictions(run_clipcls(pictures / "wide.png", *LABELS)) == predictions(run_clipcls(pictures / "pad.png", *LABELS, "--no-config"))
    assert run_clipcls(pictures / "cut.jpg", *LABELS).returncode == 0
