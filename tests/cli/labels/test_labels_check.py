"""`clipcls labels check`: what a model cannot tell apart or read to its end."""
import json
from itertools import combinations
from pathlib import Path

import pytest

from zero_shot_reference import TextEncoder


@pytest.fixture()
def check(run_clipcls, tmp_path):
    """check(text, *flags) is (exit code, problems) of a label file."""
    def run(text: str, *flags: object, name: str = "labels.txt") -> tuple[int, list[dict]]:
        (tmp_path / name).write_text(text, "utf-8")
        result = run_clipcls("labels", "check", tmp_path / name, "-f", "json", *flags)
        assert result.stderr == "", result.stderr
        return result.returncode, json.loads(result.stdout)["problems"]
    return run


def test_a_good_list(run_clipcls, check):
    assert check("cat\nhouse\n") == (0, [])
    result = run_clipcls("labels", "check", "cifar100")
    assert (result.returncode, result.stdout, result.stderr) == (0, "100 labels, no problems for model everyday\n", "")


def test_duplicates(check):
    code, problems = check("aquarium_fish\ncafe\u0301\nAquarium  Fish\nCAF\u00c9\ncat\ncat\n")
    assert code == 1
    assert [(entry["problem"], entry["label_number"], entry["other_label_number"]) for entry in problems] == [
        ("duplicate", 3, 1), ("duplicate", 4, 2), ("duplicate", 6, 5)]
    assert problems[0]["label"] == "Aquarium  Fish" and problems[0]["other_label"] == "aquarium_fish"


def test_labels_of_the_same_tokens(check):
    code, problems = check("a &amp; b\na & b\ncat\n")
    assert (code, [(entry["problem"], entry["label"]) for entry in problems]) == (1, [("same_tokens", "a & b")])
    code, problems = check('{"cat": "a pet", "dog": ["a pet"], "cow": ["a pet", "a cow"]}', name="labels.json")
    assert ("same_tokens", "dog", "cat") in [(entry["problem"], entry["label"], entry.get("other_label")) for entry in problems]


def test_labels_whose_embeddings_nearly_coincide(run_clipcls, check):
    labels = ["cat", "kitty", "house", "home", "sun", "umbrella"]
    embeddings = TextEncoder(run_clipcls)(labels)
    limit = 0.5
    expected = {(labels[later], labels[earlier]): embeddings[earlier] @ embeddings[later]
                for earlier, later in combinations(range(len(labels)), 2) if embeddings[earlier] @ embeddings[later] > limit}
    assert 0 < len(expected) < 15
    code, problems = check("\n".join(labels), "--max-similarity", limit)
    assert code == 1 and {entry["problem"] for entry in problems} == {"similar"}
    actual = {(entry["label"], entry["other_label"]): entry["similarity"] for entry in problems}
    assert actual == pytest.approx(expected, abs=1e-5)


def test_prompts_that_are_cut(run_clipcls, check, tmp_path):
    code, problems = check("cat\na b c d e f g h i j k l m n o p\n", "-t", "a {}", "-t", "the {}")
    assert code == 1 and [entry["problem"] for entry in problems] == ["truncated", "truncated"]
    assert problems[0] == {"problem": "truncated", "label": "a b c d e f g h i j k l m n o p", "label_number": 2,
                           "prompt": "a a b c d e f g h i j k l m n o p", "num_tokens": 19, "context_length": 16}
    text = run_clipcls("labels", "check", tmp_path / "labels.txt").stdout
    assert 'label 2 "a b c d e f g h i j k l m n o p": its prompt ' in text and "has 18 tokens, and the model takes 16" in text
    assert text.endswith("2 labels, 1 problem for model everyday\n")


@pytest.mark.parametrize("arguments, parts", [
    ((), ("LABELS",)), (("nowhere.txt",), ("nowhere.txt", "no such file")), (("cifar100", "--max-similarity", "2"), ("--max-similarity", "2")),
    (("cifar100", "-t", "x"), ("exactly one {}",)),
])
def test_bad_flags(run_clipcls, arguments, parts):
    result = run_clipcls("labels", "check", *arguments)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    for part in parts:
        assert part in result.stderr
