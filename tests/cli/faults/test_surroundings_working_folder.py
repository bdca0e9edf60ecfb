"""A working folder that is gone: what is named by an absolute path works, and a relative one is an error of one line."""
import os
import tempfile
from pathlib import Path

import pytest
from every_command import QUICK, Command, Place, ends_well_or_in_one_line, named, place


@pytest.mark.parametrize("command", named(QUICK))
def test_a_working_folder_that_is_gone(place: Place, command: Command):
    """Paths are absolute here: what is relative is nowhere."""
    with tempfile.TemporaryDirectory() as folder:
        gone = Path(folder) / "gone"
        gone.mkdir()

        def leave() -> None:
            os.chdir(gone)
            os.rmdir(gone)
        result = place.run(command.arguments, prepare=leave)
    assert result.returncode == 0, result.stderr


def test_relative_paths_in_a_folder_that_is_gone(place: Place):
    with tempfile.TemporaryDirectory() as folder:
        for number, arguments in enumerate((("undo", "moved"), ("model", "info", "model"), ("tokenize", "a", "-m", "model"),
                                            ("model", "import", "x.pt", "-o", "model"), ("model", "fetch", "ViT-B/32", "-o", "model"))):
            gone = Path(folder) / f"gone-{number}"
            gone.mkdir()

            def leave() -> None:
                os.chdir(gone)
                os.rmdir(gone)
            result = place.run(arguments, prepare=leave)
            ends_well_or_in_one_line(result)
            assert result.returncode == 2
