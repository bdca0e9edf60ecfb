#!/usr/bin/env python3
"""The same as export_one.py of an architecture that `clipcls model import` reads: publishes it as open_clip does, with
random weights, and says what open_clip answers. A process of its own for the same reasons.

    scripts/zoo/import_one.py NAME FOLDER     writes FOLDER/published, FOLDER/picture.png, FOLDER/labels.txt
                                              and FOLDER/answer.json
"""
import json
import sys
from pathlib import Path
from typing import Any

import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from export.reference_inputs import make_picture
from families.siglip import open_clip_siglip
from zoo.export_one import LABELS


@torch.no_grad()
def import_one(name: str, folder: Path) -> dict[str, Any]:
    picture = make_picture(1)
    paths = [folder / "picture.png", folder / "other.png"]
    picture.save(paths[0])
    picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM).save(paths[1])
    (folder / "labels.txt").write_text("\n".join(LABELS) + "\n", "utf-8")
    (folder / "published").mkdir()
    published = open_clip_siglip(folder / "published", paths, name, keeps_vocabulary=True)
    # The stand-in tokenizer cuts a sentence into its letters: the template alone would fill a short context.
    published.template = "{}"
    similarity = published.similarities(paths, LABELS)
    return {
        "similarity": similarity[0].tolist(),
        "score": published.scores(similarity)[0].tolist(),
        "spread": float(similarity[0].max() - similarity[0].min()),
        "moved": float(abs(similarity[0] - similarity[1]).max()),
        "template": published.template,
    }


if __name__ == "__main__":
    (Path(sys.argv[2]) / "answer.json").write_text(json.dumps(import_one(sys.argv[1], Path(sys.argv[2]))), "utf-8")
