"""Model folders that are broken in one place each, and what the program's error has to name. Their encoders are TorchScript;
broken_tensor_models.py breaks those that are built from weights."""
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class BrokenModel:
    name: str
    expected_words: tuple[str, ...]     # each is in the one line on stderr
    damage: Callable[[Path], None]      # changes a copy of a good folder


def change_config(**changes: Any) -> Callable[[Path], None]:
    """Sets fields of config.json; "image__size" is the field size of image; ... (Ellipsis) removes a field."""
    def damage(folder: Path) -> None:
        path = folder / "config.json"
        config = json.loads(path.read_text("utf-8"))
        for key, value in changes.items():
            *parents, field = key.split("__")
            target = config
            for parent in parents:
                target = target[parent]
            if value is ...:
                del target[field]
            else:
                target[field] = value
        path.write_text(json.dumps(config), "utf-8")
    return damage


def remove(file_name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file_name).unlink()


def write(file_name: str, content: bytes) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / file_name).write_bytes(content)
    return damage


def truncate(file_name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = folder / file_name
        path.write_bytes(path.read_bytes()[:path.stat().st_size // 2])
    return damage


def swap_encoders(folder: Path) -> None:
    (folder / "image_encoder.pt").rename(folder / "other")
    (folder / "text_encoder.pt").rename(folder / "image_encoder.pt")
    (folder / "other").rename(folder / "text_encoder.pt")


def drop_tensor(folder: Path) -> None:
    """Leaves the archive a sound zip file that lacks one of the tensors its code refers to."""
    import zipfile
    path = folder / "image_encoder.pt"
    with zipfile.ZipFile(path) as archive:
        entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in entries:
            if not name.endswith("/data/3"):
                archive.writestr(name, content)


def change_weights(file_name: str, change: Callable[[Any], None]) -> Callable[[Path], None]:
    """Loads the archive, lets `change` edit its module, and saves it."""
    def damage(folder: Path) -> None:
        import torch
        module = torch.jit.load(folder / file_name)
        change(module)
        module.save(folder / file_name)
    return damage


def fill_with_nan(module: Any) -> None:
    module.last_block.mlp.c_fc.weight.fill_(float("nan"))


def shrink_token_table(module: Any) -> None:
    """Fewer embeddings than the vocabulary has tokens: the end token, the highest id, has none."""
    module.token_embedding.weight = module.token_embedding.weight[:-10].clone()


def change_records(file_name: str, change: Callable[[str, bytes], bytes], torch_version: str) -> Callable[[Path], None]:
    """`change` gets the name and the content of each record of the archive; config.json says who wrote it."""
    def damage(folder: Path) -> None:
        import zipfile
        path = folder / file_name
        with zipfile.ZipFile(path) as archive:
            records = [(info.filename, archive.read(info)) for info in archive.infolist()]
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            for name, content in records:
                archive.writestr(name, change(name, content))
        change_config(torch_version=torch_version)(folder)
    return damage


def set_archive_version(version: int) -> Callable[[str, bytes], bytes]:
    return lambda name, content: b"%d\n" % version if name.endswith("version") else content


def rename_operator(name: str, content: bytes) -> bytes:
    return content.replace(b"torch.linear", b"torch.linear_of_tomorrow") if name.endswith(".py") else content


def replace_encoder(file_name: str, encoder_name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        import broken_encoders
        broken_encoders.save(encoder_name, folder / file_name)
    return damage


_IMAGE, _TEXT, _CONFIG = "image_encoder.pt", "text_encoder.pt", "config.json"

BROKEN_MODELS: tuple[BrokenModel, ...] = (
    BrokenModel("missing-config", (_CONFIG,), remove(_CONFIG)),
    BrokenModel("missing-image-encoder", (_IMAGE,), remove(_IMAGE)),
    BrokenModel("missing-text-encoder", (_TEXT,), remove(_TEXT)),
    BrokenModel("missing-merges", (_CONFIG, "vocab_size", "814", "49408"), remove("merges.txt")),
    BrokenModel("bad-json", (_CONFIG, "JSON"), write(_CONFIG, b'{"format_version": 1,')),
    BrokenModel("empty-config", (_CONFIG,), write(_CONFIG, b"")),
    BrokenModel("binary-config", (_CONFIG,), write(_CONFIG, bytes(range(256)))),
    BrokenModel("config-is-a-list", (_CONFIG,), write(_CONFIG, b"[1, 2]")),
    BrokenModel("missing-field", (_CONFIG, "embed_dim"), change_config(embed_dim=...)),
    BrokenModel("missing-nested-field", (_CONFIG, "text.context_length"), change_config(text__context_length=...)),
    BrokenModel("missing-object", (_CONFIG, "image"), change_config(image=...)),
    BrokenModel("field-of-wrong-type", (_CONFIG, "logit_scale", "hundred"), change_config(logit_scale="hundred")),
    BrokenModel("nested-field-of-wrong-type", (_CONFIG, "image.mean"), change_config(image__mean=[0.5, "x", 0.5])),
    BrokenModel("object-of-wrong-type", (_CONFIG, "text"), change_config(text=77)),
    BrokenModel("fractional-size", (_CONFIG, "image.size", "32.5"), change_config(image__size=32.5)),
    BrokenModel("negative-size", (_CONFIG, "image.size", "-32"), change_config(image__size=-32)),
    BrokenModel("zero-std", (_CONFIG, "image.std"), change_config(image__std=[0.5, 0.0, 0.5])),
    BrokenModel("unknown-activation", (_CONFIG, "activation", "relu"), change_config(activation="relu")),
    BrokenModel("unknown-interpolation", (_CONFIG, "image.interpolation", "nearest"),
                change_config(image__interpolation="nearest")),
    BrokenModel("unknown-resize-mode", (_CONFIG, "image.resize_mode", "fill"),
                change_config(image__resize_mode="fill")),
    BrokenModel("template-without-label", (_CONFIG, "prompt_templates"), change_config(prompt_templates=["a photo"])),
    BrokenModel("format-version-99", (_CONFIG, "format_version", "99"), change_config(format_version=99)),
    BrokenModel("wrong-embed-dim", (_TEXT, "embed_dim", "33"), change_config(embed_dim=33)),
    BrokenModel("wrong-image-size", (_IMAGE, "64", "must match"), change_config(image__size=64)),
    BrokenModel("wrong-vocab-size", (_CONFIG, "vocab_size", "815", "814"), change_config(text__vocab_size=815)),
    BrokenModel("wrong-eot-token", (_CONFIG, "eot_token_id", "5"), change_config(text__eot_token_id=5)),
    BrokenModel("bad-merges", ("merges.txt",), write("merges.txt", b"#version\na b\nno-pair\n")),
    BrokenModel("truncated-archive", (_IMAGE,), truncate(_IMAGE)),
    BrokenModel("empty-archive", (_IMAGE,), write(_IMAGE, b"")),
    BrokenModel("random-bytes", (_TEXT,), write(_TEXT, bytes(7 * i * i % 256 for i in range(4096)))),
    BrokenModel("missing-tensor", (_IMAGE,), drop_tensor),
    BrokenModel("swapped-encoders", (_TEXT,), swap_encoders),
    BrokenModel("nan-weights", (_IMAGE, "finite"), change_weights(_IMAGE, fill_with_nan)),
    BrokenModel("small-token-table", (_TEXT, "index out of range"), change_weights(_TEXT, shrink_token_table)),
    BrokenModel("unknown-operator", (_IMAGE, "mystery"), replace_encoder(_IMAGE, "UnknownOperator")),
    BrokenModel("newer-archive", (_TEXT, "written by torch 9.1.0", "this is 2.", "version 99", "maximum", "export"),
                change_records(_TEXT, set_archive_version(99), "9.1.0")),
    BrokenModel("older-archive", (_IMAGE, "written by torch 0.4.0", "this is 2.", "version 0", "minimum", "export"),
                change_records(_IMAGE, set_archive_version(0), "0.4.0")),
    BrokenModel("newer-operator", (_TEXT, "written by torch 9.1.0", "this is 2.", "linear_of_tomorrow", "export"),
                change_records(_TEXT, rename_operator, "9.1.0")),
    BrokenModel("no-forward", (_IMAGE, "forward"), replace_encoder(_IMAGE, "NoForward")),
    BrokenModel("two-arguments", (_TEXT, "forward"), replace_encoder(_TEXT, "TwoArguments")),
    BrokenModel("returns-a-tuple", (_IMAGE,), replace_encoder(_IMAGE, "ReturnsTuple")),
    BrokenModel("returns-one-row", (_TEXT,), replace_encoder(_TEXT, "ReturnsOneRow")),
    BrokenModel("raises", (_IMAGE, "deliberate"), replace_encoder(_IMAGE, "Raises")),
)


def make_broken_models(models: tuple[BrokenModel, ...], good: Path, output: Path) -> None:
    """Writes output/<name> for every one of the models, from a copy of the folder `good`."""
    for broken in models:
        folder = output / broken.name
        shutil.copytree(good, folder)
        broken.damage(folder)
