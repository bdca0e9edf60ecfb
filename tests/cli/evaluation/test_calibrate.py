"""`clipcls calibrate` and --calibration, against SciPy and scikit-learn."""
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sklearn.metrics import f1_score, log_loss, precision_recall_curve, precision_score, recall_score

from conftest import one_line_error
from labelled_pictures import Pictures
from zero_shot_reference import EVERYDAY, SCALE, sigmoid, softmax


class Calibrated(Pictures):
    """Sixty labelled drawings, and a calibration for them."""

    def __init__(self, run_clipcls, folder: Path) -> None:
        super().__init__(run_clipcls, folder)
        self.file = folder / "calibration.json"
        self.offer = [word for label in self.labels for word in ("--label", label)]
        result = run_clipcls("calibrate", self.folder, "-o", self.file, "-f", "json")
        assert (result.returncode, result.stderr) == (0, ""), result.stderr
        self.summary = json.loads(result.stdout)
        self.document = json.loads(self.file.read_text("utf-8"))


PRINTED = 5.1e-7  # what is printed has six decimals; the file has all digits


@pytest.fixture(scope="module")
def calibrated(run_clipcls, tmp_path_factory) -> Calibrated:
    return Calibrated(run_clipcls, tmp_path_factory.mktemp("calibrate"))


def test_the_temperature_has_the_least_log_loss(calibrated):
    def loss(temperature: float) -> float:
        return log_loss(calibrated.targets, softmax(SCALE * calibrated.cosines / temperature))

    best = minimize_scalar(lambda logarithm: loss(np.exp(logarithm)), bounds=(-4, 4), method="bounded", options={"xatol": 1e-9})
    temperature = calibrated.document["temperature"]
    assert temperature == pytest.approx(np.exp(best.x), rel=1e-4)  # features differ in the seventh digit
    assert 0.5 < temperature < 0.95  # the bundled model is less sure of drawings than it could be
    assert calibrated.summary["temperature"] == pytest.approx(temperature, abs=PRINTED)
    assert calibrated.summary["loss_before"] == pytest.approx(loss(1), abs=1e-5)
    assert calibrated.summary["loss_after"] == pytest.approx(best.fun, abs=6e-6)  # six digits of a number above 1
    # The program's own optimum, on its own features: no neighbour is better.
    assert loss(temperature) <= min(loss(temperature * 1.001), loss(temperature / 1.001))


def test_thresholds_have_the_largest_f1(calibrated):
    assert len(calibrated.summary["labels"]) == 10
    for label, entry in enumerate(calibrated.summary["labels"]):
        cosines, is_label = calibrated.cosines[:, label], calibrated.targets == label
        kept = cosines >= calibrated.document["labels"][label]["threshold"]
        assert entry["f1"] == pytest.approx(f1_score(is_label, kept), abs=PRINTED), entry
        assert entry["precision"] == pytest.approx(precision_score(is_label, kept), abs=PRINTED)
        assert entry["recall"] == pytest.approx(recall_score(is_label, kept), abs=PRINTED)
        precision, recall, thresholds = precision_recall_curve(is_label, cosines)
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
        assert entry["f1"] == pytest.approx(f1.max(), abs=PRINTED)
        highest = thresholds[np.flatnonzero(np.isclose(f1[:-1], f1.max())).max()]  # of equal ones
        below = cosines[cosines < highest].max() if (cosines < highest).any() else highest
        assert entry["threshold"] == pytest.approx((highest + below) / 2, abs=1e-5)
        assert calibrated.document["labels"][label] == {"label": calibrated.labels[label],
                                                        "threshold": pytest.approx(entry["threshold"], abs=PRINTED)}


def test_calibrated_scores(run_clipcls, calibrated):
    result = run_clipcls(*calibrated.files[:7], *calibrated.offer, "--calibration", calibrated.file, "-f", "jsonl", "-k", 10)
    scores = softmax(SCALE * calibrated.cosines / calibrated.document["temperature"])
    for row, expected in zip(map(json.loads, result.stdout.splitlines()), scores[:7], strict=True):
        assert len(row["predictions"]) == 10
        for entry in row["predictions"]:
            assert entry["score"] == pytest.approx(expected[calibrated.labels.index(entry["label"])], abs=1e-5)


def test_calibrated_labels_apply_from_their_thresholds_on(run_clipcls, calibrated):
    thresholds = np.array([entry["threshold"] for entry in calibrated.document["labels"]])
    result = run_clipcls("--image-features", calibrated.embedded, *calibrated.offer, "--calibration", calibrated.file, "--multi-label", "-f", "jsonl")
    rows = [{entry["label"]: entry["score"] for entry in json.loads(line)["predictions"]} for line in result.stdout.splitlines()]
    assert len(rows) == 60 and any(not row for row in rows) and any(len(row) > 1 for row in rows)
    for row, cosines in zip(rows, calibrated.cosines):
        assert set(row) == {label for label, cosine, threshold in zip(calibrated.labels, cosines, thresholds) if cosine >= threshold}
        for label, score in row.items():
            index = calibrated.labels.index(label)
            assert score == pytest.approx(sigmoid(SCALE * (cosines[index] - thresholds[index])), abs=1e-4)


def test_evaluation_takes_the_temperature(run_clipcls, calibrated):
    common = ("eval", calibrated.folder, "--image-features", calibrated.embedded, "-f", "json")
    plain = json.loads(run_clipcls(*common).stdout)["runs"][0]
    run = json.loads(run_clipcls(*common, "--calibration", calibrated.file).stdout)["runs"][0]
    assert run["top1"] == plain["top1"]
    assert run["calibration_error"] == pytest.approx(calibrated.summary["calibration_error_after"], abs=1e-9)
    assert plain["calibration_error"] == pytest.approx(calibrated.summary["calibration_error_before"], abs=1e-9)
    assert run["calibration_error"] < plain["calibration_error"]


def test_text(run_clipcls, calibrated, tmp_path):
    text = run_clipcls("calibrate", calibrated.folder, "--image-features", calibrated.embedded, "-o", tmp_path / "c.json").stdout
    assert f"temperature              {calibrated.document['temperature']:.4f}\n" in text
    assert (tmp_path / "c.json").read_bytes() == calibrated.file.read_bytes()
    assert f"cat       {calibrated.document['labels'][0]['threshold']:.4f}" in text


def test_another_model_or_other_labels_are_refused(run_clipcls, calibrated, tmp_path):
    common = (calibrated.files[0], "--calibration", calibrated.file)
    other = Path(shutil.copytree(EVERYDAY, tmp_path / "other"))
    config = json.loads((other / "config.json").read_text("utf-8"))
    config["image"]["mean"] = [0.4, 0.5, 0.5]
    (other / "config.json").write_text(json.dumps(config), "utf-8")
    one_line_error(run_clipcls(*common, *calibrated.offer, "-m", other), str(calibrated.file), "fitted for model everyday", "another")
    one_line_error(run_clipcls(*common, "--label", "cat", "--label", "dog"), str(calibrated.file), "10 labels that are not these 2")
    one_line_error(run_clipcls(*common, *calibrated.offer, "-t", "a {}"), str(calibrated.file), "other prompts or templates")
    one_line_error(run_clipcls(*common, *calibrated.offer, "--score", "sigmoid"), str(calibrated.file), "fitted for the score softmax")


@pytest.mark.parametrize("part, change", [
    ("is not a calibration file", lambda document: document.pop("format")),
    ("field format_version is 2", lambda document: document.update(format_version=2)),
    ("field temperature is 0", lambda document: document.update(temperature=0)),
    ("field temperature is \"x\"", lambda document: document.update(temperature="x")),
    ("field labels is missing", lambda document: document.pop("labels")),
    ("field threshold is \"x\"", lambda document: document["labels"][3].update(threshold="x")),
])
def test_files_that_do_not_fit(run_clipcls, calibrated, tmp_path, part, change):
    document = json.loads(calibrated.file.read_text("utf-8"))
    change(document)
    (tmp_path / "c.json").write_text(json.dumps(document), "utf-8")
    one_line_error(run_clipcls(calibrated.files[0], *calibrated.offer, "--calibration", tmp_path / "c.json"), "c.json", part)


def test_labels_without_pictures_and_pictures_without_mistakes(run_clipcls, calibrated, tmp_path):
    easy = tmp_path / "easy"
    for label in ("star", "sun"):
        shutil.copytree(calibrated.folder / label, easy / label)
    result = run_clipcls("calibrate", easy, "-o", tmp_path / "c.json", "--label", "star", "--label", "sun", "--label", "bread", "-f", "json")
    assert result.returncode == 0 and "1 of 3 labels have no picture" in result.stderr
    document = json.loads((tmp_path / "c.json").read_text("utf-8"))
    assert document["labels"][2] == {"label": "bread", "threshold": None}
    alone = tmp_path / "alone"
    shutil.copytree(calibrated.folder / "star", alone / "star")
    result = run_clipcls("calibrate", alone, "-o", tmp_path / "d.json", "--label", "star", "--label", "zebra crossing")
    assert result.returncode == 0 and "every picture already ranks its label first" in result.stderr
    assert json.loads((tmp_path / "d.json").read_text("utf-8"))["temperature"] == pytest.approx(0.01)
    one_line_error(run_clipcls("calibrate", alone, "-o", "/nonexistent/c.json"), "/nonexistent/c.json", "cannot be written")
    one_line_error(run_clipcls("calibrate", alone), "--output")


def test_sigmoid_models_get_a_temperature_of_their_own_loss(run_clipcls, calibrated, tmp_path):
    model = Path(shutil.copytree(EVERYDAY, tmp_path / "model"))
    config = json.loads((model / "config.json").read_text("utf-8"))
    config |= {"activation": "sigmoid", "logit_bias": -9.0}
    (model / "config.json").write_text(json.dumps(config), "utf-8")
    result = run_clipcls("calibrate", calibrated.folder, "-m", model, "-o", tmp_path / "c.json", "-f", "json")
    assert result.returncode == 0, result.stderr
    signs = np.where(calibrated.targets[:, None] == np.arange(10), 1, -1)
    logits = SCALE * calibrated.cosines - 9

    def loss(temperature: float) -> float:
        return np.logaddexp(0, -signs * logits / temperature).mean()

    best = minimize_scalar(lambda logarithm: loss(np.exp(logarithm)), bounds=(-4, 4), method="bounded", options={"xatol": 1e-9})
    assert json.loads(result.stdout)["temperature"] == pytest.approx(np.exp(best.x), rel=1e-4)
