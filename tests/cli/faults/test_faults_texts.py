"""Label files, configurations and other JSON as nobody writes them: deep, long, endless."""
import json
import resource
import shutil
import subprocess
from pathlib import Path

import processes
import pytest
from conftest import not_with_address_sanitizer

ROOT = Path(__file__).resolve().parents[3]
PICTURE = ROOT / "models" / "everyday" / "shark.png"
DEPTH = 1_000_000
DEEP = {"list": "[" * DEPTH + "]" * DEPTH, "object": '{"a":' * DEPTH + "1" + "}" * DEPTH}


def one_line(result: "subprocess.CompletedProcess[str]", *parts: str) -> None:
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1), (result.returncode, result.stderr[:500])
    assert len(result.stderr) < 1000
    for part in parts:
        assert part in result.stderr


@pytest.mark.parametrize("deep", DEEP)
@pytest.mark.parametrize("text", ["{}", '["cat", {}]', '[{{"label": "cat", "prompts": {}}}]', '{{"cat": {}, "dog": "a dog"}}',
                                  '{{"format": {}, "format_version": 1, "labels": ["cat"]}}', '{{"format_version": {}, "format": 1}}'])
def test_deep_labels(run_clipcls, tmp_path, text, deep):
    labels = tmp_path / "labels.json"
    labels.write_text(text.format(DEEP[deep]))
    one_line(run_clipcls(PICTURE, "-l", labels), f"{labels}: is nested too deeply")


@pytest.mark.parametrize("deep", DEEP)
def test_deep_calibration_and_features(run_clipcls, tmp_path, deep):
    calibration = tmp_path / "calibration.json"
    calibration.write_text('{"format": "clipcls-calibration", "format_version": ' + DEEP[deep] + ', "labels": []}')
    one_line(run_clipcls(PICTURE, "-l", "cifar100", "--calibration", calibration), str(calibration), "nested too deeply")
    assert run_clipcls("embed", PICTURE, "-o", tmp_path / "features", "-q").returncode == 0
    (info,) = (tmp_path / "features").glob("*.json")
    info.write_text('{"format_version": ' + DEEP[deep] + ', "model": 1}')
    one_line(run_clipcls("--image-features", tmp_path / "features", "-l", "cifar100"), str(info), "nested too deeply")


@pytest.mark.parametrize("deep", DEEP)
@pytest.mark.parametrize("text", ["{}", '{{"name": {}, "embed_dim": 1}}'])
def test_deep_model_files(run_clipcls, tmp_path, text, deep):
    model = Path(shutil.copytree(ROOT / "models" / "everyday", tmp_path / "model"))
    (model / "config.json").write_text(text.format(DEEP[deep]))
    one_line(run_clipcls(PICTURE, "-l", "cifar100", "-m", model), f"{model}/config.json: is nested too deeply")
    shutil.copy(ROOT / "models" / "everyday" / "config.json", model)
    (model / "reference.json").write_text(text.format(DEEP[deep]))
    one_line(run_clipcls("model", "verify", model), f"{model}/reference.json: is nested too deeply")


@pytest.mark.parametrize("deep", DEEP)
def test_deep_rows_and_settings_of_a_run_to_resume(run_clipcls, tmp_path, deep):
    output = tmp_path / "rows.jsonl"
    arguments = (PICTURE, "-l", "cifar100", "-f", "jsonl", "-o", output, "--resume")
    assert run_clipcls(*arguments).returncode == 0
    rows, settings = output.read_text(), Path(f"{output}.resume")
    known = settings.read_text()
    settings.write_text('{"format": "clipcls-resume", "model": ' + DEEP[deep] + ', "--top-k": "5"}')
    assert run_clipcls(*arguments).returncode == 0 and output.read_text() == rows
    settings.write_text(known)
    output.write_text(rows + '{"image": ' + DEEP[deep] + "}\n")
    one_line(run_clipcls(*arguments), f"{output}: line 2 is not a row")
    assert output.read_text().startswith(rows)


@pytest.mark.parametrize("deep", DEEP)
def test_deep_journal(run_clipcls, tmp_path, deep):
    journal = tmp_path / "journal.jsonl"
    journal.write_text('{"format":"clipcls-journal","format_version":1}\n{"action":' + DEEP[deep] + ',"target":"x"}\n')
    result = run_clipcls("undo", journal)
    assert result.returncode in (1, 2) and str(journal) in result.stderr and len(result.stderr) < 1000


@not_with_address_sanitizer
def test_ten_million_labels(clipcls_binary, tmp_path):
    labels = tmp_path / "labels.txt"
    with open(labels, "w") as file:
        for start in range(0, 10_000_000, 100_000):
            file.write("\n".join(map(str, range(start, start + 100_000))) + "\n")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    result = processes.run([clipcls_binary, PICTURE, "-l", labels], capture_output=True, text=True, timeout=240, preexec_fn=limit, check=False)
    one_line(result, "10000000 labels take", "give fewer labels")


@pytest.mark.parametrize("text", ["a" * 1_000_000, " ".join(f"word{number}" for number in range(110_000)), "犬" * 333_333])
def test_a_label_of_a_megabyte(run_clipcls, tmp_path, text):
    (tmp_path / "labels.txt").write_text(f"shark\n{text}\n")
    result = run_clipcls(PICTURE, "-l", tmp_path / "labels.txt", "-f", "jsonl", timeout=120)
    assert result.returncode == 0
    assert {prediction["label"] for prediction in json.loads(result.stdout)["predictions"]} == {"shark", text}


def test_a_list_without_an_end(run_clipcls):
    one_line(run_clipcls(PICTURE, "-l", "/dev/zero", timeout=120), "/dev/zero: is too large: it has more than 1073741824 bytes")
