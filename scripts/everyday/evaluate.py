#!/usr/bin/env python3
"""Measures the bundled model with the real program (clipcls eval) and prints the table of models/everyday/README.md.

    python scripts/everyday/evaluate.py --photos FOLDER [--judge FOLDER] [--model NAME|PATH ...]

--photos has cifar100_test.zip and cifar10_test.zip; --judge has folders cifar100 and cifar10 of larger photographs by label. What is not
given is left out. The drawings are OpenMoji's, which no weight is learned from.
"""

import argparse
import csv
import json
import subprocess
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from everyday import art, words  # noqa: E402
from everyday.prepare import read_cifar10, read_cifar100  # noqa: E402
from everyday.sources import PHOTOS, check  # noqa: E402

PICTURE_SIZE = 256  # of the drawings
CIFAR100_LABELS = (ROOT / "models/labels/cifar100.txt").read_text(encoding="utf-8").split()


class Sets:
    """Folders with a table of pictures and labels for `clipcls eval`, made once under `folder`."""

    def __init__(self, folder):
        self.folder = folder.resolve()

    def write(self, name, labels, pictures):
        """pictures: [(path, label)] -> (table, file of labels)"""
        self.folder.mkdir(parents=True, exist_ok=True)
        table, label_file = self.folder / f"{name}.csv", self.folder / f"{name}.labels.txt"
        with table.open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows([("path", "label"), *pictures])
        label_file.write_text("".join(f"{label}\n" for label in labels), encoding="utf-8")
        return table, label_file

    def cifar(self, name, read, source):
        check(source, PHOTOS[source.name])
        pixels, targets, names = read(source)
        names = [label.replace(" ", "_") for label in names]
        pictures = []
        (self.folder / name).mkdir(parents=True, exist_ok=True)
        for n, (picture, target) in enumerate(zip(pixels, targets)):
            path = self.folder / name / f"{n:05}.png"
            if not path.exists():
                Image.fromarray(picture).save(path)
            pictures.append((path, names[target]))
        return self.write(name, names, pictures)

    def photographs(self, name, folder, labels):
        pictures = [(path.resolve(), path.parent.name) for path in sorted(folder.glob("*/*.jpg"))]
        return self.write(f"photographs_{name}", labels, pictures)

    def drawings(self):
        """Both tables: all emoji by their names, and those that are a CIFAR-100 label."""
        if not art.PACKAGES.exists():
            art.install()
        emoji = art.base_emoji()
        icons = art.openmoji_icons(emoji)
        folder = self.folder / "drawings"
        folder.mkdir(parents=True, exist_ok=True)
        paths = {code: folder / f"{code}.png" for code in icons}
        if not all(path.exists() for path in paths.values()):
            jobs = [{"set": "openmoji", "icon": icon, "style": "plain"} for icon in icons.values()]
            for path, pixels in zip(paths.values(), art.render(jobs, folder, PICTURE_SIZE)):
                Image.fromarray(pixels).save(path)
        # No two emoji share a CLDR name, so a name says which picture it was.
        named = [(paths[code], emoji[code]["name"]) for code in icons]
        asked = [(paths[code], label) for code, label in words.labels_of_drawings().items()]
        return (self.write("drawings_by_name", [name for _, name in named], named),
                self.write("drawings_by_label", CIFAR100_LABELS, asked))


def evaluate(binary, model, precision, table, labels):
    """What `clipcls eval` says of its one run, as JSON."""
    command = [binary, "eval", table, "--labels", labels, "--model", model, "--precision", precision, "--format", "json",
               "--quiet"]
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)["runs"][0]


def predictions(binary, model, precision, table, labels):
    """The best label of each picture of a table, in its order."""
    with table.open(newline="", encoding="utf-8") as rows:
        paths = [row["path"] for row in csv.DictReader(rows)]
    listed = table.with_suffix(".paths.txt")
    listed.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
    command = [binary, "--files-from", listed, "--labels", labels, "--model", model, "--precision", precision, "-k", "1",
               "--format", "jsonl", "--quiet"]
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["image"] for row in rows] == paths, "one row a picture, in order"
    return [row["predictions"][0]["label"] for row in rows]


def other_words(binary, model, precision, sets):
    """(right under the label, still right with the withheld word in its place), over the 20 pairs."""
    right = stayed = 0
    for first, second in words.withheld_pairs():
        label = first.replace(" ", "_")
        for table, label_file in sets:
            labels = label_file.read_text(encoding="utf-8").splitlines()
            if label not in labels:
                continue
            with table.open(newline="", encoding="utf-8") as rows:
                asked = [(row["path"], row["label"]) for row in csv.DictReader(rows) if row["label"] == label]
            part = Sets(table.parent).write("other_words", labels, asked)
            renamed = [second if each == label else each for each in labels]
            before = predictions(binary, model, precision, *part)
            after = predictions(binary, model, precision, *Sets(table.parent).write("other_words", renamed, asked))
            right += sum(best == label for best in before)
            stayed += sum(best == label and now == second for best, now in zip(before, after))
    return right, stayed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--judge", type=Path)
    parser.add_argument("--binary", type=Path, default=ROOT / "build" / "release" / "clipcls")
    parser.add_argument("--model", nargs="+", default=[ROOT / "models" / "everyday"], help="several: a block of rows for each")
    parser.add_argument("--data", type=Path, default=ROOT / "build" / "everyday" / "judged", help="where pictures are written")
    parser.add_argument("--precision", nargs="+", default=["fp32"], choices=("fp32", "bf16", "int8"), metavar="P")
    args = parser.parse_args()
    if not args.binary.exists():
        sys.exit(f"{args.binary}: no such program; build it first, or name it with --binary")

    sets = Sets(args.data)
    asked, cifar = [], []
    if args.photos:
        cifar = [sets.cifar("cifar100", read_cifar100, args.photos / "cifar100_test.zip"),
                 sets.cifar("cifar10", read_cifar10, args.photos / "cifar10_test.zip")]
        asked += [("CIFAR-100, test pictures", cifar[0]), ("CIFAR-10, test pictures", cifar[1])]
    if args.judge:
        labels10 = (ROOT / "models/labels/cifar10.txt").read_text(encoding="utf-8").split()
        asked += [("photographs of CIFAR-100's classes", sets.photographs("cifar100", args.judge / "cifar100", CIFAR100_LABELS)),
                  ("photographs of CIFAR-10's classes", sets.photographs("cifar10", args.judge / "cifar10", labels10))]
    by_name, by_label = sets.drawings()
    asked += [("drawings of OpenMoji, by their names", by_name), ("drawings that are a CIFAR-100 label", by_label)]
    print("| pictures | model | precision | pictures | labels | top-1 | top-5 | ECE |\n|---|---|---|---|---|---|---|---|")
    for model in args.model:
        for precision in args.precision:
            for what, (table, label_file) in asked:
                found = evaluate(args.binary, model, precision, table, label_file)
                num_images = sum(label["num_images"] for label in found["classes"])
                print(f"| {what} | {Path(model).name} | {precision} | {num_images} | {len(found['classes'])} | "
                      f"{100 * found['top1']:.1f} % | {100 * found['top5']:.1f} % | {100 * found['calibration_error']:.1f} % |",
                      flush=True)
            if cifar:
                right, stayed = other_words(args.binary, model, precision, cifar)
                print(f"\n{Path(model).name}, {precision}: of {right} pictures that were right under 20 labels, {stayed} "
                      f"({100 * stayed / max(1, right):.1f} %) stay right under another word for the label.\n", flush=True)


if __name__ == "__main__":
    main()
