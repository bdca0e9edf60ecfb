"""models/ZOO.md: the table of the sweep."""
from dataclasses import dataclass

HEADER = """# The zoo

Every architecture of open_clip {version}, exported or imported with seeded random weights and asked about one picture and
{num_labels} labels: the program's answer against open_clip's own preprocessing, tokenizer, encoders and softmax. It says what can be
had and is computed right, and nothing about published weights. Made by

    .venv/bin/python scripts/zoo/sweep.py

SigLIP is imported (`clipcls model import`) as open_clip publishes it, with all rows of its token embedding. The published tokenizer lies on the
hub alone, so a small one of the same pipeline stands in, as its row says; src/text's tests compare the pipelines with the library. All others are exported
(scripts/export_torchscript.py) and read CLIP's tokens.

An architecture passes when the exporter or the import accepts it (exported features have a cosine of at least 0.99999 with
open_clip's, whole and in small batches of short texts), every similarity is within {max_similarity:g} of open_clip's
and every percentage within {max_percentage:g} of a percentage point. Random weights are spread first, so that the check can
fail: *spread* is the difference between the similarities of the best and the worst label, *moved* the most that the
same picture upside down moves one; under {min_spread:g} and {min_moved:g} an architecture does not pass.

**{summary}**
"""


@dataclass
class Row:
    """One architecture; numbers are None where it was not run."""
    name: str
    parameters: int | None
    result: str
    similarity_error: float | None = None
    percentage_error: float | None = None
    spread: float | None = None
    moved: float | None = None
    tokenizer: str | None = None  # what stands in for the published one


def _number(value: float | None, pattern: str) -> str:
    return "" if value is None else pattern.format(value)


def format_row(row: Row) -> str:
    millions = "" if row.parameters is None else f"{row.parameters / 1e6:.0f} M"
    result = f"{row.result}, with {row.tokenizer}" if row.tokenizer and row.result == "passes" else row.result
    cells = [row.name, millions, result, _number(row.similarity_error, "{:.1e}"),
             _number(row.percentage_error, "{:.5f}"), _number(row.spread, "{:.3f}"), _number(row.moved, "{:.3f}")]
    return "| " + " | ".join(cells) + " |"


def summarise(rows: list[Row]) -> str:
    """Rows that fit are those that were run."""
    passed = sum(row.result == "passes" for row in rows)
    other_tokens = sum(row.result.startswith("no:") for row in rows)
    not_run = sum(row.result.startswith("not run") for row in rows)
    ran = len(rows) - other_tokens - not_run
    share = f" ({100 * passed / ran:.1f} %)" if ran else ""
    return (f"{passed} of the {ran} architectures that were run pass{share}. Of {len(rows)}, {other_tokens} have "
            f"a tokenizer that is neither CLIP's nor SigLIP's and {not_run} were not run.")


def format_table(rows: list[Row], **facts: object) -> str:
    lines = [HEADER.format(summary=summarise(rows), **facts),
             "| architecture | parameters | result | largest similarity difference | largest difference of a "
             "percentage, in points | spread | moved |",
             "|---|---|---|---|---|---|---|", *map(format_row, rows)]
    return "\n".join(lines) + "\n"
