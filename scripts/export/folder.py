"""Writes a model folder: whole and checked, or not at all."""
import gc
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from .archive import save_archive
from .archive_checks import ExportError, check_image_encoder, check_portable, check_text_encoder
from .architecture import describe_architecture
from .encoders import build_image_encoder, build_text_encoder, check_supported
from .json_lines import dump_json
from .load_encoders import is_built, load_image_encoder, load_text_encoder
from .open_clip_import import open_clip
from .plain_towers import image_tensors, text_tensors, text_tower
from .reference import load_tokenizer, make_inputs, make_reference, num_real_tokens, write_reference
from .safetensors_file import write_tensors

DEFAULT_TEMPLATE = "a photo of a {}."
MODEL_FILES = {"config.json", "image_encoder.safetensors", "text_encoder.safetensors", "image_encoder.pt", "text_encoder.pt",
               "reference.json", "merges.txt"}
_DTYPES = {"fp32": torch.float32, "fp16": torch.float16}


@dataclass
class ModelDescription:
    """What a model folder says that is not in the model itself."""
    name: str
    source: str
    image_mean: tuple[float, ...] = open_clip.OPENAI_DATASET_MEAN
    image_std: tuple[float, ...] = open_clip.OPENAI_DATASET_STD
    interpolation: str = "bicubic"      # bicubic | bilinear
    resize_mode: str = "shortest"       # shortest | squash | longest
    crop_rounds_down: bool = False      # as in transformers; written where it is true
    merges_text: str | None = None      # None: CLIP's own vocabulary
    prompt_templates: tuple[str, ...] = (DEFAULT_TEMPLATE,)
    description: str = ""
    license: str = ""
    precision: str = "fp32"             # fp32 | fp16, of the stored weights


@dataclass
class Reference:
    """The implementation whose features the encoders must give, in float32 and not normalised."""
    name: str
    version: str
    encode_image: Callable[[Tensor], Tensor]  # pixel_values [n, 3, size, size] -> [n, embed_dim]
    encode_text: Callable[[Tensor], Tensor]   # token_ids [n, context_length] -> [n, embed_dim]


@dataclass
class ExportReport:
    """What was written and how near it is to the reference."""
    min_image_cosine: float
    min_text_cosine: float
    num_bytes: int


def embed_dim(model: nn.Module) -> int:
    """Width of the features, which timm's towers do not say."""
    projection = text_tower(model).text_projection
    if projection is None:
        return int(text_tower(model).transformer.width)
    return int(projection.out_features if isinstance(projection, nn.Linear) else projection.shape[1])


def make_config(model: nn.Module, description: ModelDescription) -> dict[str, Any]:
    """The content of config.json."""
    text = text_tower(model)
    tokenizer = load_tokenizer(description.merges_text, text.context_length)
    # More embeddings than CLIP's tokens, as coca_base has, are embeddings that nobody looks up.
    has_spare_embeddings = description.merges_text is None and text.vocab_size > tokenizer.vocab_size
    if tokenizer.vocab_size != text.vocab_size and not has_spare_embeddings:
        raise ExportError(f"the model has {text.vocab_size} token embeddings and the vocabulary "
                          f"{tokenizer.vocab_size} tokens")
    if description.interpolation not in ("bicubic", "bilinear") or \
            description.resize_mode not in ("shortest", "squash", "longest"):
        raise ExportError(f"pictures are prepared with interpolation '{description.interpolation}' and "
                          f"resize_mode '{description.resize_mode}'; the format has bicubic or bilinear, "
                          f"shortest, squash or longest")
    logit_bias = getattr(model, "logit_bias", None)
    architecture = describe_architecture(model, tokenizer.eot_token_id)
    image_size = model.visual.image_size
    return {
        # The older version has TorchScript alone.
        "format_version": 2 if any(isinstance(encoder, dict) for encoder in architecture.values()) else 1,
        "name": description.name,
        "description": description.description,
        "license": description.license,
        "source": description.source,
        "torch_version": torch.__version__.split("+")[0],
        "architecture": architecture,
        "embed_dim": embed_dim(model),
        "logit_scale": model.logit_scale.exp().item(),  # the parameter is the logarithm of the multiplier
        "logit_bias": None if logit_bias is None else logit_bias.item(),
        "activation": "softmax" if logit_bias is None else "sigmoid",
        "image": {
            "size": image_size[0] if isinstance(image_size, tuple) else image_size,
            "mean": list(description.image_mean),
            "std": list(description.image_std),
            "interpolation": description.interpolation,
            "resize_mode": description.resize_mode,
            **({"crop_rounds_down": True} if description.crop_rounds_down else {}),
        },
        "text": {
            "context_length": text.context_length,
            "vocab_size": tokenizer.vocab_size,
            "sot_token_id": tokenizer.sot_token_id,
            "eot_token_id": tokenizer.eot_token_id,
            "pad_token_id": 0,
        },
        "prompt_templates": list(description.prompt_templates),
    }


def open_clip_reference(model: nn.Module) -> Reference:
    """`model` itself, also CoCa, which normalises unless it is told not to."""
    return Reference("open_clip", f"open_clip_torch {open_clip.__version__}",
                     lambda pixel_values: model.encode_image(pixel_values, normalize=False),
                     lambda token_ids: model.encode_text(token_ids, normalize=False))


def save_scripted(encoder: nn.Module, precision: str, path: Path, example: Tensor) -> None:
    """As a TorchScript archive. It wraps code of others, which may hold a device or a dtype: example, [batch, …], is what
    to see that with."""
    try:
        save_archive(encoder.to(_DTYPES[precision]), path)
    except (RuntimeError, torch.jit.frontend.FrontendError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ExportError(f"TorchScript cannot compile what becomes {path.name}: {reason}") from error
    check_portable(path, example)


def save_tensors(tensors: dict[str, Tensor], precision: str, path: Path) -> None:
    """The weights of an encoder that clipcls builds."""
    write_tensors(path, {name: tensor.to(_DTYPES[precision]) for name, tensor in tensors.items()})


def fill_folder(model: nn.Module, description: ModelDescription, reference: Reference, folder: Path) -> ExportReport:
    """The largest models leave room for one tower beside them, so: the reference's features first, then one tower
    after the other; the image tower is dropped when it is written."""
    config = make_config(model, description)
    inputs = make_inputs(config, description.merges_text)
    (folder / "config.json").write_text(dump_json(config), "utf-8")
    if description.merges_text is not None:
        (folder / "merges.txt").write_text(description.merges_text, "utf-8")
    with torch.inference_mode():
        expected_image = reference.encode_image(inputs.pixel_values)
        expected_text = reference.encode_text(inputs.token_ids)

    if is_built(config, "image"):
        save_tensors(image_tensors(model.visual), description.precision, folder / "image_encoder.safetensors")
    else:
        save_scripted(build_image_encoder(model), description.precision, folder / "image_encoder.pt", inputs.pixel_values[:2])
    model.visual = None
    gc.collect()  # TorchScript's modules refer to each other in circles
    image_cosine = check_image_encoder(load_image_encoder(folder, config), inputs.pixel_values, expected_image, reference.name)

    if is_built(config, "text"):
        save_tensors(text_tensors(text_tower(model)), description.precision, folder / "text_encoder.safetensors")
    else:
        save_scripted(build_text_encoder(model), description.precision, folder / "text_encoder.pt", inputs.token_ids[:2])
    lengths = torch.tensor([num_real_tokens(row, config["text"]["eot_token_id"]) for row in inputs.token_ids])
    text_cosine = check_text_encoder(load_text_encoder(folder, config), inputs.token_ids, lengths, expected_text, reference.name)

    computed_by = f"{reference.version}, torch {config['torch_version']}"
    write_reference(folder, make_reference(config, inputs, expected_image, expected_text, computed_by))
    return ExportReport(image_cosine, text_cosine, sum(path.stat().st_size for path in folder.iterdir()))


def require_replaceable(output: Path, force: bool) -> None:
    """Raises ExportError unless there is nothing at `output`, or with `force` a model folder or an empty one."""
    if not output.exists() and not output.is_symlink():
        return
    if not force:
        raise ExportError(f"{output} exists; --force replaces it")
    if not output.is_dir():
        raise ExportError(f"{output} is not a folder; --force replaces models only")
    names = {path.name for path in output.iterdir()}
    if names - MODEL_FILES:
        raise ExportError(f"{output} holds {min(names - MODEL_FILES)}, which is not part of a model; --force replaces models only")
    if names and "config.json" not in names:
        raise ExportError(f"{output} holds no config.json, and so is not a model; --force replaces models only")


def put_in_place(partial: Path, output: Path) -> None:
    """Gives the folder `partial` the name `output`; a model that has it is removed behind that."""
    if not output.exists():
        partial.rename(output)
        return
    replaced = output.with_name(f".{output.name}.replaced-{os.getpid()}")
    output.rename(replaced)
    try:
        partial.rename(output)
    except BaseException:
        replaced.rename(output)
        raise
    for name in MODEL_FILES:
        (replaced / name).unlink(missing_ok=True)
    replaced.rmdir()


def export_folder(model: nn.Module, description: ModelDescription, output: Path, force: bool = False,
                  reference: Reference | None = None) -> ExportReport:
    """Writes `model`, an open_clip model in float32 and eval mode, to the folder `output`. The model is used up.
    Everything is written and checked next to it first; the last step is a rename.
    reference: None: the model itself."""
    check_supported(model)
    require_replaceable(output, force)
    output = output.resolve()
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(f".{output.name}.partial-{os.getpid()}")
    partial.mkdir()
    try:
        report = fill_folder(model, description, reference or open_clip_reference(model), partial)
        require_replaceable(output, force)
        put_in_place(partial, output)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return report
