"""`clipcls eval`: every figure against scikit-learn and SciPy on features from `clipcls embed`."""
import csv
import json
import re
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from conftest import one_line_error
from labelled_pictures import calibration_error, document, evaluate, pictures
from scipy.stats import binomtest
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, precision_score, recall_score
from zero_shot_reference import SCALE, softmax


def printed(expected: object) -> object:
    """What is printed has six decimals."""
    return pytest.approx(expected, abs=5.1e-7)



def test_the_pictures_are_neither_easy_nor_hopeless(pictures):
    assert 0.4 < pictures.is_correct.mean() < 0.9


def test_accuracies(document, pictures):
    run, = document["runs"]
    assert (document["num_images"], document["num_failed"], run["model"], run["score"]) == (60, 0, "everyday", "softmax")
    predicted = pictures.scores.argmax(axis=1)
    assert run["top1"] == printed(pictures.is_correct.mean())
    rank = (pictures.scores > pictures.scores[np.arange(60), pictures.targets][:, None]).sum(axis=1)
    assert run["top5"] == printed((rank < 5).mean()) and run["top5"] > run["top1"]
    assert run["mean_per_class"] == printed(balanced_accuracy_score(pictures.targets, predicted))
    assert run["confusion"] == confusion_matrix(pictures.targets, predicted).tolist()
    assert [entry["label"] for entry in run["classes"]] == pictures.labels
    assert [entry["recall"] for entry in run["classes"]] == printed(recall_score(pictures.targets, predicted, average=None))
    precision = [entry["precision"] for entry in run["classes"]]
    assert [value or 0 for value in precision] == printed(precision_score(pictures.targets, predicted, average=None, zero_division=0))
    interval = binomtest(int(pictures.is_correct.sum()), 60).proportion_ci(0.95, "wilson")
    assert run["top1_interval"] == printed([interval.low, interval.high])


def test_calibration_error_and_reliability(document, pictures):
    run, = document["runs"]
    assert run["calibration_error"] == pytest.approx(calibration_error(pictures.scores, pictures.targets), abs=1e-6)
    counts, _ = np.histogram(pictures.scores.max(axis=1), np.linspace(0, 1, 16))
    assert [entry["num_images"] for entry in run["reliability"]] == counts.tolist()


def test_coverage_and_threshold(document, evaluate, pictures):
    confidence = pictures.scores.max(axis=1)
    coverage = document["runs"][0]["coverage"]
    assert len(coverage) == len(np.unique(confidence)) and coverage[-1]["coverage"] == 1
    order = np.argsort(-confidence)
    for number, point in enumerate(coverage, start=1):  # no two confidences are equal
        assert point == pytest.approx({"threshold": confidence[order[number - 1]], "coverage": number / 60,
                                       "accuracy": pictures.is_correct[order[:number]].mean()}, abs=1e-5)
    at = evaluate("--threshold", "0.8")["runs"][0]["at_threshold"]
    kept = confidence >= 0.8
    assert at == printed({"threshold": 0.8, "coverage": kept.mean(), "accuracy": pictures.is_correct[kept].mean()})


def test_worst_images(document, pictures):
    confidence = np.where(pictures.is_correct, -1, pictures.scores.max(axis=1))
    worst = document["runs"][0]["worst"]
    order = np.argsort(-confidence, kind="stable")[:10]
    assert [entry["image"] for entry in worst] == [str(pictures.files[i]) for i in order]
    assert [entry["score"] for entry in worst] == pytest.approx(confidence[order], abs=1e-5)
    assert [entry["predicted"] for entry in worst] == [pictures.labels[i] for i in pictures.scores[order].argmax(axis=1)]


def test_encoding_gives_what_kept_features_give(run_clipcls, evaluate, pictures, document, tmp_path):
    direct = json.loads(run_clipcls("eval", pictures.folder, "-f", "json").stdout)
    assert {**direct, "source": ""} == {**document, "source": ""}
    with open(pictures.folder.parent / "list.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["label", "note", "path"])
        for path in reversed(pictures.files):
            writer.writerow([path.parent.name, 'says "hi",\nand more', path.relative_to(pictures.folder.parent)])
    listed = json.loads(run_clipcls("eval", pictures.folder.parent / "list.csv", "-f", "json", "--image-features", pictures.embedded).stdout)
    assert listed["runs"] == document["runs"]


def test_labels_are_matched_past_case_and_underscores(run_clipcls, pictures, tmp_path):
    labels = ["Cat", "FISH", "heart", "house", "moon", "mushroom", "star", "sun", "tree", "umbrella", "hot_dog"]
    (tmp_path / "labels.txt").write_text("\n".join(labels), "utf-8")
    run = json.loads(run_clipcls("eval", pictures.folder, "--image-features", pictures.embedded, "-l", tmp_path / "labels.txt", "-f", "json").stdout)["runs"][0]
    scores = softmax(SCALE * pictures.features @ pictures.texts(labels).T)
    assert run["top1"] == printed((scores.argmax(axis=1) == pictures.targets).mean())
    assert [entry["label"] for entry in run["classes"]] == labels
    assert run["classes"][10] | {"precision": None, "num_predicted": 0} == {"label": "hot_dog", "num_images": 0, "num_predicted": 0, "num_correct": 0, "recall": None, "precision": None}


def test_none_may_win_and_be_a_class(run_clipcls, pictures, tmp_path):
    folder = Path(shutil.copytree(pictures.folder, tmp_path / "pictures"))
    (folder / "umbrella").rename(folder / "(none)")
    arguments = ["eval", folder, *[word for label in pictures.labels[:-1] for word in ("--label", label)], "--none", "umbrella", "-f", "json"]
    run = json.loads(run_clipcls(*arguments).stdout)["runs"][0]
    assert run["classes"][-1]["label"] == "(none)" and run["classes"][-1]["num_images"] == 6
    assert run["top1"] == printed(pictures.is_correct.mean())  # one background prompt is one label more


# Comparisons

def exact_quantiles(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """2.5 % and 97.5 % of the mean gain of n draws with replacement: the bootstrap's distribution, without drawing."""
    gains = second.astype(int) - first.astype(int)
    one = np.array([(gains == value).mean() for value in (-1, 0, 1)])
    distribution = np.array([1.0])
    for _ in gains:
        distribution = np.convolve(distribution, one)
    values = np.arange(-len(gains), len(gains) + 1) / len(gains)
    cumulative = distribution.cumsum()
    return values[np.searchsorted(cumulative, 0.025)], values[np.searchsorted(cumulative, 0.975)]


def test_comparison(evaluate, pictures, tmp_path):
    (tmp_path / "labels.txt").write_text("".join(f"{label}\t{label}\tred {label}\n" for label in pictures.labels), "utf-8")
    document = evaluate("--compare", "photo:template=a photo of a {}, really.", "--compare", f"red:labels={tmp_path}/labels.txt,precision=fp32")
    others = [pictures.texts([f"a photo of a {label}, really." for label in pictures.labels]),
              np.stack([pictures.texts.label(label, f"red {label}") for label in pictures.labels])]
    assert [run["name"] for run in document["runs"]] == ["base", "photo", "red"]
    assert "against_first" not in document["runs"][0]
    for run, weights in zip(document["runs"][1:], others, strict=True):
        is_correct = (pictures.features @ weights.T).argmax(axis=1) == pictures.targets
        comparison = run["against_first"]
        assert run["top1"] == printed(is_correct.mean())
        assert comparison["difference"] == printed(is_correct.mean() - pictures.is_correct.mean())
        only_first, only_second = int((pictures.is_correct & ~is_correct).sum()), int((is_correct & ~pictures.is_correct).sum())
        assert (comparison["num_only_first"], comparison["num_only_second"]) == (only_first, only_second)
        assert comparison["mcnemar_p_value"] == printed(binomtest(only_first, only_first + only_second).pvalue)
        np.testing.assert_allclose(comparison["interval"], exact_quantiles(pictures.is_correct, is_correct), atol=1.01 / 60)
    assert document["runs"][1]["against_first"]["interval"][0] < document["runs"][1]["against_first"]["interval"][1]


def test_seeds_decide(evaluate):
    flags = ("--few-shot", 2)
    first, again, other = evaluate(*flags), evaluate(*flags), evaluate(*flags, "--seed", 1)
    assert first == again and first["training"] != other["training"]


def test_precisions_are_runs(run_clipcls, pictures):
    document = json.loads(run_clipcls("eval", pictures.folder, "-f", "json", "--compare", "half:precision=bf16").stdout)
    assert [run["precision"] for run in document["runs"]] == ["fp32", "bf16"]
    assert abs(document["runs"][1]["against_first"]["difference"]) < 0.1


# Forms of output

def test_text(run_clipcls, pictures, document):
    text = run_clipcls("eval", pictures.folder, "--image-features", pictures.embedded, "--threshold", "0.8").stdout
    run = document["runs"][0]
    assert text.startswith(f"{pictures.folder}: 60 images of 10 labels\n\ntop-1 accuracy            {100 * run['top1']:.2f}%  (95% interval ")
    assert f"calibration error (ECE)   {100 * run['calibration_error']:.2f}%\n" in text and "with the threshold" in text
    for label, row in zip(pictures.labels, run["confusion"]):
        assert re.search(rf"^\[\d+\] {label} +" + " +".join(str(count) if count else r"\." for count in row) + "$", text, re.MULTILINE)
    assert f"is {run['worst'][0]['label']}: {run['worst'][0]['image']}\n" in text
    table = run_clipcls("eval", pictures.folder, "--image-features", pictures.embedded, "--compare", "the:template=the {}").stdout
    assert re.search(r"^the +\d+\.\d\d% .* [+-]\d+\.\d\d \([+-]\d+\.\d\d to [+-]\d+\.\d\d\)$", table, re.MULTILINE)


def test_html(run_clipcls, pictures, document, tmp_path):
    file = tmp_path / "report.html"
    result = run_clipcls("eval", pictures.folder, "--image-features", pictures.embedded, "-f", "html", "-o", file, "--compare", "<b>&:template=the {}")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    text = file.read_text("utf-8")
    assert not re.search(r"https?://|<script|src=|<link|@import", text)  # self-contained
    assert "<b>" not in text and "&lt;b&gt;&amp;" in text
    plots = [ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL)]
    titles = [plot.find("title").text for plot in plots]
    assert titles == ["accuracy against coverage"] + ["confusion matrix", "accuracy against confidence"] * 2
    assert len(plots[0].findall("polyline")) == 2
    points = plots[0].findall("polyline")[0].attrib["points"].split()
    assert len(points) == len(document["runs"][0]["coverage"])
    cells = [cell for cell in plots[1].findall("rect") if cell.find("title") is not None]
    assert len(cells) == np.count_nonzero(document["runs"][0]["confusion"])
    shown = sum(int(cell.find("title").text.split()[0]) for cell in cells)
    assert shown == 60


# What goes wrong

def test_broken_pictures_are_left_out(run_clipcls, pictures, tmp_path):
    folder = Path(shutil.copytree(pictures.folder, tmp_path / "pictures"))
    (folder / "cat" / "00.png").write_bytes(b"no picture")
    (folder / "cat" / "notes.txt").write_text("not looked at")
    (folder / ".hidden").mkdir()
    (folder / "cat" / "more").mkdir()
    (folder / "cat" / "01.png").rename(folder / "cat" / "more" / "01.png")
    result = run_clipcls("eval", folder, "-f", "json")
    assert result.returncode == 1 and result.stderr.count("\n") == 1 and "cat/00.png: " in result.stderr
    document = json.loads(result.stdout)
    assert (document["num_failed"], document["num_images"]) == (1, 59)
    assert document["runs"][0]["top1"] == printed((pictures.is_correct.sum() - pictures.is_correct[0]) / 59)


def test_folders_that_cannot_be_measured(run_clipcls, pictures, tmp_path):
    folder = Path(shutil.copytree(pictures.folder, tmp_path / "pictures"))
    (tmp_path / "labels.txt").write_text("cat\nfish\n", "utf-8")
    one_line_error(run_clipcls("eval", folder, "-l", tmp_path / "labels.txt"), str(folder), "8 of its 10 classes are no labels of", "labels.txt", '"heart", "house", "moon", "mushroom", "star" and 3 more')
    (folder / "dog").mkdir()
    one_line_error(run_clipcls("eval", folder), f"{folder}/dog", "has no picture")
    one_line_error(run_clipcls("eval", tmp_path / "nowhere"), "nowhere", "no such folder")
    (tmp_path / "empty").mkdir()
    one_line_error(run_clipcls("eval", tmp_path / "empty"), "empty", "has no folders")
    for text, part in (("path,label\n", "has no rows"), ("a.png\n", ":1: has 1 cells"), ("a.png,\n", "has an empty cell"), ('"a.png,cat\n', "has a quote that is not closed")):
        (tmp_path / "list.csv").write_text(text, "utf-8")
        one_line_error(run_clipcls("eval", tmp_path / "list.csv"), "list.csv", part)
    (tmp_path / "list.csv").write_text("nowhere.png,cat\n", "utf-8")
    result = run_clipcls("eval", tmp_path / "list.csv", "--label", "cat", "--label", "dog")
    assert result.returncode == 2 and "nowhere.png: " in result.stderr and "no picture could be read" in result.stderr.splitlines()[-1]


@pytest.mark.parametrize("flags, parts", [
    (["--few-shot", "7"], ["label \"cat\" has 6 pictures", "7 examples"]),
    (["--few-shot", "6"], ["none is left for the test"]),
    (["--few-shot", "2", "--label", "cat"], ["9 of its 10 classes are no labels"]),
    (["--blend", "0.3"], ["--blend", "--few-shot"]),
    (["--few-shot", "2", "--blend", "1.5"], ["--blend", "1.5"]),
    (["--few-shot", "2", "--none", "x"], ["--few-shot", "--none"]),
    (["--few-shot", "2", "--compare", "a:template={}"], ["--few-shot", "--compare"]),
    (["--few-shot", "2", "--save-labels", "/nonexistent/x.json"], ["/nonexistent/x.json", "cannot be written"]),
    (["--multi-label"], ["--multi-label"]),
    (["--compare", "x"], ["--compare \"x\"", "has no name"]),
    (["--compare", "x:"], ["changes nothing"]),
    (["--compare", "x:template={}", "--compare", "x:template=the {}"], ["--compare: two runs are named x"]),
    (["--compare", "base:template=the {}"], ["--compare: two runs are named base"]),
    (["--compare", "x:lables=y"], ["\"lables\" is not a key"]),
    (["--compare", "x:precision=fp8"], ["\"fp8\" is not a precision"]),
    (["--compare", "x:template=no placeholder"], ["must have exactly one {}"]),
    (["--compare", "x:model=nowhere"], ["nowhere: no such model"]),
    (["-f", "jsonl"], ["jsonl"]),
    (["-o", "/nonexistent/report.html"], ["/nonexistent/report.html", "cannot be written"]),
    (["--image-features", "/nonexistent"], ["/nonexistent", "is missing"]),
])
def test_bad_flags(run_clipcls, pictures, flags, parts):
    one_line_error(run_clipcls("eval", pictures.folder, *flags), *parts)


def test_kept_features_must_fit(run_clipcls, pictures, tmp_path):
    copy = Path(shutil.copytree(pictures.embedded, tmp_path / "features"))
    array = np.load(copy / "image_features.npy")
    array[5, 5] = np.nan
    np.save(copy / "image_features.npy", array)
    one_line_error(run_clipcls("eval", pictures.folder, "--image-features", copy), "image_features.npy", "row 5 holds nan")
    other = Path(shutil.copytree(pictures.folder, tmp_path / "other"))
    one_line_error(run_clipcls("eval", other, "--image-features", pictures.embedded), "has no features of", "cat/00.png")
