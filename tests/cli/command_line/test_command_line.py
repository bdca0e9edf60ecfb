"""The contract of the command line: formats, exit codes and errors, by the real program and a tiny random model."""
import json
import os
import subprocess
import tempfile
from pathlib import Path

import processes
import pytest
from conftest import messages, one_line_error
from PIL import Image


@pytest.fixture(scope="session")
def model(test_models: Path) -> Path:
    return test_models / "tiny"


@pytest.fixture()
def pictures(tmp_path: Path) -> list[Path]:
    """Three small pictures of different colours, the second with a blank in its name."""
    paths = []
    for name, colour in (("red.png", "red"), ("sky blue.jpg", "skyblue"), ("grey.webp", "grey")):
        paths.append(tmp_path / name)
        Image.linear_gradient("L").convert("RGB").resize((40, 30)).save(paths[-1])
        Image.blend(Image.open(paths[-1]).convert("RGB"), Image.new("RGB", (40, 30), colour), 0.5).save(paths[-1])
    return paths


LABELS = ("--label", "cat", "--label", "dog", "--label", "fish")


def rows_of(result: "subprocess.CompletedProcess[str]") -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_text_of_one_image(run_clipcls, model, pictures):
    result = run_clipcls(pictures[0], "-m", model, "-l", "cifar100")
    assert result.returncode == 0 and messages(result.stderr) == []
    lines = result.stdout.splitlines()
    assert lines[:2] == ["Top predictions:", ""] and len(lines) == 7
    for line in lines[2:]:
        label, score = line.split(": ")
        assert len(label) == 16 and score.endswith("%") and len(score.split(".")[1]) == 3
    scores = [float(line.split(": ")[1][:-1]) for line in lines[2:]]
    assert scores == sorted(scores, reverse=True)


def test_text_of_several_images(run_clipcls, model, pictures):
    result = run_clipcls(*pictures, "-m", model, *LABELS, "-k", 2)
    blocks = result.stdout.split("\n\n" + str(pictures[0].parent))
    assert result.stdout.startswith(f"{pictures[0]}:\nTop predictions:\n\n")
    assert len(blocks) == 3
    alone = run_clipcls(pictures[1], "-m", model, *LABELS, "-k", 2).stdout
    assert f"{pictures[1]}:\n{alone}" in result.stdout


def test_json_and_jsonl_agree(run_clipcls, model, pictures):
    as_json = run_clipcls(*pictures, "-m", model, *LABELS, "-f", "json")
    as_jsonl = run_clipcls(*pictures, "-m", model, *LABELS, "-f", "jsonl")
    rows = json.loads(as_json.stdout)
    assert rows == rows_of(as_jsonl)
    assert [row["image"] for row in rows] == [str(path) for path in pictures]
    for row in rows:
        assert sum(prediction["score"] for prediction in row["predictions"]) == pytest.approx(1, abs=3e-6)  # each has six decimals
        assert all(-1 <= prediction["similarity"] <= 1 for prediction in row["predictions"])


def test_top_k_above_the_number_of_labels_gives_all(run_clipcls, model, pictures):
    rows = rows_of(run_clipcls(pictures[0], "-m", model, *LABELS, "-k", 1000, "-f", "jsonl"))
    assert len(rows[0]["predictions"]) == 3


def test_batch_size_and_threads_change_no_answer(run_clipcls, model, pictures):
    arguments = (*pictures, "-m", model, *LABELS, "-f", "text")
    expected = run_clipcls(*arguments).stdout
    assert run_clipcls(*arguments, "--batch-size", 1).stdout == expected
    assert run_clipcls(*arguments, "--batch-size", 2, "--threads", 1).stdout == expected


def test_score_kinds(run_clipcls, model, pictures):
    def predictions(*flags):
        return rows_of(run_clipcls(pictures[0], "-m", model, *LABELS, "-f", "jsonl", *flags))[0]["predictions"]
    cosine, softmax = predictions("--score", "cosine"), predictions()
    assert [p["label"] for p in cosine] == [p["label"] for p in softmax]
    for prediction in cosine:
        assert prediction["score"] == pytest.approx(prediction["similarity"], abs=1e-6)


def test_templates_from_flags_and_file_agree(run_clipcls, model, pictures, tmp_path):
    file = tmp_path / "templates.txt"
    file.write_text("# two\na photo of a {}.\na drawing of the {}\n", "utf-8")
    common = (pictures[0], "-m", model, *LABELS, "-f", "jsonl")
    by_file = run_clipcls(*common, "--templates", file).stdout
    by_flag = run_clipcls(*common, "-t", "a photo of a {}.", "-t", "a drawing of the {}").stdout
    assert by_file == by_flag != run_clipcls(*common).stdout


def test_labels_from_file_keep_order_and_unicode(run_clipcls, model, pictures, tmp_path):
    file = tmp_path / "labels.txt"
    file.write_bytes("\ufeff# animals\r\n犬\r\n\r\naquarium_fish\r\nÜbergröße\r\n".encode())
    result = run_clipcls(pictures[0], "-m", model, "-l", file, "--label", "one more", "-f", "jsonl")
    assert {p["label"] for p in rows_of(result)[0]["predictions"]} == {"犬", "aquarium_fish", "Übergröße", "one more"}
    text = run_clipcls(pictures[0], "-m", model, "-l", file).stdout
    assert "              犬: " in text and "       Übergröße: " in text  # 16 columns, wide characters take two


def test_a_label_of_its_own_may_start_with_a_hash(run_clipcls, model, pictures):
    result = run_clipcls(pictures[0], "-m", model, "--label", "#1 fan", "-f", "jsonl")
    assert rows_of(result)[0]["predictions"][0]["label"] == "#1 fan"


def test_a_cut_prompt_is_named(run_clipcls, model, pictures):
    result = run_clipcls(pictures[0], "-m", model, "--label", "cat", "--label", "word " * 100)
    assert result.returncode == 0
    assert result.stderr.startswith('clipcls: warning: the prompt of label "word word') and "77" in result.stderr
    assert run_clipcls(pictures[0], "-m", model, "--label", "word " * 100, "-q").stderr == ""


def test_failed_images_are_rows_and_the_run_goes_on(run_clipcls, model, pictures, tmp_path):
    empty, text, truncated = tmp_path / "empty.png", tmp_path / "text.jpg", tmp_path / "truncated.jpg"
    empty.write_bytes(b"")
    text.write_text("no image at all\n")
    truncated.write_bytes(pictures[1].read_bytes()[:200])
    inputs = [pictures[0], empty, tmp_path / "missing.png", text, "/dev/zero", truncated, pictures[2]]
    result = run_clipcls(*inputs, "-m", model, *LABELS, "-f", "jsonl")
    assert result.returncode == 1
    rows = rows_of(result)
    assert [row["image"] for row in rows] == [str(path) for path in inputs]
    kinds = [row["error"]["kind"] if "error" in row else None for row in rows]
    assert kinds[0] is None and kinds[6] is None
    assert kinds[2:6] == ["not_found", "not_an_image", "unreadable", "broken_image"]
    assert kinds[1] in ("not_an_image", "broken_image")
    lines = messages(result.stderr)
    assert len(lines) == 5 and [line.split(": ")[1] for line in lines] == [str(path) for path in inputs[1:6]]
    as_text = run_clipcls(*inputs, "-m", model, *LABELS)
    assert as_text.returncode == 1 and as_text.stdout.count("Top predictions:") == 2


def test_fail_fast_stops(run_clipcls, model, pictures, tmp_path):
    result = run_clipcls(pictures[0], tmp_path / "missing.png", pictures[2], "-m", model, *LABELS, "-f", "jsonl", "--fail-fast")
    assert result.returncode == 1 and len(rows_of(result)) == 2


def test_lists_of_paths(run_clipcls, clipcls_binary, model, pictures, tmp_path):
    expected = run_clipcls(*pictures, "-m", model, *LABELS, "-f", "jsonl").stdout
    listing = tmp_path / "list.txt"
    listing.write_text("".join(f"{path}\n" for path in pictures))
    assert run_clipcls("-T", listing, "-m", model, *LABELS, "-f", "jsonl").stdout == expected
    nul = "\0".join(map(str, pictures)) + "\0"
    result = processes.run([clipcls_binary, "-T", "-", "-0", "-m", model, *LABELS, "-f", "jsonl"], input=nul,
                           capture_output=True, text=True, check=False)
    assert result.stdout == expected


def test_an_image_on_standard_input(run_clipcls, clipcls_binary, model, pictures):
    result = processes.run([clipcls_binary, "-", "-m", model, *LABELS], input=pictures[0].read_bytes(),
                           capture_output=True, check=False)
    assert result.stdout.decode() == run_clipcls(pictures[0], "-m", model, *LABELS).stdout


def test_exif_rotation_can_be_turned_off(run_clipcls, model, tmp_path):
    picture = Image.linear_gradient("L").convert("RGB").resize((64, 64))
    upright, turned = tmp_path / "upright.png", tmp_path / "turned.png"
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(upright)
    picture.transpose(Image.Transpose.ROTATE_90).save(turned, exif=exif)

    def predictions(path, *flags):
        return rows_of(run_clipcls(path, "-m", model, *LABELS, "-f", "jsonl", *flags))[0]["predictions"]
    assert predictions(turned) == predictions(upright)
    assert predictions(turned, "--no-exif-rotation") != predictions(upright)


def test_output_file_is_whole_or_absent(run_clipcls, model, pictures, tmp_path):
    output = tmp_path / "out" / "results.jsonl"
    one_line_error(run_clipcls(pictures[0], "-m", model, *LABELS, "-o", output), str(output), "cannot be written")
    output.parent.mkdir()
    result = run_clipcls(*pictures, "-m", model, *LABELS, "-f", "jsonl", "-o", output)
    assert result.returncode == 0 and result.stdout == ""
    assert len(output.read_text().splitlines()) == 3 and list(output.parent.iterdir()) == [output]
    before = output.read_text()
    assert run_clipcls(pictures[0], "-m", tmp_path, *LABELS, "-o", output).returncode == 2
    assert output.read_text() == before and list(output.parent.iterdir()) == [output]


def test_a_full_disk_is_an_error(clipcls_binary, model, pictures):
    with open("/dev/full", "w") as full:
        result = processes.run([clipcls_binary, pictures[0], "-m", model, *LABELS], stdout=full, text=True,
                               stderr=subprocess.PIPE, check=False)
    assert result.returncode == 2 and "standard output: writing failed" in result.stderr


def test_file_names_cannot_steer_the_terminal(run_clipcls, model, pictures, tmp_path):
    evil = tmp_path / "\x1b[31mred\n.png"
    evil.write_bytes(pictures[0].read_bytes())
    result = run_clipcls(evil, tmp_path / "\x1b]0;x\x07.png", "-m", model, *LABELS)
    assert "\x1b" not in result.stdout + result.stderr and "\\x1B[31mred\\x0A.png" not in result.stderr
    both = run_clipcls(evil, pictures[0], "-m", model, *LABELS)
    assert "\\x1B[31mred\\x0A.png:\n" in both.stdout


@pytest.mark.parametrize("arguments, parts", [
    ((), ("no image given",)),
    (("x.png",), ("no labels given", "--labels")),
    (("x.png", "--lables", "x"), ("--lables",)),
    (("x.png", *LABELS, "-k", "0"), ("--top-k", "0")),
    (("x.png", *LABELS, "-k", "many"), ("--top-k", "many")),
    (("x.png", *LABELS, "-f", "xml"), ("--format", "xml", "json|jsonl|text")),
    (("x.png", *LABELS, "--batch-size", "-3"), ("--batch-size", "-3")),
    (("x.png", *LABELS, "-t", "no placeholder"), ("no placeholder", "{}")),
    (("x.png", *LABELS, "--templates", "/nonexistent"), ("/nonexistent", "no such file")),
    (("x.png", "-l", "/nonexistent"), ("/nonexistent", "cifar100")),
    (("x.png", "-l", "/"), ("/", "is a folder")),
    (("x.png", "--label", ""), ("--label",)),
    (("x.png", "--label", " "), ("--label",)),
    (("x.png", "--label", "one\ntwo"), ("--label", "one\\x0Atwo")),
    (("x.png", *LABELS, "-m", "/nonexistent"), ("/nonexistent", "no such model")),
    (("x.png", *LABELS, "-m", "/etc/hostname"), ("/etc/hostname", "neither a model folder nor")),
    (("-", "-", *LABELS), ("'-' is given more than once",)),
    (("x.png", *LABELS, "-0"), ("--files-from",)),
    (("-T", "/nonexistent", *LABELS), ("/nonexistent",)),
    (("x.png", *LABELS, "-q", "-v"), ("--quiet", "--verbose")),
    (("tokenize",), ("TEXT",)),
    (("tokenize", "x", "-m", "/nonexistent"), ("/nonexistent",)),
])
def test_bad_flags(run_clipcls, arguments, parts):
    one_line_error(run_clipcls(*arguments), *parts)


def test_bad_label_files(run_clipcls, model, pictures, tmp_path):
    for content, part in ((b"", "has no entry"), (b"\n# x\n\n", "has no entry"), (b"cat\n\xff\xfe\n", ":2: is not UTF-8"),
                          (bytes(range(256)), ":1: has a NUL byte")):
        file = tmp_path / "labels.bin"
        file.write_bytes(content)
        one_line_error(run_clipcls(pictures[0], "-m", model, "-l", file), str(file), part)


def test_unreadable_image(clipcls_binary, model, pictures):
    nobody = {"user": 65534} if os.geteuid() == 0 else {}  # root may read everything
    if processes.run([clipcls_binary, "--version"], capture_output=True, check=False, **nobody).returncode != 0:
        pytest.skip("the program lies where an ordinary user may not run it")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # pytest's own folders are closed to other users
        secret, readable = Path(folder) / "secret.png", Path(folder) / "readable.png"
        for path in (secret, readable):
            path.write_bytes(pictures[0].read_bytes())
        secret.chmod(0)
        result = processes.run([clipcls_binary, secret, readable, "-m", model, *LABELS, "-f", "jsonl"],
                               capture_output=True, text=True, check=False, **nobody)
    assert result.returncode == 1
    assert rows_of(result)[0]["error"]["kind"] == "unreadable" and "permissions" in result.stderr
    assert "predictions" in rows_of(result)[1]


def test_help_and_version(run_clipcls):
    for flag in ("--help", "--version"):
        result = run_clipcls(flag)
        assert result.returncode == 0 and result.stderr == "" and "clipcls" in result.stdout
    assert all(word in run_clipcls("--help").stdout for word in ("--labels", "--template", "tokenize", "Exit codes"))


def test_tokenize(run_clipcls, clipcls_binary):
    result = run_clipcls("tokenize", "a photo of a cat.", "Hello   WORLD!")
    assert json.loads(result.stdout) == [[49406, 320, 1125, 539, 320, 2368, 269, 49407], [49406, 3306, 1002, 256, 49407]]
    piped = processes.run([clipcls_binary, "tokenize", "-"], input="a\n\nb", capture_output=True, text=True, check=False)
    assert json.loads(piped.stdout) == [[49406, 320, 49407], [49406, 49407], [49406, 321, 49407]]
    nothing = processes.run([clipcls_binary, "tokenize", "-"], input="", capture_output=True, text=True, check=False)
    assert json.loads(nothing.stdout) == []


def test_names_of_commands_are_words_behind_a_command(run_clipcls):
    words = ["man", "model", "embed", "cache", "eval"]
    together = json.loads(run_clipcls("tokenize", *words).stdout)
    assert together == [json.loads(run_clipcls("tokenize", word).stdout)[0] for word in words]


def test_tokenize_with_a_model_of_its_own_vocabulary(run_clipcls, test_models):
    own = json.loads(run_clipcls("tokenize", "shark", "-m", test_models / "tiny-merges").stdout)
    assert own != json.loads(run_clipcls("tokenize", "shark").stdout)


def test_the_model_of_the_environment(clipcls_binary, model, pictures):
    result = processes.run([clipcls_binary, pictures[0], *LABELS, "-v"], capture_output=True, text=True, check=False,
                           env={**os.environ, "CLIPCLS_MODEL": str(model)})
    assert result.returncode == 0 and f"model tiny ({model})" in result.stderr
