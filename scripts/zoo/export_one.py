#!/usr/bin/env python3
"""Exports one architecture with random weights and says what open_clip answers; a process of its own, so that its
memory is free when the program runs, and so that a crash is one row of the table.

    scripts/zoo/export_one.py NAME SEED FOLDER     writes FOLDER/model, FOLDER/picture.png, FOLDER/labels.txt
                                                   and FOLDER/answer.json
"""
import json
import math
import sys
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from export.archive_checks import ExportError
from export.encoders import UnsupportedModel
from export.folder import DEFAULT_TEMPLATE, ModelDescription, export_folder
from export.model_source import create_model
from export.open_clip_import import open_clip
from export.reference_inputs import make_picture
from zoo.spread import spread_weights

LABELS = ("cat", "dog", "shark", "dolphin", "aquarium_fish", "pickup_truck", "red apple", "hot-air balloon",
          "the Eiffel Tower", "crème brûlée", "猫", "собака", "T-shirt & jeans", "maple_tree", "violin", "1970s car")
LARGEST_SCALE = 100.0  # what trained models end at


def logit_scale_for(similarity: Tensor) -> float:
    """similarity: [num_labels]. Such that no label takes all: 100.00 % would hide every difference."""
    return min(LARGEST_SCALE, 1.5 / similarity.std().item())


@torch.no_grad()
def similarities(model: nn.Module, pixel_values: Tensor, token_ids: Tensor) -> Tensor:
    """[num_pictures, num_labels], as open_clip computes them."""
    return model.encode_image(pixel_values, normalize=True) @ model.encode_text(token_ids, normalize=True).T


def export_one(name: str, seed: int, folder: Path) -> dict[str, Any]:
    model, _, source = create_model(name, None, seed)
    preprocess_cfg = open_clip.transform.PreprocessCfg(**model.visual.preprocess_cfg)
    preprocess = open_clip.transform.image_transform_v2(preprocess_cfg, is_train=False)
    picture = make_picture(1)
    picture.save(folder / "picture.png")
    (folder / "labels.txt").write_text("\n".join(LABELS) + "\n", "utf-8")
    other = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    pixel_values = torch.stack([preprocess(picture), preprocess(other)])
    spread_weights(model, pixel_values)

    token_ids = open_clip.get_tokenizer(name)([DEFAULT_TEMPLATE.format(label) for label in LABELS])
    similarity = similarities(model, pixel_values, token_ids)
    model.logit_scale.data.fill_(math.log(logit_scale_for(similarity[0])))
    logits = model.logit_scale.exp() * similarity[0]
    if model.logit_bias is None:
        scores = logits.softmax(dim=-1)
    else:
        scores = (logits + model.logit_bias).sigmoid()
    answer = {
        "similarity": similarity[0].tolist(),
        "score": scores.tolist(),
        "spread": (similarity[0].max() - similarity[0].min()).item(),
        "moved": (similarity[0] - similarity[1]).abs().max().item(),
    }
    report = export_folder(model, ModelDescription(name="model", source=source), folder / "model")
    return answer | {"cosine": min(report.min_image_cosine, report.min_text_cosine)}


def main() -> int:
    name, seed, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    try:
        answer = export_one(name, seed, folder)
    except (ExportError, UnsupportedModel) as error:
        print(error, file=sys.stderr)
        return 1
    (folder / "answer.json").write_text(json.dumps(answer), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
