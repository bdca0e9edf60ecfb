"""What holds of every README: sizes, parts, links. Links in an installed copy: packaging/test_install.py."""
from pathlib import Path

import pytest
from readmes import ROOT, dead_links, readmes

ROOMS = [path for path in readmes() if path.parent.parent in (ROOT / "src", ROOT / "scripts") or path.parent.name in ("models", "pictogram", "bench")]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_first_page_is_short():
    assert (ROOT / "README.md").stat().st_size <= 12288


@pytest.mark.parametrize("path", [*readmes(), ROOT / "models/ZOO.md", ROOT / "models/pictogram/CREDITS.md"], ids=name)
def test_links_lead_somewhere(path: Path):
    assert not dead_links(path)


@pytest.mark.parametrize("path", ROOMS, ids=name)
def test_the_first_part_of_a_room_says_the_same_three_things(path: Path):
    first, _, _ = path.read_text("utf-8").partition("\n---\n")
    assert first.count("\n") <= 60
    assert [line for line in first.splitlines() if line.startswith("## ")] == [
        "## What lives here", "## What may be touched", "## How to test it alone"]
