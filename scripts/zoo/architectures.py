"""Which of open_clip's architectures the sweep runs, and how much memory each needs."""
import logging

import torch
from torch import nn

from export.model_source import is_imported, why_not_clip_tokens
from export.open_clip_import import open_clip

# Bytes of memory at the peak for each parameter, and besides. Four are the weights in float32; the towers are
# written one after the other, so no second copy stands beside them. Measured: 1.2 GB for 62 M parameters, 2.9 GB
# for 321 M.
BYTES_PER_PARAMETER = 4.4
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
    configs = {name: open_clip.get_model_config(name) for name in open_clip.list_models()}
    return {name: None if is_imported(config) else why_not_clip_tokens(config) for name, config in configs.items()}


def stand_in_tokenizer(name: str) -> str | None:
    """What stands in for the tokenizer of a model that is imported: the published file is on the hub alone. None: the model is
    exported, and its tokens are CLIP's."""
    if not is_imported(open_clip.get_model_config(name)):
        return None
    return "a small tokenizer of Gemma's pipeline" if "SigLIP2" in name else "a small tokenizer of SigLIP's pipeline"
