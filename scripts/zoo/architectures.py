"""Which of open_clip's architectures the sweep runs, and how much memory each needs."""
import logging

import torch
from torch import nn

from clip_export.model_source import why_not_clip_tokens
from clip_export.open_clip_import import open_clip

# Bytes of memory at the peak for each parameter, and besides: four are the weights in float32, and the rest what a
# tower's archive, while it is read back, and the features of the fifty texts take on top.
BYTES_PER_PARAMETER = 6.0
GIGABYTES_BESIDES = 1.5


def needed_gigabytes(num_parameters: int) -> float:
    return num_parameters * BYTES_PER_PARAMETER / 1e9 + GIGABYTES_BESIDES


def count_parameters(name: str) -> int:
    """Without memory for them."""
    logging.disable(logging.WARNING)
    with torch.device("meta"):
        model: nn.Module = open_clip.create_model(name, device="meta")
    return sum(parameter.numel() for parameter in model.parameters())


def list_architectures() -> dict[str, str | None]:
    """open_clip's names, each with None or the reason why clipcls cannot have it."""
    return {name: why_not_clip_tokens(open_clip.get_model_config(name)) for name in open_clip.list_models()}
