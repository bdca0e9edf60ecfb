"""Models of transformers and open_clip that the program imports: what holds for each family."""
import json
from pathlib import Path

from conftest import RunClipcls
from families.compare import compare
from families.published import LABELS, PublishedModel


def import_model(published: PublishedModel, run_clipcls: RunClipcls, folder: Path) -> Path:
    """The model folder, made without a word."""
    output = folder / "imported"
    result = run_clipcls("model", "import", published.folder, "--output", output)
    assert (result.returncode, result.stderr) == (0, "")
    return output


def require_same_answers(published: PublishedModel, model: Path, run_clipcls: RunClipcls, pictures: list[Path]) -> None:
    """Twelve pictures, sixteen labels in four languages, and the default template and score."""
    result = run_clipcls(*pictures[:12], "--model", model, *[word for label in LABELS for word in ("--label", label)],
                         "--top-k", len(LABELS), "--format", "json")
    assert result.returncode == 0, result.stderr
    found = compare(json.loads(result.stdout), published, pictures[:12])
    assert found.is_equal, found
