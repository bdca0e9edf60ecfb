"""The encoders of a model folder in Python: to check what was written, and for tests."""
import json
from pathlib import Path
from typing import Any

from torch import nn

from .archive_checks import load_archive
from .plain_towers import build_image_tower, build_text_tower, text_eot_token_id, text_pool_type
from .safetensors_file import read_tensors
from .wrapped_towers import PlainTextTower, WrappedTextEncoder


def is_built(config: dict[str, Any], encoder: str) -> bool:
    """Whether the encoder ("image" or "text") is one that clipcls builds from weights; else it is TorchScript."""
    return isinstance(config.get("architecture", {}).get(encoder), dict)


def load_image_encoder(folder: Path, config: dict[str, Any]) -> nn.Module:
    """In float32, on the CPU."""
    if not is_built(config, "image"):
        return load_archive(folder / "image_encoder.pt")
    return build_image_tower(config, read_tensors(folder / "image_encoder.safetensors"))


def load_text_encoder(folder: Path, config: dict[str, Any]) -> nn.Module:
    if not is_built(config, "text"):
        return load_archive(folder / "text_encoder.pt")
    text = build_text_tower(config, read_tensors(folder / "text_encoder.safetensors"))
    eot_token_id = text_eot_token_id(text)
    tower = PlainTextTower(text, text_pool_type(text), eot_token_id)
    return WrappedTextEncoder(tower, text.context_length, eot_token_id, returns_tokens=False).eval()


def load_encoders(folder: Path) -> tuple[nn.Module, nn.Module]:
    config = json.loads((folder / "config.json").read_text("utf-8"))
    return load_image_encoder(folder, config), load_text_encoder(folder, config)
