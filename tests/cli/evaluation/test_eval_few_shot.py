"""`clipcls eval --few-shot`: labels made of few examples, against NumPy and scikit-learn."""
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import one_line_error
from labelled_pictures import Pictures, calibration_error, evaluate, pictures
from sklearn.linear_model import LogisticRegression
from zero_shot_reference import EVERYDAY, SCALE, softmax, unit


def training_rows(document: dict, pictures: Pictures) -> np.ndarray:
    names = [str(file) for file in pictures.files]
    return np.array([names.index(path) for path in document["training"]])


def saved_weights(file: Path) -> tuple[np.ndarray, np.ndarray]:
    """weights [num_labels, embed_dim] and biases, in logits' units"""
    labels = json.loads(file.read_text("utf-8"))["labels"]
    return (SCALE * np.array([np.array(entry["embedding"]) * entry.get("norm", 1) for entry in labels]),
            np.array([entry.get("bias", 0) for entry in labels]))


@pytest.mark.parametrize("flags, blend", [([], 0.5), (["--blend", "1", "--seed", "7"], 1)])
def test_means_of_examples(evaluate, pictures, tmp_path, flags, blend):
    document = evaluate("--few-shot", 2, "--save-labels", tmp_path / "labels.json", *flags)
    training = training_rows(document, pictures)
    assert [int((pictures.targets[training] == label).sum()) for label in range(10)] == [2] * 10
    test = np.setdiff1d(np.arange(60), training)
    means = unit([pictures.features[training][pictures.targets[training] == label].sum(axis=0) for label in range(10)])
    weights = unit((1 - blend) * pictures.texts(pictures.labels) + blend * means)
    saved, biases = saved_weights(tmp_path / "labels.json")
    np.testing.assert_allclose(saved, SCALE * weights, atol=2e-4)
    assert not biases.any()
    for run, of_run in zip(document["runs"], (pictures.texts(pictures.labels), weights), strict=True):
        scores = softmax(SCALE * pictures.features[test] @ of_run.T)
        assert run["top1"] == pytest.approx((scores.argmax(axis=1) == pictures.targets[test]).mean())
        assert run["calibration_error"] == pytest.approx(calibration_error(scores, pictures.targets[test]), abs=1e-5)
    assert document["num_images"] == 40


@pytest.mark.parametrize("blend, penalty", [(1.0, 100), (0.3, 1)])
def test_the_probe_is_scikit_learns(evaluate, pictures, tmp_path, blend, penalty):
    document = evaluate("--few-shot", 3, "--few-shot-method", "probe", "--blend", blend, "--probe-c", penalty, "--save-labels", tmp_path / "labels.json")
    training = training_rows(document, pictures)
    reference = LogisticRegression(C=penalty, tol=1e-10, max_iter=10000).fit(pictures.features[training], pictures.targets[training])
    weights = (1 - blend) * SCALE * pictures.texts(pictures.labels) + blend * reference.coef_
    saved, biases = saved_weights(tmp_path / "labels.json")
    np.testing.assert_allclose(saved, weights, atol=5e-4)
    np.testing.assert_allclose(biases, blend * (reference.intercept_ - reference.intercept_.mean()), atol=5e-4)
    test = np.setdiff1d(np.arange(60), training)
    scores = softmax(pictures.features[test] @ weights.T + blend * reference.intercept_)
    if blend == 1:
        np.testing.assert_allclose(scores, reference.predict_proba(pictures.features[test]), atol=1e-6)
    assert document["runs"][1]["top1"] == pytest.approx((scores.argmax(axis=1) == pictures.targets[test]).mean())
    assert document["runs"][1]["calibration_error"] == pytest.approx(calibration_error(scores, pictures.targets[test]), abs=1e-4)


def test_saved_labels_are_taken_by_later_runs(run_clipcls, evaluate, pictures, tmp_path):
    file = tmp_path / "labels.json"
    document = evaluate("--few-shot", 3, "--few-shot-method", "probe", "--save-labels", file)
    weights, biases = saved_weights(file)
    result = run_clipcls(pictures.files[0], "-l", file, "-k", 10, "-f", "jsonl")
    scores = softmax(pictures.features[0] @ weights.T + biases)
    for entry in json.loads(result.stdout)["predictions"]:
        label = pictures.labels.index(entry["label"])
        assert entry["score"] == pytest.approx(scores[label], abs=1e-5)
        assert entry["similarity"] == pytest.approx(unit(weights[label]) @ pictures.features[0], abs=1e-5)
    again = evaluate("-l", file)["runs"][0]
    test = np.setdiff1d(np.arange(60), training_rows(document, pictures))
    right = (softmax(pictures.features @ weights.T + biases).argmax(axis=1) == pictures.targets)
    assert again["top1"] == pytest.approx(right.mean()) and document["runs"][1]["top1"] == pytest.approx(right[test].mean())

    for flags, part in ((["--none", "x"], "no background prompt"), (["--multi-label"], "use a calibration"), (["-t", "a {}"], "templates"), (["--label", "x"], "--label")):
        one_line_error(run_clipcls(pictures.files[0], "-l", file, *flags), str(file), "made from pictures", part)
    other = Path(shutil.copytree(EVERYDAY, tmp_path / "other"))
    config = json.loads((other / "config.json").read_text("utf-8"))
    config["image"]["mean"] = [0.4, 0.5, 0.5]
    (other / "config.json").write_text(json.dumps(config), "utf-8")
    one_line_error(run_clipcls(pictures.files[0], "-l", file, "-m", other), str(file), "made by model everyday", "another")
    broken = json.loads(file.read_text("utf-8"))
    broken["labels"][4]["embedding"][7] = None
    file.write_text(json.dumps(broken), "utf-8")
    one_line_error(run_clipcls(pictures.files[0], "-l", file), str(file), "embedding of label 4 is null")
