"""The README's ```console blocks are run as they stand: what follows `$ ` must print the lines below it.

Numbers may differ by 0.02 (two decimals of a percentage, on a processor that sums in another order); all else is equal.
"""
import os
import re
from pathlib import Path

import processes
import pytest

ROOT = Path(__file__).resolve().parents[3]
NUMBER = re.compile(r"\d+\.\d+")
TOLERANCE = 0.02


def console_commands() -> list[tuple[str, str]]:
    """(command, expected output) of every console block of the READMEs."""
    commands = []
    for readme in (ROOT / "README.md", ROOT / "models" / "README.md"):
        for block in re.findall(r"^```console\n(.*?)^```", readme.read_text("utf-8"), re.MULTILINE | re.DOTALL):
            for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                commands.append((command, output))
    return commands


def test_there_are_examples():
    assert len(console_commands()) >= 4


@pytest.mark.parametrize("command, expected", console_commands(), ids=lambda value: value[:60])
def test_console_block(command, expected, clipcls_binary):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CLIPCLS_")}
    environment["PATH"] = f"{clipcls_binary.parent}{os.pathsep}{environment['PATH']}"
    result = processes.run(["bash", "-o", "pipefail", "-c", command], cwd=ROOT, env=environment, capture_output=True,
                           text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr
    assert NUMBER.sub("#", result.stdout).strip() == NUMBER.sub("#", expected).strip()
    for actual, number in zip(NUMBER.findall(result.stdout), NUMBER.findall(expected), strict=True):
        assert float(actual) == pytest.approx(float(number), abs=TOLERANCE)
