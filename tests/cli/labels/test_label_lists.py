"""Built-in label lists with their templates, labels as words, and `clipcls labels list` and `show`."""
import json
from pathlib import Path

import pytest
from conftest import messages, one_line_error, rows_of

ROOT = Path(__file__).resolve().parents[3]
CAT = ROOT / "models/everyday/cat.jpg"
OWN = {"cifar10", "cifar100"}  # they take the model's templates


@pytest.fixture(scope="module")
def lists() -> dict:
    """As the files say."""
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in (ROOT / "models/labels").glob("*.json")}
    for name in OWN:
        found[name] = {"templates": [], "labels": (ROOT / f"models/labels/{name}.txt").read_text("utf-8").split()}
    return found


def test_list_names_them_all(run_clipcls, lists):
    rows = json.loads(run_clipcls("labels", "list", "-f", "json").stdout)
    listed = {row["name"]: (row["num_labels"], row["num_templates"]) for row in rows}
    assert listed.pop("imagenet") == (1000, 80)
    assert listed == {name: (len(entry["labels"]), len(entry["templates"])) for name, entry in lists.items()}
    assert len(listed) == 28
    text = run_clipcls("labels", "list").stdout
    assert text.count("\n") == 30 and "food101 " in text and "apple pie, baby back ribs" in text


def test_show_prints_a_list_that_can_be_changed(run_clipcls, lists, tmp_path):
    assert run_clipcls("labels", "show", "food101").stdout.splitlines() == lists["food101"]["labels"]
    changed = tmp_path / "food.json"
    changed.write_text(run_clipcls("labels", "show", "food101", "-f", "json").stdout, "utf-8")
    same = [run_clipcls(CAT, "-l", labels, "-f", "jsonl", "-q").stdout for labels in ("food101", changed)]
    assert same[0] == same[1] != ""
    one_line_error(run_clipcls("labels", "show", "food102"), "food102", "perhaps food101")


def test_a_list_takes_its_own_templates_unless_others_are_given(run_clipcls, tmp_path):
    def scores(*flags: object) -> dict:
        row, = rows_of(run_clipcls(CAT, "-f", "jsonl", "-q", "-k", "10", *flags).stdout)
        return {prediction["label"]: prediction["score"] for prediction in row["predictions"]}

    words = ",".join(line for line in run_clipcls("labels", "show", "stl10").stdout.splitlines())
    own = scores("-l", "stl10")
    assert own == scores("-l", words, "-t", "a photo of a {}.", "-t", "a photo of the {}.")
    assert own != scores("-l", words)
    assert scores("-l", "stl10", "-t", "{}") == scores("-l", words, "-t", "{}")


def test_words(run_clipcls):
    row, = rows_of(run_clipcls(CAT, "-l", "cat, dog,hot dog", "-f", "jsonl", "-q").stdout)
    assert {prediction["label"] for prediction in row["predictions"]} == {"cat", "dog", "hot dog"}
    one_line_error(run_clipcls(CAT, "-l", "cat,,dog"), "cat,,dog", "empty label")


def test_one_label_of_several_words_gets_a_hint(run_clipcls):
    hint = "--label 'cat, dog' is one label; for several write --labels 'cat, dog'"
    assert any(hint in line for line in messages(run_clipcls(CAT, "--label", "cat, dog").stderr))
    assert not any("is one label" in line for line in messages(run_clipcls(CAT, "--label", "cat, dog", "--label", "fish").stderr))


def test_a_word_behind_label_that_names_no_file_gets_a_hint(run_clipcls):
    hint = "dog is taken for a picture; several labels are written --labels cat,dog"
    assert any(hint in line for line in messages(run_clipcls("--label", "cat", "dog", CAT).stderr))
    for command in (("--label", "cat", CAT), ("--label", "cat", "none.png", CAT), ("-l", "cat,dog", "dog", CAT), ("-q", "--label", "cat", "dog", CAT)):
        assert "is taken for a picture" not in run_clipcls(*command).stderr


@pytest.mark.parametrize("command", [(CAT,), ("missing.png",), ("labels", "check"), ("serve",)])
@pytest.mark.parametrize("template", ["a photo", "{} and {}", "{"])
def test_a_template_has_one_place_for_the_label(run_clipcls, command, template):
    labels = ("cat,dog",) if command[0] == "labels" else ("-l", "cat,dog")
    one_line_error(run_clipcls(*command, *labels, "-t", template), f'prompt template "{template}" must have exactly one {{}}')


def test_a_line_with_commas_gets_a_hint(run_clipcls, tmp_path):
    file = tmp_path / "labels.txt"
    file.write_text("cat, dog, fish\n", "utf-8")
    result = run_clipcls(CAT, "-l", file)
    assert result.returncode == 0
    assert any("has one label, with commas" in line and str(file) in line for line in messages(result.stderr))
    checked = run_clipcls("labels", "check", file)
    assert checked.returncode == 1 and "label 1 \"cat, dog, fish\" has commas" in checked.stdout
    assert json.loads(run_clipcls("labels", "check", file, "-f", "json").stdout)["problems"][0]["problem"] == "commas"
    file.write_text("Washington, D.C.\nParis\n", "utf-8")
    assert run_clipcls("labels", "check", file).returncode == 0


def test_without_labels_the_lists_are_named(run_clipcls):
    one_line_error(run_clipcls(CAT), "no labels given", "cat,dog,fish", "cifar100", "food101", "imagenet")
