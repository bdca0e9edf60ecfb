"""One picture, a whole process: clipcls with a cold and a warm label cache and with its bundled model, OpenAI's way in Python, a process that only
links libtorch, and clip.cpp where a built one is given."""
import shutil
import sys
from pathlib import Path
from typing import Any

from bench.models import make_picture
from bench.whole_process import Run, median_ratio, run_process, summary, run_in_rounds

HERE = Path(__file__).resolve().parent


def bench_one_image(folder: Path, binary: Path, linked_only: Path, rounds: int,
                    clip_cpp: list[str] | None = None) -> dict[str, Any]:
    work = folder / "one_image"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    picture = work / "picture.jpg"
    make_picture(7, 640).save(picture, quality=90)
    root = HERE.parents[1]
    labels = [line for line in (root / "models/labels/cifar100.txt").read_text("utf-8").splitlines() if line]
    label_files = {}
    for count in (3, 100):
        label_files[count] = work / f"{count}.txt"
        label_files[count].write_text("\n".join(labels[:count]) + "\n", "utf-8")
    model = folder / "clipcls"

    def own(count: int, *options: object) -> Run:
        return run_process([binary, picture, "--model", model, "--labels", label_files[count], "--quiet", *options])

    def python(count: int) -> Run:
        return run_process([sys.executable, "-W", "ignore", HERE / "python_clip.py", folder / "open_clip.pt",
                            folder.name, picture, label_files[count]])

    cache = ["--cache-dir", work / "cache"]
    for count in (3, 100):  # the answer first
        check_same(own(count, "--no-cache").output, python(count).output)
    bundled = [binary, picture, "--labels", label_files[100], "--quiet", *cache]
    own(100, *cache)  # the labels are kept from here on
    run_process(bundled)
    runs = {
        "libtorch linked": lambda: run_process([linked_only]),
        "clipcls, 100 labels, warm": lambda: own(100, *cache),
        "clipcls, 100 labels, cold": lambda: own(100, "--no-cache"),
        "clipcls, 3 labels, cold": lambda: own(3, "--no-cache"),
        "clipcls, bundled model, 100 labels, warm": lambda: run_process(bundled),
        "Python, 100 labels": lambda: python(100),
    }
    if clip_cpp:
        runs["clip.cpp"] = lambda: run_process([part.format(image=picture) for part in clip_cpp])
    results = run_in_rounds(runs, rounds)
    linked, script = results["libtorch linked"], results["Python, 100 labels"]
    return {"model": folder.name, "entries": {
        name: summary(values) | {"times_libtorch": median_ratio(values, linked),
                                 "python_times": median_ratio(script, values)}
        for name, values in results.items()}}


def check_same(output: str, expected: str) -> None:
    """The same labels in the same order; percentages within 0.02, as both are rounded to 0.01."""
    def rows(text: str) -> list[tuple[str, float]]:
        pairs = [line.strip().rsplit(": ", 1) for line in text.splitlines() if line.endswith("%")]
        return [(label, float(value.rstrip("%"))) for label, value in pairs]
    actual, reference = rows(output), rows(expected)
    if [label for label, _ in actual] != [label for label, _ in reference] or not actual or any(
            abs(a - b) > 0.021 for (_, a), (_, b) in zip(actual, reference, strict=True)):
        raise RuntimeError(f"another answer than Python's: {actual} instead of {reference}")
