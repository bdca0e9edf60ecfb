"""--page: which picture of a file that has several."""
import json
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, messages, one_line_error, rows_of
from PIL import Image
from running_server import start  # noqa: F401

EVERYDAY = ROOT / "models" / "everyday"
NAMES = ("shark.png", "cat.jpg", "rocket.jpg")
LABELS = ("--label", "shark", "--label", "cat", "--label", "rocket")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder: book.tif has the pictures of NAMES as pages, and loop.gif as frames; 1.png to 3.png are the pages, f1.png to f3.png the
    frames as Pillow has them."""
    folder = tmp_path_factory.mktemp("pages")
    pictures = [Image.open(EVERYDAY / name).convert("RGB").resize((64, 64)) for name in NAMES]
    pictures[0].save(folder / "book.tif", save_all=True, append_images=pictures[1:])
    pictures[0].save(folder / "loop.gif", save_all=True, append_images=pictures[1:])
    for name, prefix in (("book.tif", ""), ("loop.gif", "f")):
        with Image.open(folder / name) as several:
            for number in range(3):
                several.seek(number)
                several.convert("RGB").save(folder / f"{prefix}{number + 1}.png")
    return folder


def predictions(result: "subprocess.CompletedProcess[str]") -> list[dict]:
    assert result.returncode == 0, result.stderr
    return rows_of(result.stdout)[0]["predictions"]


@pytest.mark.parametrize("page", [1, 2, 3])
def test_each_page_is_the_picture_by_itself(run_clipcls, pages, page):
    for several, alone in (("book.tif", f"{page}.png"), ("loop.gif", f"f{page}.png")):
        found = predictions(run_clipcls(pages / several, *LABELS, "-f", "jsonl", "--page", page))
        assert found == predictions(run_clipcls(pages / alone, *LABELS, "-f", "jsonl"))
        assert found[0]["label"] == NAMES[page - 1].split(".")[0]
        if page == 1:
            assert found == predictions(run_clipcls(pages / several, *LABELS, "-f", "jsonl"))


def test_a_file_with_fewer_pages_is_a_row_with_an_error(run_clipcls, pages):
    result = run_clipcls(pages / "book.tif", pages / "1.png", pages / "loop.gif", *LABELS, "-f", "jsonl", "--page", 2)
    book, single, loop = rows_of(result.stdout)
    assert result.returncode == 1 and "predictions" in book and "predictions" in loop
    assert single["error"] == {"kind": "not_found", "message": "the PNG picture has 1 page, and --page asks for the 2nd"}
    result = run_clipcls(pages / "book.tif", *LABELS, "-f", "jsonl", "--page", 7)
    assert rows_of(result.stdout)[0]["error"]["message"] == "the TIFF picture has 3 pages, and --page asks for the 7th"
    assert len(messages(result.stderr)) == 1


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "x", "", "1000001"])
def test_what_is_no_page_is_refused(run_clipcls, pages, value):
    one_line_error(run_clipcls(pages / "book.tif", *LABELS, f"--page={value}"), "--page")


def test_features_say_their_page_and_cannot_be_asked_for_another(run_clipcls, pages, tmp_path):
    for page, name in ((1, "first"), (3, "third")):
        assert run_clipcls("embed", pages / "book.tif", "--page", page, "-o", tmp_path / name).returncode == 0
        assert json.loads((tmp_path / name / "embedding.json").read_text())["page"] == page
    ranked = predictions(run_clipcls("--image-features", tmp_path / "third", *LABELS, "-f", "jsonl"))
    assert ranked[0]["label"] == "rocket"
    one_line_error(run_clipcls("--image-features", tmp_path / "third", *LABELS, "--page", 2), "--page cannot be used with --image-features")


def test_rows_of_another_page_are_not_gone_on_with(run_clipcls, pages, tmp_path):
    common = (pages / "book.tif", *LABELS, "-o", tmp_path / "rows.jsonl", "--resume")
    assert run_clipcls(*common, "--page", 2).returncode == 0
    one_line_error(run_clipcls(*common), "--page")
    assert run_clipcls(*common, "--page", 2).returncode == 0


def test_measured_on_a_page(run_clipcls, pages, tmp_path):
    for name in ("shark", "cat"):
        (tmp_path / "classes" / name).mkdir(parents=True)
    (tmp_path / "classes" / "shark" / "book.tif").write_bytes((pages / "book.tif").read_bytes())
    cat = Image.open(pages / "2.png")
    cat.save(tmp_path / "classes" / "cat" / "cats.tif", save_all=True, append_images=[cat])
    for page, right in ((1, 1.0), (2, 0.5)):  # the second page of the book is a cat
        figures = json.loads(run_clipcls("eval", tmp_path / "classes", "-f", "json", "--page", page).stdout)
        assert figures["runs"][0]["top1"] == right
    assert run_clipcls("calibrate", tmp_path / "classes", "-o", tmp_path / "calibration.json", "--page", 9).returncode == 2


def test_the_server_takes_it_by_flag_and_by_request(start, pages):
    server = start("-l", "pets", "--page", "2")
    book = (pages / "book.tif").read_bytes()

    def best(query: str = "") -> str:
        status, _, body = server.request("POST", f"/classify?label=shark&label=cat&label=rocket{query}", book, {})
        assert status == 200, body
        return json.loads(body)["predictions"][0]["label"]

    assert [best(), best("&page=1"), best("&page=3")] == ["cat", "shark", "rocket"]
    status, _, body = server.request("POST", "/classify?page=4", book, {})
    assert status == 400 and json.loads(body)["error"]["kind"] == "not_found" and "has 3 pages" in json.loads(body)["error"]["message"]
    for wrong in ("0", "x", "1&page=2", "99999999999999"):
        status, _, body = server.request("POST", f"/classify?page={wrong}", book, {})
        assert status == 400 and "field page" in json.loads(body)["error"]["message"]
