"""What a score is: labels with prompts of their own, none of these, several labels, thresholds; against NumPy."""
import importlib.util
import json
import runpy
import shutil
from pathlib import Path

import numpy as np
import processes
import pytest

from conftest import messages, one_line_error
from zero_shot_reference import EVERYDAY, SCALE, TextEncoder, image_features, sigmoid, softmax

# Without what the package itself imports, which takes seconds.
METADATA = runpy.run_path(str(Path(importlib.util.find_spec("open_clip").origin).parent / "zero_shot_metadata.py"))
SHARK = EVERYDAY / "shark.png"
LABELS = ["shark", "crocodile", "hot dog"]


@pytest.fixture(scope="module")
def texts(run_clipcls) -> TextEncoder:
    return TextEncoder(run_clipcls)


@pytest.fixture(scope="module")
def shark(run_clipcls, tmp_path_factory) -> np.ndarray:
    return image_features(run_clipcls, [SHARK], tmp_path_factory.mktemp("shark") / "features")[0]


@pytest.fixture()
def classify(run_clipcls):
    """classify(*flags) is {label: (score, similarity)} in the order of the predictions."""
    def run(*flags: object) -> dict[str, tuple[float, float]]:
        result = run_clipcls(SHARK, "-f", "jsonl", *flags)
        assert (result.returncode, messages(result.stderr)) == (0, []), result.stderr
        return {entry["label"]: (entry["score"], entry["similarity"]) for entry in json.loads(result.stdout)["predictions"]}
    return run


def offer(*labels: str) -> list[str]:
    return [word for label in labels for word in ("--label", label)]


def expect(actual: dict[str, tuple[float, float]], scores: dict[str, float], similarities: dict[str, float]) -> None:
    assert list(actual) == sorted(scores, key=lambda label: -scores[label])
    for label, (score, similarity) in actual.items():
        assert score == pytest.approx(scores[label], abs=2e-6), label
        assert similarity == pytest.approx(similarities[label], abs=1e-6), label


def test_one_label_alone_is_warned_of(run_clipcls):
    result = run_clipcls(SHARK, "--label", "hot dog")
    assert result.returncode == 0 and "hot dog: 100.00%" in result.stdout
    [warning] = messages(result.stderr)
    assert "warning: one label alone has a softmax score of 100%" in warning
    assert run_clipcls(SHARK, "--label", "hot dog", "--quiet").stderr == ""
    for flags in (["--score", "cosine"], ["--none", "a cat"], ["--multi-label"]):
        assert messages(run_clipcls(SHARK, "--label", "hot dog", *flags).stderr) == [], flags


def test_none_has_the_softmax_of_all_background_prompts(classify, texts, shark):
    labels, backgrounds = ["hot dog", "shark"], ["crocodile", "raccoon"]
    cosines = texts(labels + backgrounds) @ shark
    shares = softmax(SCALE * cosines)
    scores = dict(zip(labels, shares)) | {"(none)": shares[2:].sum()}
    similarities = dict(zip(labels, cosines)) | {"(none)": cosines[2:].max()}
    actual = classify(*offer(*labels), *[word for text in backgrounds for word in ("--none", text)])
    expect(actual, scores, similarities)
    assert sum(score for score, _ in actual.values()) == pytest.approx(1, abs=1e-12)
    assert 0.01 < actual["(none)"][0] < 0.99  # the sum is not hidden by rounding


def test_none_is_an_answer(run_clipcls):
    result = run_clipcls(SHARK, *offer("hot dog", "bread"), "--none", "shark", "-k", 1)
    assert "(none): " in result.stdout and result.stdout.count("%") == 1


def test_none_with_other_scores_is_the_nearest_prompt(classify, texts, shark):
    cosines = texts(LABELS + ["whale", "bread"]) @ shark
    names = LABELS + ["(none)"]
    best = np.append(cosines[:3], cosines[3:].max())
    flags = [*offer(*LABELS), "--none", "whale", "--none", "bread"]
    expect(classify(*flags, "--score", "cosine"), dict(zip(names, best)), dict(zip(names, best)))
    expect(classify(*flags, "--score", "sigmoid"), dict(zip(names, sigmoid(SCALE * best))), dict(zip(names, best)))


def test_multi_label_is_the_softmax_with_a_negative_prompt(classify, texts, shark, tmp_path):
    cosines = texts(LABELS) @ shark
    similarities = dict(zip(LABELS, cosines))

    def expected(*negatives: np.ndarray) -> dict[str, float]:
        return {label: softmax(SCALE * np.array([cosine, negative @ shark]))[0]
                for label, cosine, negative in zip(LABELS, cosines, negatives)}

    everything = [*offer(*LABELS), "--multi-label", "--threshold", "0"]
    expect(classify(*everything), expected(*[texts.label("something else")] * 3), similarities)
    shared = texts.label("a bird", "food")
    expect(classify(*everything, "--negative", "a bird", "--negative", "food"), expected(shared, shared, shared), similarities)
    own = [texts.label(f"no {label}") for label in LABELS]
    expect(classify(*everything, "--negative", "no {}"), expected(*own), similarities)
    file = tmp_path / "labels.json"
    file.write_text(json.dumps(["shark", {"label": "crocodile", "negative_prompts": ["a {} toy", "bread"]}, "hot dog"]), "utf-8")
    mixed = expected(texts.label("food"), texts.label("a crocodile toy", "bread"), texts.label("food"))
    expect(classify("-l", file, "--multi-label", "--threshold", "0", "--negative", "food"), mixed, similarities)


def test_multi_label_prints_every_label_from_one_half_on(classify, texts, shark):
    labels = Path("models/labels/cifar100.txt").read_text("utf-8").split()
    scores = sigmoid(SCALE * (texts(labels) @ shark - texts.label("something else") @ shark))
    expected = {label for label, score in zip(labels, scores) if score >= 0.5}
    assert len(expected) > 5
    assert set(classify("-l", "cifar100", "--multi-label")) == expected
    assert len(classify("-l", "cifar100", "--multi-label", "-k", 2)) == 2
    high = {label for label, score in zip(labels, scores) if score >= 0.99}
    assert set(classify("-l", "cifar100", "--multi-label", "--threshold", "0.99")) == high


def test_threshold_leaves_out_what_is_below(classify, run_clipcls):
    everything = classify("-l", "cifar100")
    kept = classify("-l", "cifar100", "--threshold", "0.1")
    assert kept == {label: entry for label, entry in everything.items() if entry[0] >= 0.1} != everything
    assert classify("-l", "cifar100", "--threshold", "0.7") == {}
    result = run_clipcls(SHARK, "-l", "cifar100", "--threshold", "0.7")
    assert (result.returncode, result.stdout) == (0, "Top predictions:\n\n(no score of 70.00% or more)\n")
    cosine = classify("-l", "cifar100", "--score", "cosine", "--threshold", "0.3")
    assert cosine and all(similarity >= 0.3 for _, similarity in cosine.values())


def test_prompts_of_labels_are_averaged(classify, texts, shark, tmp_path):
    text, document = tmp_path / "labels.txt", tmp_path / "labels.json"
    text.write_text("shark\ta shark\tgreat white {}\n# comment\tno label\nhot dog\n", "utf-8")
    document.write_text(json.dumps({"shark": ["a shark", "great white {}"], "hot dog": []}), "utf-8")
    cosines = np.stack([texts.label("a shark", "great white shark"), texts.label("hot dog")]) @ shark
    for file in (text, document):
        expect(classify("-l", file), dict(zip(["shark", "hot dog"], softmax(SCALE * cosines))), dict(zip(["shark", "hot dog"], cosines)))


def test_synonyms_and_bins(classify, texts, shark, tmp_path):
    file = tmp_path / "labels.json"
    file.write_text(json.dumps([{"label": "fish", "synonyms": ["trout"]}, {"label": "big animal", "bin": ["shark", "whale", "camel"]}, "bread"]), "utf-8")
    rows = np.stack([texts.label("the fish", "fish", "the trout", "trout"), *(texts.label(f"the {name}", name) for name in ("shark", "whale", "camel", "bread"))])
    cosines = rows @ shark
    shares = softmax(SCALE * cosines)
    expect(classify("-l", file, "-t", "the {}", "-t", "{}"), {"fish": shares[0], "big animal": shares[1:4].sum(), "bread": shares[4]},
           {"fish": cosines[0], "big animal": cosines[1:4].max(), "bread": cosines[4]})


def test_json_from_a_pipe(clipcls_binary):
    result = processes.run([clipcls_binary, SHARK, "-l", "/dev/stdin", "-k", "1"], input='["hot dog", "shark"]', capture_output=True, text=True, check=True)
    assert "shark: " in result.stdout


@pytest.mark.parametrize("name, number", [("openai", 80), ("simple", 7)])
def test_built_in_templates_are_open_clips(run_clipcls, name, number, tmp_path):
    functions = METADATA[f"{name.upper()}_IMAGENET_TEMPLATES"]
    assert len(functions) == number
    file = tmp_path / "templates.txt"
    file.write_text("".join(function("{}") + "\n" for function in functions), "utf-8")
    common = (SHARK, *offer("shark", "hot dog"), "-f", "json", "--quiet")
    assert run_clipcls(*common, "--templates", name).stdout == run_clipcls(*common, "--templates", file).stdout != ""
    verbose = run_clipcls(SHARK, *offer("shark", "hot dog"), "--templates", name, "--verbose")
    assert f"2 labels x {len(functions)} templates" in verbose.stderr


def test_cut_prompts_are_told_of_briefly(run_clipcls):
    labels = "fish " * 27, "mower " * 26
    checked = run_clipcls("labels", "check", ",".join(labels), "--templates", "openai", "-f", "json")
    num_cut = sum(problem["problem"] == "truncated" for problem in json.loads(checked.stdout)["problems"])
    assert num_cut > 10
    result = run_clipcls(SHARK, *offer(*labels), "--templates", "openai")
    lines = messages(result.stderr)
    assert len(lines) == 6 and f"{num_cut - 5} more prompts were truncated; clipcls labels check lists them" in lines[-1]


def test_the_cache_knows_prompts(run_clipcls, tmp_path):
    def scores(text: str) -> str:
        (tmp_path / "labels.txt").write_text(text, "utf-8")
        return run_clipcls(SHARK, "-l", tmp_path / "labels.txt", "-f", "json", "--cache-dir", tmp_path / "cache").stdout
    plain, prompted = scores("shark\nbread\n"), scores("shark\ta toy\nbread\n")
    assert plain != prompted
    assert (scores("shark\nbread\n"), scores("shark\ta toy\nbread\n")) == (plain, prompted)
    assert len(list((tmp_path / "cache").iterdir())) == 2


@pytest.mark.parametrize("flags, parts", [
    (["--multi-label", "--none", "x"], ["--multi-label", "--none"]),
    (["--multi-label", "--score", "cosine"], ["--multi-label", "--score"]),
    (["--none", "x", "--label", "(none)"], ['label "(none)" is named like the answer of --none']),
    (["--negative", "x"], ["--negative", "--multi-label"]),
    (["--threshold", "50"], ["--threshold", "50"]),
    (["--threshold", "nan"], ["--threshold"]),
    (["--none", " "], ["--none", "is an empty label"]),
    (["--templates", "openia"], ["openia", "no such file, nor a built-in set of templates (openai, simple)"]),
    (["--calibration", "/nonexistent.json"], ["/nonexistent.json", "no such file", "clipcls calibrate"]),
])
def test_bad_flags(run_clipcls, flags, parts):
    one_line_error(run_clipcls(SHARK, *offer("a", "b"), *flags, "-m", EVERYDAY), *parts)


@pytest.mark.parametrize("text, part", [
    ('["cat", 7]', "label 1 is 7"), ('{"cat": 3}', "label \"cat\" is 3"), ("[]", "has no label"), ('["cat"', "is not JSON"),
    ('[{"label": "cat", "promts": []}]', "field promts of label \"cat\" is not known"), ("{}", "has no label"),
    ('{"format": "clipcls-labels", "format_version": 9, "labels": ["x"]}', "format_version is 9"),
])
def test_bad_label_files(run_clipcls, tmp_path, text, part):
    (tmp_path / "labels.json").write_text(text, "utf-8")
    one_line_error(run_clipcls(SHARK, "-l", tmp_path / "labels.json"), "labels.json", part)


def test_sigmoid_models_need_no_negative(run_clipcls, texts, shark, tmp_path):
    model = Path(shutil.copytree(EVERYDAY, tmp_path / "model"))
    config = json.loads((model / "config.json").read_text("utf-8"))
    config |= {"activation": "sigmoid", "logit_bias": -8.0}
    (model / "config.json").write_text(json.dumps(config), "utf-8")
    result = run_clipcls(SHARK, "-m", model, *offer(*LABELS), "--multi-label", "--threshold", "0", "-f", "jsonl")
    scores = {entry["label"]: entry["score"] for entry in json.loads(result.stdout)["predictions"]}
    assert scores == pytest.approx(dict(zip(LABELS, sigmoid(SCALE * (texts(LABELS) @ shark) - 8))), abs=1e-5)
