"""The ending of --output decides the format; and on a terminal no message falls into a row."""
import json
import os
import re

import pytest
from conftest import one_line_error
from output_commands import LABELS, inputs  # noqa: F401: a fixture
from terminals import on_one_terminal, screen

BEGINS = {"text": "Top predictions:\n\n", "json": '[\n{"image":', "jsonl": '{"image":', "csv": "image,label_1,", "tsv": "image\tlabel_1\t",
          "html": "<!DOCTYPE html>"}


@pytest.mark.parametrize("name, format", [
    ("r.json", "json"), ("r.JSON", "json"), ("r.jsonl", "jsonl"), ("r.ndjson", "jsonl"), ("r.csv", "csv"), ("r.tsv", "tsv"), ("r.html", "html"),
    ("r.htm", "html"), ("r.txt", "text"), ("r", "text"), ("r.out", "text"), ("r.json.bak", "text"), (".json", "text")])
def test_the_ending_decides(run_clipcls, inputs, tmp_path, name, format):
    assert run_clipcls(inputs.picture, *LABELS, "-q", "-o", tmp_path / name).returncode == 0
    assert (tmp_path / name).read_bytes().decode().startswith(BEGINS[format])
    other = "jsonl" if format != "jsonl" else "tsv"
    assert run_clipcls(inputs.picture, *LABELS, "-q", "-f", other, "-o", tmp_path / name).returncode == 0
    assert (tmp_path / name).read_bytes().decode().startswith(BEGINS[other])


def test_it_decides_for_all_that_depends_on_the_format(run_clipcls, inputs, tmp_path):
    assert run_clipcls(inputs.picture, *LABELS, "-q", "--long", "-o", tmp_path / "r.csv").returncode == 0
    assert (tmp_path / "r.csv").read_text().startswith("image,rank,")
    assert run_clipcls(inputs.picture, *LABELS, "-q", "--resume", "-o", tmp_path / "r.jsonl").returncode == 0
    assert run_clipcls(inputs.picture, *LABELS, "-q", "-o", tmp_path / "r.html").returncode == 0
    assert "data:image/jpeg;base64," in (tmp_path / "r.html").read_text()
    one_line_error(run_clipcls(inputs.picture, *LABELS, "--resume", "-o", tmp_path / "r.json"), "--resume")
    assert run_clipcls("--image-features", inputs.features, *LABELS, "-q", "-o", tmp_path / "f.json").returncode == 0
    assert json.loads((tmp_path / "f.json").read_text())[0]["image"] == str(inputs.picture)


def test_eval(run_clipcls, inputs, tmp_path):
    for name, begin in (("e.json", "{"), ("e.html", "<!DOCTYPE html>"), ("e.txt", f"{inputs.labelled}: "), ("e", f"{inputs.labelled}: ")):
        assert run_clipcls("eval", inputs.labelled, "-q", "-o", tmp_path / name).returncode == 0
        assert (tmp_path / name).read_text().startswith(begin)
    one_line_error(run_clipcls("eval", inputs.labelled, "-q", "-o", tmp_path / "e.csv"), "e.csv", "html, json, text", "--format")


def test_a_dash_is_standard_output_for_flags_too(run_clipcls, inputs):
    one_line_error(run_clipcls(inputs.picture, *LABELS, "-o", "-", "--resume", "-f", "csv"), "--resume")
    assert run_clipcls(inputs.picture, *LABELS, "-q", "-o", "-").stdout == run_clipcls(inputs.picture, *LABELS, "-q").stdout
    assert not os.path.exists("-")


@pytest.mark.parametrize("format", ["json", "jsonl", "csv"])
@pytest.mark.parametrize("progress", ["--progress", "--no-progress"])
def test_no_message_falls_into_a_row(clipcls_binary, inputs, tmp_path, format, progress):
    (tmp_path / "broken.png").write_text("no picture")
    images = [inputs.picture, tmp_path / "broken.png", inputs.picture, tmp_path / "none.png"] * 5
    lines = screen(on_one_terminal([clipcls_binary, *images, *LABELS, "-m", "everyday", "-f", format, "--batch-size", 2, progress]))
    messages = [line for line in lines if line.startswith("clipcls: ")]
    rows = [line for line in lines if line and not line.startswith("clipcls: ")]
    assert len(messages) == 11 and not any("clipcls:" in row for row in rows), lines
    if format == "csv":
        assert len(rows) == 21 and all(row.count(",") >= 11 for row in rows)
    else:
        parsed = json.loads("\n".join(rows)) if format == "json" else [json.loads(row) for row in rows]
        assert [row["image"] for row in parsed] == [str(image) for image in images]
    if format == "json":
        assert all(re.fullmatch(r"\[|\]|\{.*\},?", row) for row in rows)
