#!/usr/bin/env python3
"""Measures models/pictogram with the real program on art that it never saw (OpenMoji, without skin tones).

    python scripts/pictogram/evaluate.py [--binary build/release/clipcls]

(a) every base emoji, with the names of all of them as labels;
(b) the CIFAR-100 labels that exist as an emoji (models/pictogram/cifar100_emoji.json), with all 100 labels offered.
It prints the tables of models/pictogram/README.md and src/model/README.md. The pictures are drawn as the art ships, margins and all, on white.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from pictogram import art  # noqa: E402

PICTURE_SIZE = 256


def draw(folder, icons):
    """code key -> path of its picture."""
    paths = {code: folder / f"{code}.png" for code in icons}
    if not all(path.exists() for path in paths.values()):
        jobs = [{"set": "openmoji", "icon": icon, "style": "plain"} for icon in icons.values()]
        for path, pixels in zip(paths.values(), art.render(jobs, folder, PICTURE_SIZE)):
            Image.fromarray(pixels).save(path)
    return paths


def ask_program(binary, model, paths, labels, folder, precision):
    """The five best labels of each picture, from the program."""
    list_file, label_file = folder / "pictures.txt", folder / "labels.txt"
    list_file.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
    # A line that starts with '#' would be a comment to the program; none of the labels does.
    assert not any(label.startswith("#") for label in labels)
    label_file.write_text("".join(f"{label}\n" for label in labels), encoding="utf-8")
    command = [binary, "--model", model, "--labels", label_file, "--format", "jsonl", "--files-from", list_file, "-k", "5",
               "--precision", precision]
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["image"] for row in rows] == [str(path) for path in paths], "one row a picture, in order"
    return [[prediction["label"] for prediction in row["predictions"]] for row in rows]


def ask_python(model, paths, labels):
    """The same in Python with Pillow's preprocessing and our own tokenizer: a cross-check of the program."""
    import torch
    import torch.nn.functional as F

    from pictogram import bpe

    config = json.loads((model / "config.json").read_text())
    tokenizer = bpe.Tokenizer(bpe.load_merges(model / "merges.txt"))
    image_encoder, text_encoder = (torch.jit.load(str(model / f"{name}_encoder.pt")).float() for name in ("image", "text"))
    length = config["text"]["context_length"]
    size, mean, std = (config["image"][key] for key in ("size", "mean", "std"))
    weights = 0
    with torch.inference_mode():
        for template in config["prompt_templates"]:
            rows = [tokenizer.encode(template.replace("{}", label), length) for label in labels]
            token_ids = torch.tensor([row + [0] * (length - len(row)) for row in rows])
            weights = weights + F.normalize(text_encoder(token_ids), dim=1)
        weights = F.normalize(weights, dim=1)
        best = []
        for n in range(0, len(paths), 64):
            pictures = [Image.open(path).convert("RGB").resize((size, size), Image.Resampling.BICUBIC) for path in paths[n : n + 64]]
            pixels = (np.stack([np.asarray(picture, np.float32) for picture in pictures]) / 255 - np.float32(mean)) / np.float32(std)
            features = F.normalize(image_encoder(torch.from_numpy(pixels).permute(0, 3, 1, 2)), dim=1)
            best += (features @ weights.T).topk(min(5, len(labels))).indices.tolist()
    return [[labels[n] for n in ranked] for ranked in best]


def accuracy(best, wanted):
    """(top-1, top-5) in per cent."""
    first = np.mean([ranked[0] == label for ranked, label in zip(best, wanted)])
    five = np.mean([label in ranked for ranked, label in zip(best, wanted)])
    return 100 * first, 100 * five


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / "build" / "release" / "clipcls")
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "pictogram")
    parser.add_argument("--data", type=Path, default=ROOT / "build" / "pictogram", help="where the pictures are drawn")
    parser.add_argument("--precision", nargs="+", default=["fp32"], choices=("fp32", "bf16", "int8"), metavar="P",
                        help="fp32 bf16 int8: a pair of rows for each")
    parser.add_argument("--python", action="store_true", help="ask the exported towers from Python, not the program")
    parser.add_argument("--misses", type=Path, help="write what was missed to this file")
    args = parser.parse_args()
    if not args.python and not args.binary.exists():
        sys.exit(f"{args.binary}: no such program; build it first, or name it with --binary")
    if not art.PACKAGES.exists():
        art.install()

    folder = args.data.resolve() / "openmoji"
    folder.mkdir(parents=True, exist_ok=True)
    emoji = art.base_emoji()
    icons = art.openmoji_icons(emoji)
    paths = draw(folder, icons)
    cifar = json.loads((args.model / "cifar100_emoji.json").read_text(encoding="utf-8"))["labels"]
    asked = {label: code for label, code in cifar.items() if code}

    def ask(chosen, labels, precision):
        if args.python:
            return ask_python(args.model, chosen, labels)
        return ask_program(args.binary, args.model, chosen, labels, folder, precision)

    # No two emoji share a CLDR name, so a name says which picture it was.
    names = {code: emoji[code]["name"] for code in icons}
    print("| drawings of OpenMoji, never trained on | precision | pictures | labels offered | top-1 | top-5 |")
    print("|---|---|---|---|---|---|")
    for precision in args.precision:
        by_name = ask(list(paths.values()), list(names.values()), precision)
        by_cifar = ask([paths[code] for code in asked.values()], list(cifar), precision)
        name_figures = accuracy(by_name, list(names.values()))
        cifar_figures = accuracy(by_cifar, list(asked))
        print(f"| all base emoji, by their names | {precision} | {len(names)} | {len(names)} | "
              f"{name_figures[0]:.1f} % | {name_figures[1]:.1f} % |")
        print(f"| CIFAR-100 labels that are an emoji | {precision} | {len(asked)} | {len(cifar)} | "
              f"{cifar_figures[0]:.1f} % | {cifar_figures[1]:.1f} % |")
    if args.misses:
        with args.misses.open("w", encoding="utf-8") as out:
            for ranked, label in [*zip(by_cifar, asked), *zip(by_name, names.values())]:
                if ranked[0] != label:
                    out.write(f"{label}: {', '.join(ranked)}\n")


if __name__ == "__main__":
    main()
