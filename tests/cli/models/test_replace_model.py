"""--force of model fetch and model import: the old model is whole until the new one is, and nothing else is replaced."""
import hashlib
import random
import subprocess
import time
from pathlib import Path

import processes
import pytest
from conftest import one_line_error
from fetching import CONFIG, MERGES, REPOSITORY, WEIGHTS, Fetching, fetching, start_server  # noqa: F401

NEW_WEIGHTS = WEIGHTS[::-1]


def serve_new(fetching: Fetching) -> None:  # noqa: F811
    fetching.serve_weights(content=NEW_WEIGHTS, sha256=hashlib.sha256(NEW_WEIGHTS).hexdigest())


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


OLD = {"config.json": CONFIG, "merges.txt": MERGES, "model.safetensors": WEIGHTS}
NEW = OLD | {"model.safetensors": NEW_WEIGHTS}


def test_what_a_killed_download_left_is_no_part_of_the_model(fetching: Fetching) -> None:  # noqa: F811
    left = fetching.data / "clipcls" / "downloads" / "someone--clip-tiny"
    left.mkdir(parents=True)
    for name in ("merges.txt.origin.partial-6492", "config.json.origin", "vocab.json.partial", "model-00001-of-00002.safetensors"):
        (left / name).write_text("left")
    assert fetching.run(f"hf:{REPOSITORY}", "--no-import", "--output", fetching.output).returncode == 0
    assert content(fetching.output) == OLD


def test_a_killed_run_leaves_the_old_model_or_the_new_one(fetching: Fetching) -> None:  # noqa: F811
    fetching.check_fetched(fetching.fetch())
    serve_new(fetching)
    moments = random.Random(3)
    command = fetching.command(f"hf:{REPOSITORY}", "--no-import", "--force", "--output", fetching.output)
    for _ in range(12):
        with processes.launch(command, env=fetching.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(moments.uniform(0, 0.3))
            process.kill()
            process.wait(timeout=20)
        assert content(fetching.output) in (OLD, NEW)
    assert fetching.fetch("--force").returncode == 0 and content(fetching.output) == NEW


def test_a_full_disk_leaves_the_old_model(fetching: Fetching, mount_disk) -> None:  # noqa: F811
    disk = mount_disk("size=500k")
    fetching.output = disk / "model"
    fetching.check_fetched(fetching.fetch())
    serve_new(fetching)
    result = fetching.fetch("--force")
    assert result.returncode == 2 and "No space left" in result.stderr, result.stderr
    assert content(fetching.output) == OLD and list(disk.iterdir()) == [fetching.output]


def test_a_folder_that_is_no_model_is_refused_before_anything_is_fetched(fetching: Fetching) -> None:  # noqa: F811
    photos = fetching.folder / "photos"
    photos.mkdir()
    (photos / "a.jpg").write_bytes(b"photo")
    photo = photos / "a.jpg"
    mixed = fetching.folder / "mixed"
    mixed.mkdir()
    (mixed / "config.json").write_bytes(CONFIG)
    (mixed / "album").mkdir()
    nameless = fetching.folder / "nameless"
    nameless.mkdir()
    (nameless / "merges.txt").write_text("mine")
    dangling = fetching.folder / "dangling"
    dangling.symlink_to("nowhere")
    for flags in (("--no-import",), ()):
        for output, part in ((photos, "holds a.jpg"), (photo, "is not a .pt archive"), (mixed, "holds album"),
                             (nameless, "holds no config.json"), (dangling, "is a symbolic link to nothing")):
            one_line_error(fetching.run(f"hf:{REPOSITORY}", *flags, "--force", "--output", output), str(output), part)
    assert fetching.server.log == []
    assert photo.read_bytes() == b"photo" and (mixed / "album").exists() and (nameless / "merges.txt").read_text() == "mine"
    assert dangling.is_symlink()


def test_what_lies_behind_a_link_is_replaced_and_the_link_stays(fetching: Fetching) -> None:  # noqa: F811
    elsewhere = fetching.folder / "elsewhere"
    fetching.check_fetched(fetching.fetch())
    fetching.output.rename(elsewhere)
    fetching.output.symlink_to(elsewhere)
    serve_new(fetching)
    assert fetching.fetch("--force").returncode == 0
    assert fetching.output.is_symlink() and content(elsewhere) == NEW
    assert sorted(path.name for path in fetching.folder.iterdir()) == ["data", "elsewhere", "published"]


@pytest.mark.parametrize("before", ["empty folder", "empty file", "archive"])
def test_what_may_be_replaced(fetching: Fetching, before: str) -> None:  # noqa: F811
    if before == "empty folder":
        fetching.output.mkdir()
    else:
        fetching.output = fetching.folder / "model.pt"
        fetching.output.write_bytes(b"PK\x03\x04" if before == "archive" else b"")
    fetching.check_fetched(fetching.fetch("--force"))
    assert {path.name for path in fetching.folder.iterdir()} == {"data", fetching.output.name}
