"""csv, tsv and JSON: what other programs read back is what was found out."""
import base64
import csv
import io
import json
import os
import pty
import re
import subprocess
from pathlib import Path

import jsonschema
import processes
import pytest
from conftest import messages

ROOT = Path(__file__).resolve().parents[3]
LABELS = ("--label", "cat", "--label", "a, \"quoted\" dog", "--label", "=1+1", "--label", "tab\tbed")
NAMES = [b"plain.png", b"new\nline.png", b"=cmd.png", b"comma, \"quote\".png", b"tab\t.png", b"\x1b[31m.png", b"\xff.png", b"back\\slash.png",
         b"'=x.png", b"-.png"]


@pytest.fixture()
def folder(tmp_path) -> Path:
    shark = (ROOT / "models" / "everyday" / "shark.png").read_bytes()
    for name in NAMES:
        (tmp_path / os.fsdecode(name)).write_bytes(shark)
    (tmp_path / "broken.png").write_bytes(shark[:200])
    return tmp_path


@pytest.fixture()
def run(clipcls_binary, folder):
    """Runs in the folder, over all names, so that a name stands as it is in its row; output as bytes."""
    names = sorted(os.fsencode(path.name) for path in folder.iterdir())
    def run(*arguments: str) -> bytes:
        result = processes.run([clipcls_binary, "-T", "-", "-0", *LABELS, *arguments], input=b"\0".join(names), cwd=folder,
                               capture_output=True, check=False)
        assert result.returncode == 1, result.stderr
        assert len(messages(result.stderr.decode())) == 1
        return result.stdout
    return run


def expected_rows(run, *arguments: str) -> list[tuple[bytes, list[tuple[str, float, float]], str, str]]:
    """(path, [(label, score, similarity)], error kind, error message), from jsonl."""
    rows = []
    for line in run("-f", "jsonl", *arguments).decode().splitlines():
        row = json.loads(line)
        path = base64.b64decode(row["image_bytes"]) if "image_bytes" in row else row["image"].encode()
        error = row.get("error", {"kind": "", "message": ""})
        rows.append((path, [(p["label"], p["score"], p["similarity"]) for p in row.get("predictions", [])], error["kind"], error["message"]))
    return rows


def unescape_tsv(cell: str) -> bytes:
    """As src/report/README.md says: \\t \\n \\r \\\\ and \\xNN."""
    words = {b"t": b"\t", b"n": b"\n", b"r": b"\r", b"\\": b"\\"}
    return re.sub(rb"\\(x[0-9A-F]{2}|.)", lambda m: words.get(m[1]) or bytes([int(m[1][1:], 16)]), cell.encode())


def read_table(output: bytes, format: str) -> tuple[list[str], list[list[bytes]]]:
    if format == "csv":
        assert output.endswith(b"\r\n")
        header, *rows = csv.reader(io.StringIO(output.decode("latin-1"), newline=""), strict=True)
        return header, [[cell.encode("latin-1") for cell in row] for row in rows]
    lines = output.decode().split("\n")
    assert lines.pop() == ""
    return lines[0].split("\t"), [[unescape_tsv(cell) for cell in line.split("\t")] for line in lines[1:]]


@pytest.mark.parametrize("format", ["csv", "tsv"])
def test_a_row_an_image(run, format):
    header, rows = read_table(run("-f", format, "-k", "2"), format)
    assert header == ["image", "label_1", "score_1", "similarity_1", "label_2", "score_2", "similarity_2", "error_kind", "error_message"]
    expected = expected_rows(run, "-k", "2")
    assert len(rows) == len(expected) == len(NAMES) + 1
    for row, (path, predictions, kind, message) in zip(rows, expected, strict=True):
        assert (row[0], row[7].decode(), row[8].decode()) == (path, kind, message)
        assert [(row[i].decode(), float(row[i + 1]), float(row[i + 2])) for i in (1, 4) if row[i]] == predictions


@pytest.mark.parametrize("format", ["csv", "tsv"])
def test_a_row_a_prediction(run, format):
    header, rows = read_table(run("-f", format, "--long", "-k", "3"), format)
    assert header == ["image", "rank", "label", "score", "similarity", "error_kind", "error_message"]
    expected = []
    for path, predictions, kind, message in expected_rows(run, "-k", "3"):
        expected += [(path, str(rank), label, score, similarity, "", "") for rank, (label, score, similarity) in enumerate(predictions, 1)]
        if kind:
            expected.append((path, "", "", None, None, kind, message))
    assert [(row[0], row[1].decode(), row[2].decode(), float(row[3]) if row[3] else None, float(row[4]) if row[4] else None,
             row[5].decode(), row[6].decode()) for row in rows] == expected


@pytest.mark.parametrize("format", ["csv", "tsv"])
def test_formulas_are_texts(run, format):
    plain = read_table(run("-f", format), format)[1]
    safe = read_table(run("-f", format, "--escape-formulas"), format)[1]
    assert any(cell.startswith((b"=", b"-", b"'")) for row in plain for cell in row)
    for row, original in zip(safe, plain, strict=True):
        for index, (cell, before) in enumerate(zip(row, original, strict=True)):
            is_number = index > 0 and index % 3 in (2, 0) and index < 16
            assert cell == (b"'" + before if before.startswith((b"=", b"+", b"-", b"@", b"\t", b"\r", b"'")) and not is_number else before)


def test_tsv_is_one_printable_line_a_row(run):
    lines = run("-f", "tsv").decode().split("\n")
    assert len(lines) == len(NAMES) + 3
    assert not [c for line in lines for c in line if (ord(c) < 32 or 127 <= ord(c) < 160) and c != "\t"]


def test_csv_on_a_terminal_cannot_steer_it(clipcls_binary, folder):
    parent, child = pty.openpty()
    with processes.launch([clipcls_binary, folder, *LABELS, "-f", "csv"], stdout=child, stderr=subprocess.DEVNULL):
        os.close(child)
        output = b""
        try:
            while block := os.read(parent, 65536):
                output += block
        except OSError:  # Linux says so at the end of a terminal
            pass
    os.close(parent)
    assert b"\\x1B[31m.png" in output and b"\x1b" not in output


def test_the_schema_holds_for_the_real_output(run, run_clipcls, folder):
    schema = json.loads((ROOT / "src" / "report" / "result.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    results = json.loads(run("-f", "json"))
    assert len(results) == len(NAMES) + 1
    validator.validate(results)
    validator.validate([])
    for score in ("softmax", "sigmoid", "cosine"):
        for line in run("-f", "jsonl", "--score", score).decode().splitlines():
            validator.validate(json.loads(line))
    more = run_clipcls("/nonexistent", "/dev/null", "/dev/zero", ROOT / "models" / "everyday" / "shark.png", "--max-megapixels", 0.001,
                       *LABELS, "-f", "json")
    kinds = {row["error"]["kind"] for row in json.loads(more.stdout)}
    assert kinds == {"not_found", "unreadable", "too_large"}
    validator.validate(json.loads(more.stdout))
    for damage in ({"image": 1}, {"predictions": None}, {"image": ""}, {"error": {"kind": "not_found", "message": "x"}},
                   {"predictions": [{"label": "cat", "score": 1}]}, {"predictions": [{"label": "cat", "score": 2, "similarity": 0}]},
                   {"image_bytes": "?"}):
        assert list(validator.iter_errors({**next(row for row in results if "error" not in row), **damage})), damage
    assert list(validator.iter_errors({"image": "x"})) and list(validator.iter_errors({"image": "x", "error": {"kind": "odd", "message": "x"}}))


def test_ranking_features_gives_the_same_tables(run_clipcls, folder, tmp_path_factory):
    features = tmp_path_factory.mktemp("features") / "f"
    (folder / "broken.png").unlink()
    assert run_clipcls("embed", folder, "-o", features).returncode == 0
    for flags in (("-f", "csv"), ("-f", "tsv", "--long", "-k", 2), ("-f", "csv", "--escape-formulas", "--long"), ("-f", "text",)):
        assert run_clipcls(folder, *LABELS, *flags, "-o", folder / "a").returncode == 0
        assert run_clipcls("--image-features", features, *LABELS, *flags, "-o", folder / "b").returncode == 0
        assert (folder / "a").read_bytes() == (folder / "b").read_bytes()
