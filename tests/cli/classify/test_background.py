"""Pictures that are transparent or have 16 bits of grey: what --background makes of them, and the one warning a run that says what is lost."""
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, messages, one_line_error, rows_of
from PIL import Image
from running_server import start  # noqa: F401

LABELS = ("--label", "shark", "--label", "cat", "--label", "dog")
TRANSPARENT = "is mostly transparent"
GREY = "has 16 bits of grey"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """icon.png is black everywhere, and its alpha alone draws; on_white.png and on_red.png are it on a colour; grey.png has 16 bits."""
    folder = tmp_path_factory.mktemp("pictures")
    grey = np.asarray(Image.open(ROOT / "models" / "everyday" / "shark.png").convert("L"))
    icon = np.zeros((*grey.shape, 4), np.uint8)
    icon[grey < 250, 3] = 255
    picture = Image.fromarray(icon, "RGBA")
    picture.save(folder / "icon.png")
    for name, colour in (("on_white", (255, 255, 255)), ("on_red", (255, 0, 0))):
        canvas = Image.new("RGB", picture.size, colour)
        canvas.paste(picture, mask=picture)
        canvas.save(folder / f"{name}.png")
    Image.fromarray(grey.astype(np.uint16) * 200 + 1000).save(folder / "grey.png")
    return folder


def predictions(result: "subprocess.CompletedProcess[str]") -> list[dict]:
    assert result.returncode == 0, result.stderr
    return rows_of(result.stdout)[0]["predictions"]


@pytest.mark.parametrize(("colour", "same"), [("white", "on_white"), ("#fff", "on_white"), ("#FF0000", "on_red"), ("#f00", "on_red")])
def test_a_picture_on_a_background_is_the_picture_that_was_drawn_on_it(run_clipcls, pictures, colour, same):
    drawn = predictions(run_clipcls(pictures / f"{same}.png", *LABELS, "-f", "jsonl"))
    assert predictions(run_clipcls(pictures / "icon.png", *LABELS, "-f", "jsonl", "--background", colour)) == drawn
    assert predictions(run_clipcls(pictures / "icon.png", *LABELS, "-f", "jsonl")) != drawn


@pytest.mark.parametrize("colour", ["", "red", "#ff", "#12345", "#1234567", "#ggg", "#+12", "ffffff", "# 12", "#0x1"])
def test_what_is_no_colour_is_refused(run_clipcls, pictures, colour):
    one_line_error(run_clipcls(pictures / "icon.png", *LABELS, f"--background={colour}"), "--background")


def test_each_loss_is_said_once_a_run(run_clipcls, pictures):
    images = [pictures / name for name in ("on_white.png", "icon.png", "grey.png", "icon.png", "grey.png")]
    lines = messages(run_clipcls(*images, *LABELS, "--16-bit", "clip").stderr)
    assert [line.split(":")[2].strip() for line in lines] == [f"{pictures}/icon.png", f"{pictures}/grey.png"]
    assert TRANSPARENT in lines[0] and "--background white" in lines[0] and GREY in lines[1]
    assert run_clipcls(*images, *LABELS, "--16-bit", "clip", "--quiet").stderr == ""
    assert GREY not in run_clipcls(*images, *LABELS).stderr
    lines = messages(run_clipcls(*images, *LABELS, "--16-bit", "clip", "--background", "black").stderr)
    assert len(lines) == 1 and GREY in lines[0]


def test_every_command_that_decodes_has_the_background_and_the_warning(run_clipcls, pictures, tmp_path, start):  # noqa: F811
    for name, flags in (("hint", ()), ("white", ("--background", "white"))):
        result = run_clipcls("embed", pictures / "icon.png", "-o", tmp_path / name, *flags)
        assert result.returncode == 0 and (TRANSPARENT in result.stderr) == (name == "hint"), result.stderr
    assert run_clipcls("embed", pictures / "on_white.png", "-o", tmp_path / "drawn").returncode == 0
    white, drawn, hint = (np.load(tmp_path / name / "image_features.npy") for name in ("white", "drawn", "hint"))
    assert (white == drawn).all() and (hint != drawn).any()

    for label in ("shark", "cat"):
        (tmp_path / "tree" / label).mkdir(parents=True)
        (tmp_path / "tree" / label / "1.png").write_bytes((pictures / "icon.png").read_bytes())
    for command in ("eval", "calibrate"):
        output = ("-o", tmp_path / "calibration.json") if command == "calibrate" else ()
        assert run_clipcls(command, tmp_path / "tree", *output).stderr.count(TRANSPARENT) == 1
        assert TRANSPARENT not in run_clipcls(command, tmp_path / "tree", *output, "--background", "white").stderr

    icon = (pictures / "icon.png").read_bytes()
    server = start(*LABELS, "--background", "white")
    on_white = server.classify(icon)[1]["predictions"]
    assert server.stop()[1].count(TRANSPARENT) == 0
    server = start(*LABELS)
    for _ in range(2):
        assert server.classify(icon)[1]["predictions"] != on_white
    assert server.stop()[1].count(TRANSPARENT) == 1


def test_rows_on_another_background_are_not_gone_on_with(run_clipcls, pictures, tmp_path):
    command = (pictures / "icon.png", *LABELS, "-f", "csv", "-o", tmp_path / "rows.csv", "--resume", "--background")
    assert run_clipcls(*command, "#fff").returncode == 0
    assert run_clipcls(*command, "white").returncode == 0
    result = run_clipcls(*command, "black")
    assert result.returncode == 2 and "--background" in result.stderr
