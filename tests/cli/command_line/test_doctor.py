"""`clipcls doctor` says what the program then does."""
import json
import os
import resource

import processes
import pytest
from conftest import rows_of
from every_command import SHARK

LABELS = ("-l", "cat,dog,shark", "-f", "jsonl", "-q")


@pytest.fixture(scope="module")
def examine(clipcls_binary):
    def run(*arguments: object, limit: "tuple[int, int] | None" = None, **variables: str) -> "tuple[int, dict]":
        """(exit code, document); limit: (resource, value)"""
        result = processes.run([clipcls_binary, "doctor", "-f", "json", *map(str, arguments)], capture_output=True, text=True, check=False,
                               env=os.environ | variables, preexec_fn=limit and (lambda: resource.setrlimit(limit[0], (limit[1], limit[1]))))
        assert result.stderr == "", result.stderr
        return result.returncode, json.loads(result.stdout)
    return run


def test_its_claims_are_what_the_program_does(examine, run_clipcls, test_models, tmp_path):
    model = test_models / "tiny"
    code, document = examine("-m", model, "--cache-dir", tmp_path)
    assert code == 0 and document["problems"] == []
    info = json.loads(run_clipcls("model", "info", model, "-f", "json").stdout)
    assert (document["model"]["name"], document["model"]["path"]) == (info["name"], info["path"])
    assert document["clipcls"]["version"] in run_clipcls("--version").stdout
    assert document["clipcls"]["libtorch"] == info["torch_version"]["runs"]
    assert [row["precision"] for row in document["precisions"]] == ["fp32", "bf16", "int8"]
    exact, = rows_of(run_clipcls(SHARK, *LABELS, "-m", model).stdout)
    similarity = {prediction["label"]: prediction["similarity"] for prediction in exact["predictions"]}
    for row in document["precisions"]:
        assert row["images_per_second"] > 0 and 0.9 < row["smallest_cosine"] <= 1
        other, = rows_of(run_clipcls(SHARK, *LABELS, "-m", model, "--precision", row["precision"]).stdout)
        for prediction in other["predictions"]:  # a cosine cannot move further than the angle between the features
            angle = (2 * (1 - row["smallest_cosine"])) ** 0.5
            assert abs(prediction["similarity"] - similarity[prediction["label"]]) <= 2 * angle + 1e-3, row
    libraries = {row["format"]: row["library"] for row in document["picture_formats"]}
    assert (libraries["JPEG"], libraries["TIFF"], libraries["GIF"]) == ("libjpeg-turbo", "libtiff", "clipcls")
    formats = json.loads(run_clipcls("formats", "-f", "json").stdout)
    assert [(row["format"], row["version"] or None) for row in document["picture_formats"]] == [(row["format"], row["version"]) for row in formats]
    verbose = run_clipcls(SHARK, *LABELS[:2], "-m", model, "-v", "--precision", "auto").stderr
    assert f"precision {document['processor']['auto_precision']}" in verbose
    usage = json.loads(run_clipcls("cache", "info", "-f", "json", "--cache-dir", tmp_path).stdout)
    assert (document["cache"]["folder"], document["cache"]["limit"]) == (usage["folder"], usage["max_bytes"])


def test_a_level_that_is_held_is_said(examine, test_models):
    _, document = examine("-m", test_models / "tiny", CLIPCLS_MAX_ISA="avx2")
    assert (document["processor"]["level"], document["processor"]["held_to"]) in (("avx2", "avx2"), ("x86-64-v2", "avx2"))
    assert document["environment"]["CLIPCLS_MAX_ISA"] == "avx2" and document["processor"]["auto_precision"] == "fp32"


def test_problems_are_named(examine, tmp_path):
    code, document = examine("-m", tmp_path / "nothing", limit=(resource.RLIMIT_NOFILE, 100))
    assert code == 1 and len(document["problems"]) == 2
    assert "ulimit -n says 100" in document["problems"][0] and "no such model" in document["problems"][1]
    assert document["precisions"] == [] and document["processor"]["level"]


def test_text_has_every_section(run_clipcls, test_models):
    result = run_clipcls("doctor", "-m", test_models / "tiny")
    assert result.returncode == 0 and result.stderr == ""
    for section in ("clipcls", "processor", "environment", "model", "precisions", "picture_formats", "model_folders", "cache", "limits", "problems"):
        assert f"\n{section}\n" in "\n" + result.stdout
