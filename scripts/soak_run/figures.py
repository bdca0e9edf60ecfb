"""What the runs of scripts/soak come to, and whether that is good enough."""
from collections import Counter
from typing import Any

from soak_run.collection import Collection
from soak_run.runs import Row, Sample, answer_of, is_same_row

Figures = dict[str, Any]

# The peak of the second half, as a multiple of that of the first, in which each kind of damage is met: pictures that are just
# decoded weigh up to 60 MB each, so that single moments say nothing.
MAX_MEMORY_GROWTH = 1.05
MAX_TIME_GROWTH = 1.15  # processor time per image in the last third, as a multiple of that in the first
# Processor time is counted in hundredths of a second: of less than this its growth says nothing.
MIN_MEASURED_SECONDS = 1.0
# A row that is computed after a kill may be encoded in another batch, which changes last digits of single precision.
TOLERANCE = 1e-5


def at(samples: list[Sample], part: float) -> Sample:
    """The first sample with that part of the rows."""
    return next(sample for sample in samples if sample.num_rows >= part * samples[-1].num_rows)


def peak_growth(samples: list[Sample]) -> float:
    half = samples[-1].num_rows / 2
    first, second = ([sample.resident_kb for sample in samples if (sample.num_rows >= half) == is_second] for is_second in (False, True))
    return round(max(second) / max(first), 4)


def cpu_seconds(samples: list[Sample], begin: float, end: float) -> float:
    return at(samples, end).cpu_seconds - at(samples, begin).cpu_seconds


def milliseconds_per_image(samples: list[Sample], begin: float, end: float) -> float:
    num_images = at(samples, end).num_rows - at(samples, begin).num_rows
    return 1000 * cpu_seconds(samples, begin, end) / max(1, num_images)


def cpu_time_growth(samples: list[Sample]) -> float | None:
    """None: the run was too short to say."""
    # The first tenth holds the start: weights are read, caches and pools grow to their size.
    first, last = (0.1, 0.4), (0.7, 1)
    if min(cpu_seconds(samples, *first), cpu_seconds(samples, *last)) < MIN_MEASURED_SECONDS:
        return None
    return round(milliseconds_per_image(samples, *last) / milliseconds_per_image(samples, *first), 4)


def measured_figures(samples: list[Sample], seconds: float) -> Figures:
    return {
        "seconds": round(seconds, 1),
        "resident_mb_at_tenths": [round(at(samples, tenth / 10).resident_kb / 1000, 1) for tenth in range(1, 11)],
        "peak_growth": peak_growth(samples),
        "cpu_ms_per_image_at_tenths": [round(milliseconds_per_image(samples, tenth / 10, (tenth + 1) / 10), 3) for tenth in range(10)],
        "cpu_time_growth": cpu_time_growth(samples),
    }


def answers(collection: Collection, rows: list[Row]) -> dict[str, dict[str, int]]:
    """By damage: how many rows say what."""
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        counts.setdefault(collection.damage.get(row["image"], "none"), Counter())[answer_of(row) or "classified"] += 1
    return {damage: dict(sorted(count.items())) for damage, count in sorted(counts.items())}


def killed_figures(whole: list[Row], resumed: list[Row], rows_at_kills: list[int]) -> Figures:
    pairs = list(zip(whole, resumed, strict=False))
    return {
        "rows_at_kills": rows_at_kills,
        "num_rows": len(resumed),
        "num_equal_rows": sum(row == other for row, other in pairs),
        "num_rows_equal_within_tolerance": sum(is_same_row(row, other, TOLERANCE) for row, other in pairs),
        "tolerance": TOLERANCE,
    }


def shortcomings(figures: Figures, num_images: int) -> list[str]:
    problems = [f"not accounted for: {problem}" for problem in figures["unaccounted"]]
    run, killed = figures["run"], figures["killed"]
    if run["peak_growth"] > MAX_MEMORY_GROWTH:
        problems.append(f"memory grew {run['peak_growth']} times, at most {MAX_MEMORY_GROWTH} is allowed")
    if run["cpu_time_growth"] is not None and run["cpu_time_growth"] > MAX_TIME_GROWTH:
        problems.append(f"time per image grew {run['cpu_time_growth']} times, at most {MAX_TIME_GROWTH} is allowed")
    if not killed["num_rows"] == killed["num_rows_equal_within_tolerance"] == num_images:
        problems.append(f"{killed['num_rows_equal_within_tolerance']} of {killed['num_rows']} rows after kills are those of the whole run, "
                        f"expected {num_images}")
    return problems


def table(figures: Figures) -> str:
    run, killed = figures["run"], figures["killed"]
    growth = "too short to say" if run["cpu_time_growth"] is None else run["cpu_time_growth"]
    lines = [f"{figures['num_images']} images, {figures['num_damaged']} of them damaged in {figures['num_ways']} ways, seed {figures['seed']}",
             f"accounted for          {figures['num_images'] - len(figures['unaccounted'])}",
             f"resident, MB           {'  '.join(map(str, run['resident_mb_at_tenths']))}   (after each tenth)",
             f"  peaks of the halves  {run['peak_growth']}   (at most {MAX_MEMORY_GROWTH})",
             f"CPU ms an image        {'  '.join(map(str, run['cpu_ms_per_image_at_tenths']))}   (in each tenth)",
             f"  last / first third   {growth}   (at most {MAX_TIME_GROWTH}, without the first tenth)",
             f"seconds                {run['seconds']}",
             f"killed at rows         {'  '.join(map(str, killed['rows_at_kills']))}",
             f"rows as uninterrupted  {killed['num_rows_equal_within_tolerance']} of {killed['num_rows']}, {killed['num_equal_rows']} to the last digit"]
    width = max(map(len, figures["answers"]))
    for damage, counts in figures["answers"].items():
        lines.append(f"{damage:>{width}}  " + ", ".join(f"{count} {answer}" for answer, count in counts.items()))
    return "\n".join(lines)
