"""Creates the open_clip model to export: its name, and a checkpoint file or seeded random weights."""
import logging
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import nn

from .archive_checks import ExportError
from .encoders import UnsupportedModel
from .open_clip_import import open_clip


def why_not_clip_tokens(config: dict[str, Any]) -> str | None:
    """The part of open_clip's model config that makes its tokens other ones than CLIP's."""
    text = config["text_cfg"]
    if text.get("hf_tokenizer_name"):
        return f"its tokenizer is {text['hf_tokenizer_name']}, not CLIP's"
    if text.get("hf_model_name"):
        return f"its text tower is {text['hf_model_name']}, not CLIP's"
    if text.get("tokenizer_kwargs") or text.get("tokenizer_mode"):
        return "its tokenizer cleans or cuts texts in another way than CLIP's"
    return None


def is_imported(config: dict[str, Any]) -> bool:
    """Whether it is a SigLIP, which `clipcls model import` reads as open_clip publishes it."""
    return (config["text_cfg"].get("pool_type") == "last" and "hf_tokenizer_name" in config["text_cfg"]
            and "_siglip_" in config["vision_cfg"].get("timm_model_name", ""))


def check_model_config(model_name: str) -> dict[str, Any]:
    """open_clip's config of the model, refused where its tokens are not CLIP's, before anything is built."""
    config = open_clip.get_model_config(model_name)
    if config is None:
        raise ExportError(f"open_clip {open_clip.__version__} has no model named '{model_name}'; "
                          f"`open_clip.list_models()` gives the names, such as ViT-B-32, RN50, convnext_base_w")
    reason = why_not_clip_tokens(config)
    if reason and is_imported(config):
        raise UnsupportedModel(f"{model_name}: {reason}; clipcls model import reads it as open_clip publishes it: the weights, "
                               f"open_clip_config.json and tokenizer.json in a folder")
    if reason:
        raise UnsupportedModel(f"{model_name}: {reason}; a model that is exported has the tokenizer of CLIP")
    return config


def is_torchscript(path: Path) -> bool:
    """Whether the file is a TorchScript archive, as OpenAI publishes its models."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())


def load_weights(model: nn.Module, path: Path) -> None:
    try:
        if is_torchscript(path):
            state_dict = torch.jit.load(path, map_location="cpu").state_dict()
            for key in ("input_resolution", "context_length", "vocab_size"):
                state_dict.pop(key, None)
            model.load_state_dict(state_dict)  # half precision becomes float32 here
        else:
            open_clip.load_checkpoint(model, str(path))
    except Exception as error:  # whatever the readers of the four formats raise
        first_lines = " ".join(str(error).split())[:300]
        raise ExportError(f"checkpoint {path} cannot be loaded: {first_lines}") from error


def create_model(model_name: str, checkpoint: Path | None, seed: int | None, quick_gelu: str = "auto",
                 tag: str | None = None) -> tuple[nn.Module, dict[str, Any], str]:
    """The model in float32 and eval mode, its preprocessing (mean, std, interpolation, resize_mode), and one
    line that says where it comes from. Exactly one of `checkpoint` and `seed` is given.
    quick_gelu: yes, no, or auto: as open_clip's config or the tag says, and yes for an OpenAI archive."""
    config = check_model_config(model_name)
    preprocess: dict[str, Any] = {}
    if tag is not None:
        preprocess = open_clip.get_pretrained_cfg(model_name, tag)
        if not preprocess:
            known = ", ".join(open_clip.list_pretrained_tags_by_model(model_name))
            raise ExportError(f"open_clip knows no weights '{tag}' of {model_name}; it knows: {known or 'none'}")
    if checkpoint is not None and not checkpoint.is_file():
        raise ExportError(f"checkpoint {checkpoint} is not a file")
    if quick_gelu == "auto":
        use_quick_gelu = bool(config.get("quick_gelu") or preprocess.get("quick_gelu")
                              or (checkpoint is not None and is_torchscript(checkpoint)))
    else:
        use_quick_gelu = quick_gelu == "yes"

    logging.disable(logging.WARNING)  # open_clip warns that the weights are random: that is asked for or replaced
    if seed is not None:
        torch.manual_seed(seed)
    model = open_clip.create_model(model_name, quick_gelu=use_quick_gelu).eval()
    logging.disable(logging.NOTSET)
    source = f"open_clip_torch {open_clip.__version__} {model_name}"
    source += f", weights {tag}" if tag else ""
    source += ", QuickGELU" if use_quick_gelu else ""
    if checkpoint is None:
        return model, preprocess, f"{source}, random weights, seed {seed}"
    load_weights(model, checkpoint)
    return model, preprocess, f"{source}, {checkpoint.name}"
