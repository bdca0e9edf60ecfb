"""The label-embedding cache by the real program: when it answers, when it does not, and that it never breaks a run."""
import json
import os
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import processes
import pytest
import torch
from conftest import ROOT, messages
from export.safetensors_file import read_tensors, write_tensors
from make_test_models import OLD_MODEL
from PIL import Image

LABELS = ("--label", "cat", "--label", "dog", "--label", "fish " * 40)
FOUND, COMPUTED = "label embeddings: from the cache", "label embeddings: computed and cached"


@pytest.fixture()
def model(request: pytest.FixtureRequest, test_models: Path, tmp_path: Path) -> Path:
    """A copy that a test may change; it has a vocabulary of its own. Of today's format, or in TorchScript ("old")."""
    source = OLD_MODEL if getattr(request, "param", "new") == "old" else test_models / "tiny-merges"
    return Path(shutil.copytree(source, tmp_path / "model"))


in_both_formats = pytest.mark.parametrize("model", ["new", "old"], indirect=True)


def encoder_of(model: Path, name: str) -> Path:
    """Its file: "image" or "text"."""
    [path] = model.glob(f"{name}_encoder.*")
    return path


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "ramp.png"
    Image.linear_gradient("L").convert("RGB").resize((40, 30)).save(path)
    return path


@pytest.fixture()
def classify(run_clipcls, model, picture, tmp_path):
    """classify(*arguments): the result of a run whose cache is tmp_path/cache."""
    def run(*arguments, labels=LABELS, model=model):
        result = run_clipcls(picture, "-m", model, *labels, "-f", "jsonl", "-v", "--cache-dir", tmp_path / "cache", *arguments)
        assert result.returncode == 0, result.stderr
        return result
    return run


def entries(folder: Path) -> list[Path]:
    return sorted((folder / "cache").glob("*"))


def blank_weights(path: Path) -> None:
    """Overwrites the weights and leaves what names them, the archive's directory or the file's header, as it is."""
    if path.suffix == ".pt":
        with zipfile.ZipFile(path) as archive:
            begin, end = 0, archive.start_dir
    else:
        begin, end = 8 + int.from_bytes(path.read_bytes()[:8], "little"), path.stat().st_size
    with open(path, "r+b") as file:
        file.seek(begin)
        file.write(b"\xff" * (end - begin))  # as numbers none is finite


def test_the_second_run_gives_the_same_bytes(classify, tmp_path):
    first = classify()
    assert COMPUTED in first.stderr and FOUND not in first.stderr
    second = classify()
    assert FOUND in second.stderr and COMPUTED not in second.stderr
    assert second.stdout == first.stdout == classify("--no-cache").stdout
    warning = [line for line in first.stderr.splitlines() if "warning" in line]
    assert len(warning) == 2 and warning == [line for line in second.stderr.splitlines() if "warning" in line]
    assert len(entries(tmp_path)) == 1


@in_both_formats
def test_the_second_run_does_not_load_the_text_encoder(classify, run_clipcls, model, picture, tmp_path):
    first = classify()
    blank_weights(encoder_of(model, "text"))
    assert classify().stdout == first.stdout
    uncached = run_clipcls(picture, "-m", model, *LABELS, "--no-cache")
    assert uncached.returncode == 2 and encoder_of(model, "text").name in uncached.stderr.splitlines()[-1]


@in_both_formats
def test_a_broken_image_encoder_shows_before_any_result(run_clipcls, classify, model, picture, tmp_path):
    classify()
    path = encoder_of(model, "image")
    if path.suffix == ".pt":
        blank_weights(path)
    else:
        path.write_bytes(path.read_bytes()[:-1])
    result = run_clipcls(tmp_path / "missing.png", picture, "-m", model, *LABELS, "-f", "jsonl", "-q", "--cache-dir", tmp_path / "cache")
    assert result.returncode == 2 and result.stdout == ""
    assert result.stderr.count("\n") == 1 and encoder_of(model, "image").name in result.stderr


def test_a_moved_copied_or_touched_model_still_hits(classify, model, tmp_path):
    classify()
    copy = shutil.copytree(model, tmp_path / "another place", copy_function=shutil.copyfile)
    assert FOUND in classify(model=copy).stderr
    for path in model.iterdir():
        os.utime(path, (1, 1))
    config = json.loads((model / "config.json").read_text("utf-8"))
    (model / "config.json").write_text(json.dumps(config | {"name": "renamed", "description": "other words"}), "utf-8")
    assert FOUND in classify().stderr


def change_weights(model: Path) -> None:
    path = encoder_of(model, "text")
    shift = torch.linspace(-1, 1, 32)
    if path.suffix == ".safetensors":
        tensors = read_tensors(path)
        write_tensors(path, tensors | {"token_embedding.weight": tensors["token_embedding.weight"] + shift})
        return
    module = torch.jit.load(model / "text_encoder.pt")
    with torch.no_grad():
        module.token_embedding.weight.add_(shift)
    module.save(model / "text_encoder.pt")


def change_vocabulary(model: Path) -> None:
    lines = (model / "merges.txt").read_text("utf-8").splitlines()
    lines[1], lines[2] = lines[2], lines[1]  # both are built of single bytes
    (model / "merges.txt").write_text("\n".join(lines) + "\n", "utf-8")


def change_config(model: Path) -> None:
    """Another length of texts, or where the weights give the length another activation."""
    config = json.loads((model / "config.json").read_text("utf-8"))
    if config["format_version"] == 1:
        config["text"]["context_length"] = 12
    else:
        config["architecture"]["text"]["activation"] = "quick_gelu"
    (model / "config.json").write_text(json.dumps(config), "utf-8")


@in_both_formats
@pytest.mark.parametrize("change", [change_weights, change_vocabulary, change_config])
def test_a_changed_model_is_computed_anew(classify, model, tmp_path, change):
    before = classify().stdout
    change(model)
    after = classify()
    assert COMPUTED in after.stderr and len(entries(tmp_path)) == 2
    assert after.stdout == classify("--no-cache").stdout
    if change is not change_vocabulary:
        assert after.stdout != before


def test_other_prompts_are_computed_anew(classify, tmp_path):
    classify()
    for arguments, labels in ((("-t", "the {}"), LABELS), ((), LABELS[2:]), ((), LABELS[2:] + LABELS[:2])):
        result = classify(*arguments, labels=labels)
        assert COMPUTED in result.stderr
        assert result.stdout == classify(*arguments, "--no-cache", labels=labels).stdout
    assert len(entries(tmp_path)) == 4
    assert FOUND in classify("-t", "the {}").stderr
    assert FOUND in classify(labels=LABELS + LABELS).stderr  # a label that is given twice counts once


@pytest.mark.parametrize("damage", [
    lambda good: b"", lambda good: good[:100], lambda good: good[:-1], lambda good: good + b"x",
    lambda good: good[:-50] + b"x" + good[-49:], lambda good: good[:8] + b"\2" + good[9:], lambda good: bytes(len(good)),
], ids=["empty", "header alone", "a byte less", "a byte more", "a changed byte", "another version", "zeros"])
def test_a_damaged_entry_is_replaced(classify, tmp_path, damage):
    expected = classify().stdout
    [entry] = entries(tmp_path)
    good = entry.read_bytes()
    entry.write_bytes(damage(good))
    result = classify()
    assert result.stdout == expected
    assert "those in the cache cannot be used" in result.stderr and COMPUTED in result.stderr
    assert entry.read_bytes() == good and FOUND in classify().stderr


def test_eight_processes_at_once(classify, tmp_path):
    expected = classify("--no-cache").stdout
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: classify(), range(8)))
    assert {result.stdout for result in results} == {expected}
    assert len(entries(tmp_path)) == 1 and FOUND in classify().stderr


def test_a_cache_that_cannot_be_written_is_no_error(run_clipcls, model, picture, tmp_path):
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "cache", "/proc/clipcls"):
        common = (picture, "-m", model, "--label", "cat", "--label", "dog", "--cache-dir", folder)
        quiet, verbose = run_clipcls(*common), run_clipcls(*common, "-v")
        assert (quiet.returncode, messages(quiet.stderr)) == (0, [])
        assert verbose.returncode == 0 and "computed, not cached: " in verbose.stderr and str(folder) in verbose.stderr


def test_a_read_only_cache_is_read(clipcls_binary, test_models, classify, model, picture, tmp_path):
    classify()
    folder = tmp_path / "cache"
    folder.chmod(0o500)
    assert FOUND in classify().stderr
    assert "label embeddings: computed" in classify("-t", "a {}").stderr
    folder.chmod(0o700)


def test_where_the_cache_lies(clipcls_binary, tmp_path):
    def folder(*arguments, **variables):
        environment = {"PATH": os.environ["PATH"], **{name: str(value) for name, value in variables.items()}}
        result = processes.run([clipcls_binary, "cache", "info", "-f", "json", *arguments], env=environment,
                               capture_output=True, text=True, check=False)
        return json.loads(result.stdout)["folder"] if result.returncode == 0 else result.stderr
    home = {"HOME": tmp_path}
    assert folder(**home) == f"{tmp_path}/.cache/clipcls"
    assert folder(**home, XDG_CACHE_HOME="relative") == f"{tmp_path}/.cache/clipcls"
    assert folder(**home, XDG_CACHE_HOME="/xdg") == "/xdg/clipcls"
    assert folder(**home, XDG_CACHE_HOME="/xdg", CLIPCLS_CACHE_DIR="/own") == "/own"
    assert folder("--cache-dir", "/flag", **home, CLIPCLS_CACHE_DIR="/own") == "/flag"
    assert "no cache folder is known" in folder() and folder().count("\n") == 1


def test_without_a_home_nothing_is_kept(clipcls_binary, model, picture):
    result = processes.run([clipcls_binary, picture, "-m", model, "--label", "cat", "-v"], env={"PATH": os.environ["PATH"]},
                           capture_output=True, text=True, check=False)
    assert result.returncode == 0 and "label embeddings: computed, not cached\n" in result.stderr


def test_info_and_clear(run_clipcls, classify, tmp_path):
    def info():
        return json.loads(run_clipcls("cache", "info", "--cache-dir", tmp_path / "cache", "--format", "json").stdout)
    assert info() == {"folder": str(tmp_path / "cache"), "num_entries": 0, "num_bytes": 0, "max_bytes": 512 << 20}
    classify()
    classify("-t", "the {}")
    (tmp_path / "cache" / "mine.txt").write_text("not an entry")
    num_bytes = sum(path.stat().st_size for path in (tmp_path / "cache").glob("*.labels"))
    assert (info()["num_entries"], info()["num_bytes"]) == (2, num_bytes)
    as_text = run_clipcls("cache", "info", "--cache-dir", tmp_path / "cache", "--cache-size", 1).stdout
    assert as_text == f"folder:  {tmp_path}/cache\nentries: 2\nbytes:   {num_bytes}\nlimit:   1048576\n"
    cleared = run_clipcls("cache", "clear", "--cache-dir", tmp_path / "cache")
    assert cleared.stdout == f"removed 2 entries ({num_bytes} bytes) from {tmp_path}/cache\n"
    assert [path.name for path in entries(tmp_path)] == ["mine.txt"]
    assert COMPUTED in classify().stderr


def test_the_limit_holds(run_clipcls, picture, test_models, tmp_path):
    """5,000 labels of 32 floats take 640 KB: of two sets, a megabyte holds the later."""
    for first in ("a", "b"):
        labels = tmp_path / f"{first}.txt"
        labels.write_text("".join(f"{first} {number}\n" for number in range(5000)), "utf-8")
        result = run_clipcls(picture, "-m", test_models / "tiny", "-l", labels, "-v", "--cache-dir", tmp_path / "cache",
                             "--cache-size", 1, "--threads", 1)
        assert COMPUTED in result.stderr
    [entry] = entries(tmp_path)
    assert 5000 * 32 * 4 < entry.stat().st_size < 1 << 20


@pytest.mark.parametrize("arguments, part", [
    (("cache",), "info or clear"), (("cache", "info", "-f", "xml"), "xml"), (("cache", "info", "--cache-size", "0"), "--cache-size"),
])
def test_bad_flags(run_clipcls, arguments, part):
    result = run_clipcls(*arguments)
    assert result.returncode == 2 and result.stdout == "" and part in result.stderr and result.stderr.count("\n") == 1


def test_an_archive_of_openai_is_kept_too(classify, test_models):
    archive = test_models / "openai" / "vit.pt"
    first = classify(model=archive)
    assert COMPUTED in first.stderr
    second = classify(model=archive)
    assert FOUND in second.stderr and second.stdout == first.stdout


# What was kept under a key in fp32, the first four of each label's numbers: by Python, from the archive of the bundled model.
PINNED = {"b5a3b3c159568c665c582b02afce66fd": [[-0.048454, 0.086432, -0.029595, 0.034417], [0.071638, 0.073414, -0.002862, 0.032401]]}


def test_a_key_says_what_is_kept_under_it(run_clipcls, tmp_path):
    """This fails when labels get other embeddings though their key is the same: raise kEmbeddingVersion (src/zero_shot/label_embedding_cache.cpp).
    For a new key, of a new version or of a new bundled model, add a line."""
    (tmp_path / "labels.txt").write_text("shark\nhot dog\thot dog\ta sausage in bread\n")
    result = run_clipcls(ROOT / "models" / "everyday" / "shark.png", "-l", tmp_path / "labels.txt", "--precision", "fp32",
                         "--cache-dir", tmp_path / "cache")
    assert result.returncode == 0, result.stderr
    (entry,) = entries(tmp_path)
    embeddings = np.frombuffer(entry.read_bytes()[88:], "<f4").reshape(2, -1)  # behind the header, see cache_entry.h
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx(1)
    assert embeddings[:, :4] == pytest.approx(np.array(PINNED[entry.stem]), abs=1e-5)


def test_a_file_is_no_cache(run_clipcls, tmp_path):
    (tmp_path / "photo.jpg").write_text("mine")
    for command in ("clear", "info"):
        result = run_clipcls("cache", command, "--cache-dir", tmp_path / "photo.jpg")
        assert result.returncode == 2 and "photo.jpg: is no folder" in result.stderr
    assert (tmp_path / "photo.jpg").read_text() == "mine"
