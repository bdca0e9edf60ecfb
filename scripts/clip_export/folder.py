"""Writes a model folder: whole and checked, or not at all."""
import os
import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .archive import save_archive
from .from_open_clip import build_image_encoder, build_text_encoder, check_supported, text_tower
from .json_lines import dump_json
from .open_clip_import import open_clip
from .reference import ReferenceInputs, load_tokenizer, make_inputs, make_reference, write_reference

FORMAT_VERSION = 1
DEFAULT_TEMPLATE = "a photo of a {}."
MIN_COSINE = 0.99999  # between the features of the written archives and those of open_clip


class ExportError(Exception):
    """The folder cannot be written; the message says why in one line."""


@dataclass
class ModelDescription:
    """What a model folder says that is not in the model itself."""
    name: str
    source: str
    image_mean: tuple[float, ...] = open_clip.OPENAI_DATASET_MEAN
    image_std: tuple[float, ...] = open_clip.OPENAI_DATASET_STD
    interpolation: str = "bicubic"      # bicubic | bilinear
    resize_mode: str = "shortest"       # shortest | squash
    merges_text: str | None = None      # None: CLIP's own vocabulary
    prompt_templates: tuple[str, ...] = (DEFAULT_TEMPLATE,)
    description: str = ""
    license: str = ""
    precision: str = "fp32"             # fp32 | fp16, of the stored weights


@dataclass
class ExportReport:
    """What was written and how near it is to open_clip."""
    min_image_cosine: float
    min_text_cosine: float
    num_bytes: int


def make_config(model: nn.Module, description: ModelDescription) -> dict[str, Any]:
    """The content of config.json."""
    text = text_tower(model)
    tokenizer = load_tokenizer(description.merges_text, text.context_length)
    if tokenizer.vocab_size != text.vocab_size:
        raise ExportError(f"the model has {text.vocab_size} token embeddings and the vocabulary "
                          f"{tokenizer.vocab_size} tokens")
    if description.interpolation not in ("bicubic", "bilinear") or \
            description.resize_mode not in ("shortest", "squash"):
        raise ExportError(f"pictures are prepared with interpolation '{description.interpolation}' and "
                          f"resize_mode '{description.resize_mode}'; the format has bicubic or bilinear, "
                          f"shortest or squash")
    logit_bias = getattr(model, "logit_bias", None)
    return {
        "format_version": FORMAT_VERSION,
        "name": description.name,
        "description": description.description,
        "license": description.license,
        "source": description.source,
        "torch_version": torch.__version__.split("+")[0],
        "embed_dim": model.visual.output_dim,
        "logit_scale": model.logit_scale.exp().item(),  # the parameter is the logarithm of the multiplier
        "logit_bias": None if logit_bias is None else logit_bias.item(),
        "activation": "softmax" if logit_bias is None else "sigmoid",
        "image": {
            "size": model.visual.image_size[0],
            "mean": list(description.image_mean),
            "std": list(description.image_std),
            "interpolation": description.interpolation,
            "resize_mode": description.resize_mode,
        },
        "text": {
            "context_length": text.context_length,
            "vocab_size": text.vocab_size,
            "sot_token_id": tokenizer.sot_token_id,
            "eot_token_id": tokenizer.eot_token_id,
            "pad_token_id": 0,
        },
        "prompt_templates": list(description.prompt_templates),
    }


def write_encoders(model: nn.Module, precision: str, folder: Path) -> None:
    dtype = {"fp32": torch.float32, "fp16": torch.float16}[precision]
    save_archive(build_image_encoder(model).to(dtype), folder / "image_encoder.pt")
    save_archive(build_text_encoder(model).to(dtype), folder / "text_encoder.pt")


def encode(image_encoder: nn.Module, text_encoder: nn.Module, inputs: ReferenceInputs) -> tuple[Tensor, Tensor]:
    """image_features [3, embed_dim] and text_features [50, embed_dim] in float32."""
    with torch.inference_mode():
        return image_encoder(inputs.pixel_values).float(), text_encoder(inputs.token_ids).float()


def load_encoders(folder: Path) -> tuple[nn.Module, nn.Module]:
    """The folder's archives as a program loads them: in float32, on the CPU."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return (torch.jit.load(folder / "image_encoder.pt", map_location="cpu").float(),
                torch.jit.load(folder / "text_encoder.pt", map_location="cpu").float())


def min_cosine(features: Tensor, expected: Tensor, what: str) -> float:
    """[n, embed_dim] each; the smallest cosine of two rows, which must not be under MIN_COSINE."""
    cosine = F.cosine_similarity(features.double(), expected.double(), dim=-1).min().item()
    if not cosine >= MIN_COSINE:  # also true of NaN
        raise ExportError(f"the exported {what} differ from open_clip's: smallest cosine {cosine:.7f}, "
                          f"needed {MIN_COSINE}")
    return cosine


def fill_folder(model: nn.Module, description: ModelDescription, folder: Path) -> ExportReport:
    config = make_config(model, description)
    inputs = make_inputs(config, description.merges_text)
    (folder / "config.json").write_text(dump_json(config), "utf-8")
    if description.merges_text is not None:
        (folder / "merges.txt").write_text(description.merges_text, "utf-8")
    write_encoders(model, description.precision, folder)

    with torch.inference_mode():
        expected_image = model.encode_image(inputs.pixel_values)
        expected_text = model.encode_text(inputs.token_ids)
    image_features, text_features = encode(*load_encoders(folder), inputs)
    report = ExportReport(min_cosine(image_features, expected_image, "image features"),
                          min_cosine(text_features, expected_text, "text features"), 0)
    computed_by = f"open_clip_torch {open_clip.__version__}, torch {config['torch_version']}"
    write_reference(folder, make_reference(config, inputs, expected_image, expected_text, computed_by))
    report.num_bytes = sum(path.stat().st_size for path in folder.iterdir())
    return report


def export_folder(model: nn.Module, description: ModelDescription, output: Path, force: bool = False) -> ExportReport:
    """Writes `model`, an open_clip model in float32 and eval mode, to the folder `output`.
    Everything is written and checked next to it first; the last step is a rename."""
    check_supported(model)
    if output.exists() and not force:
        raise ExportError(f"{output} exists; --force replaces it")
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(f".{output.name}.partial-{os.getpid()}")
    replaced = output.with_name(f".{output.name}.replaced-{os.getpid()}")
    partial.mkdir()
    try:
        report = fill_folder(model, description, partial)
        if output.exists():
            output.rename(replaced)
        partial.rename(output)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)
    return report
