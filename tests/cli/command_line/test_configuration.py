"""The configuration file: where it is, what it sets, what is stronger, and what is refused."""
import json
import os
from pathlib import Path

import processes
import pytest
from conftest import ROOT, one_line_error

SHARK = ROOT / "models" / "everyday" / "shark.png"


class Runner:
    def __init__(self, binary: Path, folder: Path) -> None:
        self.binary, self.folder, self.file = binary, folder, folder / "config.toml"

    def __call__(self, text: str | None, *arguments: object, **variables: str):
        if text is not None:
            self.file.write_text(text, "utf-8")
            variables = {"CLIPCLS_CONFIG": str(self.file)} | variables
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CLIPCLS_")}
        return processes.run([str(self.binary), *map(str, arguments)], cwd=self.folder, env=kept | variables, capture_output=True,
                             encoding="utf-8", check=False)

    def labels(self, text: str | None, *arguments: object, **variables: str) -> list[str]:
        result = self(text, SHARK, "-f", "jsonl", *arguments, **variables)
        assert result.returncode == 0, result.stderr
        return [prediction["label"] for prediction in json.loads(result.stdout)["predictions"]]


@pytest.fixture()
def run(clipcls_binary: Path, tmp_path: Path) -> Runner:
    return Runner(clipcls_binary, tmp_path)


FISH = 'labels = "shark,cod,bread"\n'


def test_it_presets_flags(run):
    assert set(run.labels(FISH + "top-k = 2")) < {"shark", "cod", "bread"}
    assert len(run.labels(FISH + "top-k = 2")) == 2
    assert set(run.labels('label = ["shark", "a, b"]  # two\n')) == {"shark", "a, b"}
    assert set(run.labels('label = [\n  "shark",\n  "a cat",\n]\n')) == {"shark", "a cat"}


def test_a_comment_ends_no_text(run):
    assert run.labels('label = "#1 fan"  # one\n') == ["#1 fan"]


def test_the_command_line_is_stronger(run):
    text = FISH + 'top-k = 1\ntemplates = "simple"\nquiet = true\n'
    assert len(run.labels(text, "-k", 3)) == 3
    assert set(run.labels(text, "-k", 3, "-l", "cat,dog")) == {"cat", "dog"}
    assert run.labels(text, "--label", "cat") == ["cat"]  # and none of the file's list
    assert run(text, SHARK, "-t", "a {}", "-v").returncode == 0  # neither --templates nor --quiet is in the way
    assert set(run.labels(FISH, "--no-config", "-l", "cat,dog")) == {"cat", "dog"}
    one_line_error(run(FISH, SHARK, "--no-config"), "no labels given")


def test_environment_variables_are_stronger(run):
    text = FISH + 'model = "no-such-model"\n'
    assert run(text, SHARK).returncode == 2
    assert run(text, SHARK, CLIPCLS_MODEL="everyday").returncode == 0
    text = FISH + 'cache-dir = "/of/the/file"\n'
    assert json.loads(run(text, "cache", "info", "-f", "json").stdout)["folder"] == "/of/the/file"
    own = run(text, "cache", "info", "-f", "json", CLIPCLS_CACHE_DIR="/of/the/variable")
    assert json.loads(own.stdout)["folder"] == "/of/the/variable"


def test_where_it_is(run, tmp_path):
    home, xdg = tmp_path / "home", tmp_path / "xdg"
    for folder, labels in ((home / ".config", "a home"), (xdg, "an xdg")):
        (folder / "clipcls").mkdir(parents=True)
        (folder / "clipcls" / "config.toml").write_text(f'label = "{labels}"\n')
    assert run.labels(None, HOME=str(home), XDG_CONFIG_HOME="") == ["a home"]
    assert run.labels(None, HOME=str(home), XDG_CONFIG_HOME="relative") == ["a home"]
    assert run.labels(None, HOME=str(home), XDG_CONFIG_HOME=str(xdg)) == ["an xdg"]
    assert run.labels('label = "a variable"', HOME=str(home), XDG_CONFIG_HOME=str(xdg)) == ["a variable"]
    one_line_error(run(None, SHARK, HOME=str(home), CLIPCLS_CONFIG=""), "no labels given")
    one_line_error(run(None, SHARK, CLIPCLS_CONFIG="/nonexistent"), "CLIPCLS_CONFIG=/nonexistent: no such file")


def test_sections_are_for_commands(run):
    text = '\n[cache.info]\nformat = "json"\n[model.list]\nformat = "json"\n'
    assert isinstance(json.loads(run(text, "cache", "info").stdout), dict)
    assert isinstance(json.loads(run(text, "model", "list").stdout), list)
    # What is at the top is for classifying, but what is about the machine and its model is for all.
    assert run('format = "jsonl"\n', "cache", "info").stdout.startswith("folder:")
    both = 'cache-dir = "/top"\n[cache.info]\nformat = "json"\ncache-dir = "/section"\n'
    assert json.loads(run(both, "cache", "info").stdout)["folder"] == "/section"


def test_presets_that_do_not_fit_are_left_out(run, tmp_path):
    """They are for other runs."""
    text = FISH + 'long = true\nescape-formulas = true\nxmp-name = "replace"\nnegative = "no {}"\nnull = true\nmin-score = 0.1\nscore = "cosine"\n'
    assert run(text, SHARK).returncode == 0
    assert run(text, SHARK, "-f", "csv").stdout.startswith("image,rank,")
    assert run(text, SHARK, "--multi-label").returncode == 0
    assert run(FISH + 'format = "json"\n', SHARK, "-o", "rows.csv").returncode == 0
    assert (tmp_path / "rows.csv").read_text().startswith("image,")


@pytest.mark.parametrize("text, parts", [
    ("top_k = 3", ("config.toml:1: there is no key top_k", "perhaps top-k is meant")),
    ("\n\nlables = 'x'", ("config.toml:3: there is no key lables", "perhaps labels is meant")),
    ("-k = 3", ("config.toml:1: there is no key -k", "perhaps top-k is meant")),
    ("q = true", ("config.toml:1: there is no key q", "perhaps quiet is meant")),
    ('labels = ["cat", "dog"]', ("config.toml:1: labels takes one value, and 2 are given; label takes several",)),
    ("[evla]\nseed = 1", ("config.toml:2: [evla] is the section of no command", "perhaps eval is meant")),
    ("[eval]\ntop-k = 1", ("config.toml:2: there is no key top-k", "clipcls eval --help")),
    ("top-k = 0", ("config.toml:1: top-k 0: is not a whole number from 1",)),
    ("threshold = 50", ("config.toml:1: threshold 50: is not a number from -1 to 1", "write 0.5")),
    ("format = 'xml'", ('config.toml:1: format "xml": is not one of', "json")),
    ("quiet = maybe", ("config.toml:1: quiet = maybe: is not true or false",)),
    ("top-k = [1, 2]", ("config.toml:1: top-k takes one value, and 2 are given",)),
    ("label = a cat", ('config.toml:1: label: a text is written in quotes: label = "a cat"',)),
    ('label = "a cat', ('config.toml:1: label: the text has no closing "',)),
    ('label = ["a",\n"b"\n', ("config.toml:1: the list has no ] at its end",)),
    ('label = ""', ("config.toml:1: label: its value is empty",)),
    ("label =", ("config.toml:1: label has no value",)),
    ("just words", ('config.toml:1: "just words" is not key = value',)),
    ("[eval", ("config.toml:1: a section is written [eval]",)),
    ("quiet = true\nquiet = true", ("config.toml:2: quiet is set a second time",)),
    *((f"{key} = 'x'", (f"config.toml:1: {key} belongs on the command line",)) for key in
      ("output", "overwrite", "resume", "sort-into", "move", "copy", "write-xmp")),
    *((f"{key} = true", (f"config.toml:1: {key} belongs on the command line: it sets nothing",)) for key in
      ("help", "no-config", "version")),
    ("[model.fetch]\nforce = true", ("config.toml:2: force belongs on the command line",)),
])
def test_what_is_wrong_is_said(run, text, parts):
    one_line_error(run(text, SHARK), *parts, "--no-config leaves the file out")
    assert run(text, SHARK, "--no-config", "-l", "cat,dog").returncode == 0


def test_a_file_that_cannot_be_read(run, tmp_path):
    one_line_error(run(None, SHARK, CLIPCLS_CONFIG=str(tmp_path)), f"CLIPCLS_CONFIG={tmp_path}: is a folder", "--no-config")
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    one_line_error(run(None, SHARK, CLIPCLS_CONFIG=str(tmp_path / "binary")), "binary:1: ")


@pytest.mark.parametrize("text, parts", [
    ('labels = "food10"', ("food10: no such file", "config.toml:1 sets labels")),
    (FISH + 'model = "everydy"', ("everydy: no such model", "config.toml:2 sets model")),
    (FISH + 'template = "no place"', ("no place", "{}", "config.toml:2 sets template")),
])
def test_an_error_that_comes_later_names_the_file(run, text, parts):
    one_line_error(run(text, SHARK), *parts)


def test_help_needs_no_configuration(run):
    for words in (("--help",), ("-V",), ("help", "eval"), ("version",), ("man",), ("completion", "bash")):
        assert run("nonsense", *words).returncode == 0


def test_a_resumed_run_compares_what_is_in_effect(run):
    rows = ("-f", "jsonl", "-o", "rows.jsonl", "--resume", SHARK, run.folder / "missing.png")
    assert run(FISH + "top-k = 2", *rows).returncode == 1
    assert run(None, *rows, "-l", "shark,cod,bread", "-k", 2).returncode == 1  # the same, given otherwise
    result = run(FISH + "top-k = 1", *rows)
    assert result.returncode == 2 and "--top-k" in result.stderr


def test_doctor_names_it_and_what_it_sets(run):
    text = 'top-k = 3\n[eval]\nlabels = "pets"\n'
    described = json.loads(run(text, "doctor", "-f", "json").stdout)["configuration"]
    assert described == {"file": str(run.file), "sets": {"top-k": "3", "eval.labels": "pets"}}
    broken = run("top_k = 3", "doctor", "-f", "json")
    assert broken.returncode == 1 and "perhaps top-k is meant" in json.loads(broken.stdout)["problems"][0]
    assert json.loads(run("", "doctor", "-f", "json", CLIPCLS_CONFIG="").stdout)["configuration"] == {"file": None}


def test_paths_may_begin_at_home(run, tmp_path):
    (tmp_path / "fish.txt").write_text("cod\neel\n")
    assert set(run.labels('labels = "~/fish.txt"', HOME=str(tmp_path))) == {"cod", "eel"}
