"""Texts as editors and shells of every system write them: marks at the head, line ends, UTF-16, pipes; and what is no such text."""
import json
import subprocess
from pathlib import Path

import pytest
from conftest import one_line_error, rows_of
from running_server import Start, start  # noqa: F401

ROOT = Path(__file__).resolve().parents[3]
PICTURE = ROOT / "models" / "everyday" / "shark.png"
MARK = "\ufeff"


@pytest.fixture()
def classify(clipcls_binary, tmp_path):
    """classify(*arguments, stdin=text): a run in a folder of its own, with a copy of the picture, a.png."""
    (tmp_path / "a.png").write_bytes(PICTURE.read_bytes())

    def run(*arguments: object, stdin: str | bytes = "") -> "subprocess.CompletedProcess[str]":
        result = subprocess.run([clipcls_binary, *map(str, arguments)], input=stdin.encode() if isinstance(stdin, str) else stdin,
                                capture_output=True, timeout=120, cwd=tmp_path, check=False)
        result.stdout, result.stderr = result.stdout.decode(), result.stderr.decode()
        return result
    return run


def labels_of(result) -> list[str]:
    assert result.returncode == 0, result.stderr
    row, = rows_of(result.stdout)
    return sorted(prediction["label"] for prediction in row["predictions"])


@pytest.mark.parametrize("text", [
    "shark\rcat\rdog\r", "shark\r\ncat\r\ndog\r\n", "shark\ncat\ndog", MARK + "shark\r\ncat\r\ndog", "\u200bshark\n\u00a0cat\u3000\n\tdog\u2060\n",
    '{"labels": ["shark", "cat", "dog"]}', MARK + '{"shark": [], "cat": [], "dog": []}\r\n', '["shark", "cat\\u00a0", "\\ufeffdog"]'])
def test_labels_of_every_shape(classify, tmp_path, text):
    (tmp_path / "list").write_bytes(text.encode())
    from_file = classify("a.png", "-l", "list", "-q", "-f", "jsonl")
    assert labels_of(from_file) == ["cat", "dog", "shark"] and from_file.stderr == ""
    assert classify("a.png", "-l", "-", "-q", "-f", "jsonl", stdin=text).stdout == from_file.stdout


def test_templates_and_lists_with_marks(classify, tmp_path):
    plain = classify("a.png", "--label", "shark", "--label", "cat", "-t", "a {}", "-t", "the {}", "-f", "jsonl", "-q")
    assert plain.returncode == 0
    (tmp_path / "templates").write_bytes((MARK + "a {}\rthe {}\u00a0\r").encode())
    assert classify("a.png", "--label", "shark", "--label", "cat", "--templates", "templates", "-f", "jsonl", "-q").stdout == plain.stdout
    for ends, flags in (("\r\n", ()), ("\n", ()), ("\0", ("-0",))):
        (tmp_path / "list").write_bytes((MARK + "a.png" + ends).encode())
        arguments = ("--label", "shark", "--label", "cat", "--templates", "-", "-f", "jsonl", "-q", "-T", "list", *flags)
        assert classify(*arguments, stdin="a {}\nthe {}\n").stdout == plain.stdout
    assert classify("--label", "shark", "--label", "cat", "--templates", "templates", "-f", "jsonl", "-q", "-T", "-",
                    stdin=MARK + "a.png\r\n").stdout == plain.stdout


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_utf_16_is_named_wherever_it_comes(classify, tmp_path, encoding):
    def write(name: str, text: str) -> None:
        mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
        (tmp_path / name).write_bytes(mark + text.encode(encoding))
    write("labels.txt", "shark\r\ncat\r\n")
    write("labels.json", '["shark"]')
    write("templates", "a {}\r\n")
    write("list", "a.png\r\n")
    write("table.csv", "path,label\r\na.png,shark\r\n")
    write("calibration.json", "{}")
    (tmp_path / "model").mkdir()
    write("model/config.json", "{}")
    label = ("--label", "shark")
    for arguments, place in (
            (("a.png", "-l", "labels.txt"), "labels.txt"), (("a.png", "-l", "labels.json"), "labels.json"),
            (("a.png", *label, "--templates", "templates"), "templates"), (("-T", "list", *label), "list"),
            (("eval", "table.csv"), "table.csv"), (("calibrate", "table.csv", "-o", "x"), "table.csv"),
            (("a.png", *label, "--calibration", "calibration.json"), "calibration.json"),
            (("labels", "check", "labels.txt"), "labels.txt"), (("a.png", *label, "-m", "model"), "model/config.json"),
            (("serve", "--port", "0", "-l", "labels.txt"), "labels.txt")):
        one_line_error(classify(*arguments), f"{place}: is UTF-16 text", "iconv -f UTF-16 -t UTF-8")
    for arguments in (("a.png", "-l", "-"), ("a.png", *label, "--templates", "-"), ("tokenize", "-"), ("-T", "-", *label, "-q")):
        one_line_error(classify(*arguments, stdin=(tmp_path / "labels.txt").read_bytes()), "is UTF-16 text")


@pytest.mark.parametrize("name, content, parts", [
    ("c.json", '// mine\n["shark", "cat"]', ("c.json: is not JSON: line 1 has a comment",)),
    ("c.json", '["shark",\n "cat",\n]', ("c.json: is not JSON: line 3 has a comma before ]",)),
    ("c.txt", '{"labels": ["shark",]}', ("c.txt: is not JSON: line 1 has a comma before ]",)),
    ("c.json", '{"cat": [], "cat": ["a cat"]}', ('c.json: has the key "cat" twice',)),
    ("c.json", '{"name": "x", "labels": ["cat"]}', ("c.json: has a field labels and others",)),
    ("c.json", '[["cat"]]', ('c.json: label 0 is ["cat"], expected a text or {"label": TEXT',)),
    ("c.json", '"cat"', ("c.json: is \"cat\", expected a list of labels",)),
    ("nul.txt", "cat\nd\0g\n", ("nul.txt:2: has a NUL byte",)),
    ("latin.txt", "cat\ncafé\n".encode("latin-1"), ("latin.txt:2: is not UTF-8 text", "iconv -f WINDOWS-1252")),
    ("empty.txt", "", ("empty.txt: has no entry",)),
    ("blank.txt", MARK + " \r\n\u00a0\r\n# cat\r\n", ("blank.txt: has no entry",)),
    ("binary", PICTURE.read_bytes(), ("binary:1: ",)),
])
def test_what_is_no_list(classify, tmp_path, name, content, parts):
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    one_line_error(classify("a.png", "-l", name), *parts)


def test_a_folder_does_not_take_the_name_of_what_is_built_in(classify, tmp_path):
    for name in ("cifar100", "openai", "food"):
        (tmp_path / name).mkdir()
    assert classify("a.png", "-l", "cifar100", "-k", "1", "-q").returncode == 0
    assert classify("a.png", "--label", "shark", "--templates", "openai", "-q").returncode == 0
    one_line_error(classify("a.png", "-l", "food"), "food: is a folder")
    one_line_error(classify("a.png", "--label", "shark", "--templates", "food"), "food: is a folder")
    for name in ("cifar100", "openai"):
        (tmp_path / name).rmdir()
    (tmp_path / "cifar100").write_text("shark\ncat\n")
    (tmp_path / "openai").write_text("a {}\n")
    assert labels_of(classify("a.png", "-l", "cifar100", "--templates", "openai", "-f", "jsonl", "-q")) == ["cat", "shark"]


def warnings_of(stderr: str) -> list[str]:
    return [line.removeprefix("clipcls: warning: ") for line in stderr.splitlines() if "warning: " in line]


def test_a_label_given_twice_counts_once(classify, tmp_path):
    (tmp_path / "list").write_text("shark\ncat\n\u00a0shark\ncat \n", "utf-8")
    once = classify("a.png", "--label", "shark", "--label", "cat", "-f", "jsonl")
    assert warnings_of(once.stderr) == []
    for arguments, warning in (
            (("--label", "shark", "--label", "cat", "--label", "shark"), 'label "shark" is given twice, and counts once'),
            (("--label", "shark", "--label", "cat", "--label", " cat\u200b"), 'label "cat" is given twice, and counts once'),
            (("-l", "list"), '2 labels are given again, and count once; the first is label "shark"'),
            (("-l", "list", "--label", "cat"), '3 labels are given again, and count once; the first is label "shark"')):
        result = classify("a.png", *arguments, "-f", "jsonl")
        assert (result.stdout, warnings_of(result.stderr)) == (once.stdout, [warning])
        assert classify("a.png", *arguments, "-f", "jsonl", "-q").stderr == ""
    none = classify("a.png", "--label", "shark", "--none", "cat", "-f", "jsonl", "-q")
    twice = classify("a.png", "--label", "shark", "--none", "cat", "--none", "cat ", "-f", "jsonl")
    assert (twice.stdout, warnings_of(twice.stderr)) == (none.stdout, ['background prompt "cat" is given twice, and counts once'])
    (tmp_path / "list").write_text("crane\ta bird.\ncrane\ta machine.\n")
    one_line_error(classify("a.png", "-l", "list"), 'label "crane" is given twice, with other prompts')


def test_labels_given_twice_in_other_commands(classify, tmp_path):
    (tmp_path / "list").write_text("shark\ncat\nshark\n")
    for label in ("shark", "cat"):
        (tmp_path / "pictures" / label).mkdir(parents=True)
        (tmp_path / "pictures" / label / "1.png").write_bytes(PICTURE.read_bytes())
    warning = ['label "shark" is given twice, and counts once']
    compared = classify("eval", "pictures", "-l", "list", "--compare", "other:template=a {}", "-f", "json")
    assert compared.returncode == 0 and warnings_of(compared.stderr) == warning
    assert [len(run["classes"]) for run in json.loads(compared.stdout)["runs"]] == [2, 2]
    piped = classify("eval", "pictures", "-l", "-", "--compare", "other:template=a {}", "-f", "json", stdin="shark\ncat\nshark\n")
    assert json.loads(piped.stdout)["runs"] == json.loads(compared.stdout)["runs"] and warnings_of(piped.stderr) == warning
    fitted = classify("calibrate", "pictures", "-l", "list", "-o", "calibration.json")
    assert fitted.returncode == 0 and warnings_of(fitted.stderr)[:1] == warning
    assert [entry["label"] for entry in json.loads((tmp_path / "calibration.json").read_text())["labels"]] == ["shark", "cat"]
    assert labels_of(classify("a.png", "--label", "shark", "--label", "cat", "--calibration", "calibration.json", "-f", "jsonl")) == ["cat", "shark"]
    checked = classify("labels", "check", "list")
    assert checked.returncode == 1 and 'label 3 "shark" is label 1 "shark" again' in checked.stdout


def test_a_server_counts_a_label_once(start: Start):  # noqa: F811
    server = start("--label", "shark", "--label", "cat", "--label", "shark")
    picture = PICTURE.read_bytes()
    status, _, body = server.request("POST", "/classify", picture)
    assert status == 200 and sorted(entry["label"] for entry in json.loads(body)["predictions"]) == ["cat", "shark"]
    status, _, body = server.request("POST", "/classify?label=dog&label=cat&label=%20dog", picture)
    assert status == 200 and sorted(entry["label"] for entry in json.loads(body)["predictions"]) == ["cat", "dog"]


def test_eval_leaves_out_what_a_folder_leaves_out(classify, tmp_path):
    for folder in ("shark", "cat", "@eaDir", "#recycle", ".thumbnails", "$RECYCLE.BIN", "lost+found", "__MACOSX", "shark/@eaDir", "cat/.thumbnails"):
        (tmp_path / "pictures" / folder).mkdir(parents=True)
        (tmp_path / "pictures" / folder / "1.png").write_bytes(PICTURE.read_bytes())
    result = classify("eval", "pictures", "-f", "json", "-q")
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["num_images"] == 2 and [entry["label"] for entry in document["runs"][0]["classes"]] == ["cat", "shark"]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_tables_of_every_shape(classify, tmp_path, ends):
    rows = MARK + ends.join(("path, label", "a.png,shark\u00a0", '"a.png", cat', ""))
    (tmp_path / "table.csv").write_bytes(rows.encode())
    from_file = classify("eval", "table.csv", "-f", "json", "-q")
    assert from_file.returncode == 0, from_file.stderr
    document = json.loads(from_file.stdout)
    assert document["num_images"] == 2 and [entry["label"] for entry in document["runs"][0]["classes"]] == ["cat", "shark"]
    piped = json.loads(classify("eval", "-", "-f", "json", "-q", stdin=rows).stdout)
    assert piped["runs"] == document["runs"]
