"""What holds of the READMEs besides their commands: sizes, parts, links, figures. Links in an installed copy: packaging/test_install.py."""
import json
import re
from pathlib import Path

import pytest
from bench.report import BEGIN, END, make_short_table, make_text
from readmes import ROOT, dead_links, readmes

ROOMS = [path for path in readmes() if path.parent.parent in (ROOT / "src", ROOT / "scripts") or path.parent.name in ("models", "everyday", "bench")]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_first_page_is_short():
    assert (ROOT / "README.md").stat().st_size <= 12288


@pytest.mark.parametrize("path, make", [("README.md", make_short_table), ("tests/bench/README.md", make_text)])
def test_figures_are_those_that_were_measured(path: str, make):
    results = json.loads((ROOT / "tests/bench/results.json").read_text("utf-8"))
    _, _, rest = (ROOT / path).read_text("utf-8").partition(BEGIN)
    assert rest.partition(END)[0] == f"\n{make(results)}\n", "run scripts/bench_peers --report-only"


@pytest.mark.parametrize("path", [*readmes(), ROOT / "models/ZOO.md", ROOT / "models/everyday/CREDITS.md"], ids=name)
def test_links_lead_somewhere(path: Path):
    assert not dead_links(path)


@pytest.mark.parametrize("path", ROOMS, ids=name)
def test_the_first_part_of_a_room_says_the_same_three_things(path: Path):
    first, _, _ = path.read_text("utf-8").partition("\n---\n")
    assert first.count("\n") <= 60
    assert [line for line in first.splitlines() if line.startswith("## ")] == [
        "## What lives here", "## What may be touched", "## How to test it alone"]


def names_of_files(first_part: str) -> list[str]:
    """What the table of "What lives here" names in its first column."""
    rows = re.findall(r"^\| (.+?) \|", first_part.partition("## What lives here")[2].partition("\n## ")[0], re.MULTILINE)
    cells = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", row) for row in rows[1:]]
    return [name.strip(" `/…") for cell in cells for name in cell.split(",") if name.strip(" `/…")]


@pytest.mark.parametrize("path", ROOMS, ids=name)
def test_what_is_said_to_live_in_a_room_lives_there(path: Path):
    names = names_of_files(path.read_text("utf-8").partition("\n---\n")[0])
    assert names
    assert [each for each in names if not (path.parent / each).exists() and not any(path.parent.rglob(each + "*"))] == []
