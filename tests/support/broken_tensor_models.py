"""Model folders whose encoders are built from weights, broken in one place each."""
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from broken_models import BrokenModel, change_config, remove, truncate, write

_IMAGE, _TEXT, _CONFIG = "image_encoder.safetensors", "text_encoder.safetensors", "config.json"
Tensors = dict[str, Any]  # torch.Tensor by name


def change_tensors(file_name: str, change: Callable[[Tensors], object]) -> Callable[[Path], None]:
    """Writes the file anew, with sound checksums."""
    def damage(folder: Path) -> None:
        from export.safetensors_file import read_tensors, write_tensors
        tensors = read_tensors(folder / file_name)
        change(tensors)
        write_tensors(folder / file_name, tensors)
    return damage


def change_header(file_name: str, change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        whole = (folder / file_name).read_bytes()
        start = 8 + int.from_bytes(whole[:8], "little")
        header = json.loads(whole[8:start])
        change(header)
        text = json.dumps(header).encode()
        (folder / file_name).write_bytes(len(text).to_bytes(8, "little") + text + whole[start:])
    return damage


def fill_with_nan(tensors: Tensors) -> None:
    tensors["visual.transformer.resblocks.0.mlp.c_fc.weight"].fill_(float("nan"))


def drop(name: str) -> Callable[[Tensors], object]:
    return lambda tensors: tensors.pop(name)


def transpose(name: str) -> Callable[[Tensors], object]:
    return lambda tensors: tensors.update({name: tensors[name].T.contiguous()})


def swap_encoders(folder: Path) -> None:
    (folder / _IMAGE).rename(folder / "other")
    (folder / _TEXT).rename(folder / _IMAGE)
    (folder / "other").rename(folder / _TEXT)


BROKEN_TENSOR_MODELS: tuple[BrokenModel, ...] = (
    BrokenModel("tensors-missing-image-encoder", (_IMAGE, "is missing"), remove(_IMAGE)),
    BrokenModel("tensors-missing-text-encoder", (_TEXT, "is missing"), remove(_TEXT)),
    BrokenModel("tensors-missing-tensor", (_IMAGE, "has no tensor visual.proj"), change_tensors(_IMAGE, drop("visual.proj"))),
    BrokenModel("tensors-wrong-shape", (_TEXT, "text_projection", "expected [32, 32]"),
                change_tensors(_TEXT, lambda tensors: tensors.update(text_projection=tensors["text_projection"][1:].clone()))),
    BrokenModel("tensors-transposed", (_IMAGE, "mlp.c_fc.weight", "expected [256, 64]"),
                change_tensors(_IMAGE, transpose("visual.transformer.resblocks.0.mlp.c_fc.weight"))),
    BrokenModel("tensors-one-too-many", (_TEXT, "has a tensor another"),
                change_tensors(_TEXT, lambda tensors: tensors.update(another=tensors["text_projection"].clone()))),
    BrokenModel("tensors-truncated", (_IMAGE, "truncated"), truncate(_IMAGE)),
    BrokenModel("tensors-empty", (_TEXT, "0 bytes"), write(_TEXT, b"")),
    BrokenModel("tensors-of-integers", (_IMAGE, "visual.proj holds Int"),
                change_header(_IMAGE, lambda header: header["visual.proj"].update(dtype="I32"))),
    BrokenModel("tensors-offsets-lie", (_IMAGE, "data_offsets"),
                change_header(_IMAGE, lambda header: header["visual.proj"].update(data_offsets=[0, 2**40]))),
    BrokenModel("tensors-swapped-encoders", (_TEXT, "has no tensor"), swap_encoders),
    BrokenModel("tensors-nan-weights", (_IMAGE, "finite"), change_tensors(_IMAGE, fill_with_nan)),
    BrokenModel("architecture-of-unknown-kind", (_CONFIG, "architecture.image.kind", "perceiver"),
                change_config(architecture__image__kind="perceiver")),
    BrokenModel("architecture-without-width", (_CONFIG, "architecture.text.width"), change_config(architecture__text__width=...)),
    BrokenModel("architecture-of-many-layers", (_CONFIG, "architecture.image.layers", "1000000000"),
                change_config(architecture__image__layers=10**9)),
    BrokenModel("architecture-of-odd-heads", (_CONFIG, "heads", "divide"), change_config(architecture__image__heads=7)),
    BrokenModel("architecture-of-another-size", (_TEXT, "expected [48]"), change_config(architecture__text__width=48)),
    BrokenModel("architecture-of-unknown-activation", (_CONFIG, "architecture.text.activation", "relu"),
                change_config(architecture__text__activation="relu")),
    BrokenModel("architecture-without-epsilon", (_CONFIG, "epsilon"), change_config(architecture__image__layer_norm_eps=0)),
    BrokenModel("architecture-of-few-embeddings", (_CONFIG, "architecture.text.vocab_size"),
                change_config(architecture__text__vocab_size=3)),
    BrokenModel("architecture-of-the-first-format", (_CONFIG, "architecture.image"), change_config(format_version=1)),
)
