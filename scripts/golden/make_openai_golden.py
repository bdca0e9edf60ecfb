#!/usr/bin/env python3
"""Prints, for each of the nine models that OpenAI published, the number of tensors in its state dict and a checksum
of their names and shapes, as open_clip's model of that name has them. tests/model/openai_architecture_test.cpp holds
the output. No weights are allocated. With a model's name: the lines behind its checksum."""
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from export.open_clip_import import open_clip  # noqa: E402
from export.reference_inputs import fnv1a_64  # noqa: E402

MODELS = ("RN50", "RN101", "RN50x4", "RN50x16", "RN50x64", "ViT-B-32", "ViT-B-16", "ViT-L-14", "ViT-L-14-336")


def shape_lines(name: str) -> list[str]:
    """One line a tensor, sorted: its name and its sizes."""
    with torch.device("meta"):
        model = open_clip.CLIP(**open_clip.get_model_config(name))
    return sorted(" ".join([key, *map(str, tensor.shape)]) for key, tensor in model.state_dict().items())


def main() -> int:
    if sys.argv[1:]:
        print(*shape_lines(sys.argv[1]), sep="\n")
        return 0
    for name in MODELS:
        lines = shape_lines(name)
        print(name, len(lines), fnv1a_64("".join(line + "\n" for line in lines).encode()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
