"""src/README.md lists the ways of a label and of a picture through the program: each stop has to exist, and the ways stay short."""

import re

import pytest

from readmes import ROOT

STOP = re.compile(r"^\d+\. `([\w/]+\.cpp):(\w+)`", re.MULTILINE)


def stops_of(heading):
    text = (ROOT / "src" / "README.md").read_text(encoding="utf-8")
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return STOP.findall(section)


@pytest.mark.parametrize(("heading", "most"), [("The way of a label", 10), ("The way of a picture", 20)])
def test_the_stops_of_a_way_exist(heading, most):
    stops = stops_of(heading)
    assert 5 < len(stops) <= most
    for file, function in stops:
        source = (ROOT / "src" / file).read_text(encoding="utf-8")
        # A definition: what is returned stands before the name, and a body follows the parameters.
        defined = rf"^[\w:<>&*, ]+[ &*](?:\w+::)?{function}\([^;{{]*\{{"
        inside_a_class = rf"^  [\w:<>&*, ]+ {function}\([^;{{]*\{{"
        assert re.search(f"{defined}|{inside_a_class}", source, re.MULTILINE), f"{file} defines no {function}()"
