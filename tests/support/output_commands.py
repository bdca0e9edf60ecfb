"""The commands that write a file for their user, each as its arguments: a new one belongs here, and every rule of outputs is tested with it."""
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
LABELS = ("--label", "cat", "--label", "dog", "--label", "shark")


@dataclass
class Inputs:
    """What the commands read; tests leave it as it is."""
    picture: Path   # of a shark
    pictures: Path  # a folder: the same
    labelled: Path  # shark/… and cat/…, four pictures each
    features: Path  # of `picture`


Arguments = tuple[object, ...]

COMMANDS: dict[str, Callable[[Inputs, object], Arguments]] = {
    **{f"classify as {format}": lambda inputs, output, format=format: (inputs.picture, *LABELS, "-q", "-f", format, "-o", output)
       for format in ("text", "json", "jsonl", "csv", "tsv", "html")},
    "classify as long csv": lambda inputs, output: (inputs.picture, *LABELS, "-q", "-f", "csv", "--long", "-o", output),
    "classify several as text": lambda inputs, output: (inputs.pictures, *LABELS, "-q", "-f", "text", "-o", output),
    "rank features": lambda inputs, output: ("--image-features", inputs.features, *LABELS, "-q", "-f", "json", "-o", output),
    **{f"eval as {format}": lambda inputs, output, format=format: ("eval", inputs.labelled, "-q", "-f", format, "-o", output)
       for format in ("text", "json", "html")},
    "save labels": lambda inputs, output: ("eval", inputs.labelled, "-q", "--few-shot", 1, "--save-labels", output),
    "calibrate": lambda inputs, output: ("calibrate", inputs.labelled, "-q", "-o", output),
}


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory, run_clipcls: Callable) -> Inputs:
    folder = tmp_path_factory.mktemp("inputs")
    shark = Image.open(ROOT / "models" / "everyday" / "shark.png").convert("RGB").resize((64, 64))
    made = Inputs(folder / "pictures" / "a.png", folder / "pictures", folder / "labelled", folder / "features")
    made.pictures.mkdir()
    shark.save(made.picture)
    for number, label in enumerate(("shark", "cat") * 4):
        (made.labelled / label).mkdir(parents=True, exist_ok=True)
        shark.rotate(40 * number).save(made.labelled / label / f"{number}.png")
    assert run_clipcls("embed", made.picture, "-o", made.features, "-q").returncode == 0
    return made
