"""Sources that `clipcls model import` has to refuse, and what its one line has to name."""
import argparse
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from make_checkpoints import (OPENAI_IMAGE, open_clip_config, open_clip_model, transformers_checkpoint,
                              transformers_model, write_config)
from safetensors.torch import load_file, save_file
from torch import Tensor

Tensors = dict[str, Tensor]
Header = dict[str, Any]
BLOCK = "visual.transformer.resblocks.1."


@dataclass(frozen=True)
class BrokenCheckpoint:
    name: str
    expected_words: tuple[str, ...]        # each is in the one line on stderr
    make: Callable[[Path], Path]           # fills the folder and returns the source
    options: tuple[str, ...] = ()


def open_clip_tensors() -> Tensors:
    return dict(open_clip_model(21, open_clip_config()).state_dict())


def pickled(value: Callable[[Tensors], Any], **options: Any) -> Callable[[Path], Path]:
    """torch.save of what `value` makes of good weights, with their configuration beside it."""
    def make(folder: Path) -> Path:
        write_config(folder, open_clip_config(), OPENAI_IMAGE)
        torch.save(value(open_clip_tensors()), folder / "weights.pt", **options)
        return folder / "weights.pt"
    return make


def written(content: bytes, name: str = "weights.pt") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name
    return make


def cut(make_whole: Callable[[Path], Path], part: float) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = make_whole(folder)
        path.write_bytes(path.read_bytes()[:int(path.stat().st_size * part)])
        return path
    return make


def stored(change: Callable[[Tensors], Any], **config_changes: Any) -> Callable[[Path], Path]:
    """open_clip's folder; `change` may alter the tensors in place."""
    def make(folder: Path) -> Path:
        tensors = open_clip_tensors()
        change(tensors)
        save_file(tensors, folder / "open_clip_model.safetensors")
        write_config(folder, open_clip_config(**config_changes), OPENAI_IMAGE)
        return folder
    return make


def no_change(tensors: Tensors) -> None:
    pass


def with_values(name: str, *values: float) -> Callable[[Tensors], None]:
    def change(tensors: Tensors) -> None:
        tensors[name].view(-1)[:len(values)] = torch.tensor(values)
    return change


def with_header(change: Callable[[Header], Any]) -> Callable[[Path], Path]:
    """A safetensors file whose header went through `change`."""
    def make(folder: Path) -> Path:
        path = stored(no_change)(folder) / "open_clip_model.safetensors"
        content = path.read_bytes()
        [length] = struct.unpack("<Q", content[:8])
        header = json.loads(content[8:8 + length])
        text = json.dumps(change(header) or header).encode()
        path.write_bytes(struct.pack("<Q", len(text)) + text + content[8 + length:])
        return path
    return make


def transformers(files: dict[str, Callable[[dict[str, Any]], Any]], **options: Any) -> Callable[[Path], Path]:
    """transformers' folder, some JSON files of which went through a function."""
    def make(folder: Path) -> Path:
        transformers_checkpoint(folder, transformers_model(22), **options)
        for name, change in files.items():
            path = folder / name
            content = json.loads(path.read_text("utf-8")) if path.exists() else {}
            change(content)
            path.write_text(json.dumps(content), "utf-8")
        return folder
    return make


def without_shard(folder: Path) -> Path:
    transformers({}, max_shard_size="100KB")(folder)
    sorted(folder.glob("model-*.safetensors"))[1].unlink()
    return folder


def transformers_with_nan(folder: Path) -> Path:
    transformers({})(folder)
    tensors = load_file(folder / "model.safetensors")
    tensors["text_model.encoder.layers.1.mlp.fc2.bias"][3:5] = float("nan")
    save_file(tensors, folder / "model.safetensors")
    return folder


def without_config(folder: Path) -> Path:
    stored(no_change)(folder)
    (folder / "open_clip_config.json").unlink()
    return folder / "open_clip_model.safetensors"


def preprocessor(**changes: Any) -> Callable[[Path], Path]:
    return transformers({"preprocessor_config.json": lambda content: content.update(
        {"size": {"shortest_edge": 40}, "crop_size": 40} | changes)})


def vision(**changes: Any) -> Callable[[Path], Path]:
    return stored(no_change, vision_cfg=changes)


def text(**changes: Any) -> Callable[[Path], Path]:
    return stored(no_change, text_cfg=changes)


EXPORTER = "scripts/export_torchscript.py"
BROKEN_CHECKPOINTS = (
    BrokenCheckpoint("missing", ("does not exist",), lambda folder: folder / "absent"),
    BrokenCheckpoint("empty_folder", ("not a folder of a checkpoint", "model.safetensors"), lambda folder: folder),
    # a .pt that is no archive
    BrokenCheckpoint("empty_file", ("neither a safetensors file nor a zip file",), written(b"")),
    BrokenCheckpoint("text_file", ("neither a safetensors file nor a zip file",), written(b"no archive\n" * 50)),
    BrokenCheckpoint("truncated_zip", ("zip file that is truncated",), cut(pickled(lambda t: t), 0.5)),
    BrokenCheckpoint("old_format", ("before 1.6", EXPORTER),
                     pickled(lambda t: t, _use_new_zipfile_serialization=False)),
    # a pickled Python checkpoint that is not a state dict
    BrokenCheckpoint("module", ("torch.nn.modules.linear.Linear", "pickled Python checkpoint"),
                     pickled(lambda t: torch.nn.Linear(2, 2))),
    BrokenCheckpoint("namespace", ("argparse.Namespace",),
                     pickled(lambda t: {"state_dict": t, "args": argparse.Namespace(lr=1)})),
    BrokenCheckpoint("list", ("holds a list, not a dict of tensors",), pickled(lambda t: list(t.values()))),
    BrokenCheckpoint("other_dict", ("entry epoch is a number, not a tensor",), pickled(lambda t: {"epoch": 3, "model": t})),
    BrokenCheckpoint("number_keys", ("a key of it is a number",), pickled(lambda t: {1: torch.ones(2)})),
    BrokenCheckpoint("no_tensors", ("without a tensor",), pickled(lambda t: {})),
    BrokenCheckpoint("other_model", ("neither open_clip's tensors", "its first is fc.weight"),
                     pickled(lambda t: {"fc.weight": torch.ones(2, 2)})),
    # a safetensors header that lies
    BrokenCheckpoint("no_header", ("has 3 bytes",), written(b"abc", "model.safetensors")),
    BrokenCheckpoint("long_header", ("header would be 4096 bytes long, and 10 follow",),
                     written(struct.pack("<Q", 4096) + b'{"a": 1}  ', "model.safetensors")),
    BrokenCheckpoint("huge_header", ("header would be 18446744073709551615 bytes",),
                     written(struct.pack("<Q", 2**64 - 1) + b"{}", "model.safetensors")),
    BrokenCheckpoint("no_json", ("not valid JSON at byte",),
                     written(struct.pack("<Q", 10) + b'{"a": 1]  ', "model.safetensors")),
    BrokenCheckpoint("truncated_tensors", ("tensor ", "truncated"),
                     cut(lambda folder: stored(no_change)(folder) / "open_clip_model.safetensors", 0.9)),
    BrokenCheckpoint("offsets_outside", ("tensor ln_final.weight has data_offsets", "header lies"),
                     with_header(lambda h: h["ln_final.weight"].update(data_offsets=[0, 10**9]))),
    BrokenCheckpoint("offsets_overlap", ("tensor ln_final.", "begins at byte 0"),
                     with_header(lambda h: h["ln_final.weight"].update(data_offsets=[0, 160]))),
    BrokenCheckpoint("lying_shape", ("tensor ln_final.weight has 160 bytes", "[41]", "164"),
                     with_header(lambda h: h["ln_final.weight"].update(shape=[41]))),
    BrokenCheckpoint("lying_dtype", ("tensor ln_final.weight has 160 bytes", "F16", "80"),
                     with_header(lambda h: h["ln_final.weight"].update(dtype="F16"))),
    BrokenCheckpoint("unknown_dtype", ("tensor ln_final.weight has dtype \"F7\"",),
                     with_header(lambda h: h["ln_final.weight"].update(dtype="F7"))),
    # weights whose shapes contradict each other, or the configuration
    BrokenCheckpoint("other_projection", ("tensor visual.proj has shape [48, 20], expected [48, 24]",),
                     stored(lambda t: t.update({"visual.proj": torch.ones(48, 20)}))),
    BrokenCheckpoint("short_attention", (f"tensor {BLOCK}attn.in_proj_weight has shape [96, 48]", "[144, 48]"),
                     stored(lambda t: t.update({f"{BLOCK}attn.in_proj_weight": torch.ones(96, 48)}))),
    BrokenCheckpoint("missing_tensor", (f"has no tensor {BLOCK}mlp.c_fc.bias",),
                     stored(lambda t: t.pop(f"{BLOCK}mlp.c_fc.bias"))),
    BrokenCheckpoint("extra_tensor", ("has a tensor visual.register_tokens",),
                     stored(lambda t: t.update({"visual.register_tokens": torch.ones(4)}))),
    BrokenCheckpoint("integer_weights", ("tensor ln_final.weight holds Int",),
                     stored(lambda t: t.update({"ln_final.weight": torch.ones(40, dtype=torch.int32)}))),
    BrokenCheckpoint("more_layers", ("transformer.resblocks.3.",), text(layers=4)),
    BrokenCheckpoint("other_width", ("mlp.c_fc.bias has shape [120], expected [192]",), vision(mlp_ratio=4.0)),
    BrokenCheckpoint("transformers_width", ("text_model.encoder.layers.0.mlp.fc1.bias has shape [100], expected [90]",),
                     transformers({"config.json": lambda c: c["text_config"].update(intermediate_size=90)})),
    # NaN weights
    BrokenCheckpoint("nan", ("tensor ln_final.bias has 2 of 40 numbers that are NaN or infinite",),
                     stored(with_values("ln_final.bias", float("nan"), float("-inf")))),
    BrokenCheckpoint("transformers_nan", ("tensor text_model.encoder.layers.1.mlp.fc2.bias has 2 of 40",),
                     transformers_with_nan),
    BrokenCheckpoint("pickled_nan", ("tensor visual.class_embedding has 1 of 48",),
                     pickled(lambda t: with_values("visual.class_embedding", float("inf"))(t) or t)),
    BrokenCheckpoint("infinite_scale", ("logit_scale is 1000",), stored(with_values("logit_scale", 1000.0))),
    BrokenCheckpoint("huge_bias", ("logit_bias is 1e+07, expected a number from -1e+06 to 1e+06",),
                     stored(lambda t: t.update({"logit_bias": torch.tensor(1e7)}))),
    BrokenCheckpoint("beyond_half", ("ln_final.bias has a number beyond half precision", "--precision fp32"),
                     stored(with_values("ln_final.bias", 1e5)), ("--precision", "fp16")),
    # the configuration
    BrokenCheckpoint("no_config", ("number of heads and QuickGELU or GELU cannot be read from weights", "--config"),
                     without_config),
    BrokenCheckpoint("config_of_transformers", ("is transformers' configuration", "open_clip's tensors"),
                     lambda folder: (transformers({})(folder), without_config(folder))[1], ("--config", "{folder}/config.json")),
    BrokenCheckpoint("odd_heads", ("48 wide and has 9 heads",), vision(head_width=5)),
    BrokenCheckpoint("odd_patch", ("40 pixels are no multiple of 7",), vision(patch_size=7)),
    BrokenCheckpoint("timm", ('vision_cfg.timm_model_name is "vit_base"', EXPORTER), vision(timm_model_name="vit_base")),
    BrokenCheckpoint("attentional_pool", ("vision_cfg.attentional_pool is true", EXPORTER), vision(attentional_pool=True)),
    BrokenCheckpoint("average_pool", ('vision_cfg.pool_type is "avg"', EXPORTER), vision(pool_type="avg")),
    BrokenCheckpoint("sigmoid_gelu", ('act_kwargs.approximate is "sigmoid"', EXPORTER), vision(act_kwargs={"approximate": "sigmoid"})),
    BrokenCheckpoint("hf_text", ('text_cfg.hf_model_name is "roberta"', EXPORTER), text(hf_model_name="roberta")),
    BrokenCheckpoint("hf_tokenizer", ('text_cfg.hf_tokenizer_name is "siglip"', EXPORTER), text(hf_tokenizer_name="siglip")),
    BrokenCheckpoint("last_token", ('text_cfg.pool_type is "last"', EXPORTER), text(pool_type="last")),
    BrokenCheckpoint("no_mask", ("text_cfg.no_causal_mask is true", EXPORTER), text(no_causal_mask=True)),
    BrokenCheckpoint("eos_of_another", ("text_cfg.eos_id is 2", "49407"), text(pool_type="eos")),
    BrokenCheckpoint("coca", ("multimodal_cfg is", EXPORTER), stored(no_change, multimodal_cfg={"width": 8})),
    BrokenCheckpoint("unknown_field", ("vision_cfg.rope is true", "no field that clipcls knows"), vision(rope=True)),
    BrokenCheckpoint("other_activation", ('text_config.hidden_act is "relu"', EXPORTER),
                     transformers({"config.json": lambda c: c["text_config"].update(hidden_act="relu")})),
    BrokenCheckpoint("naflex", ('model_type is "siglip2"', EXPORTER),
                     transformers({"config.json": lambda c: c.update(model_type="siglip2")})),
    BrokenCheckpoint("other_eos", ("text_config.eos_token_id is 5",),
                     transformers({"config.json": lambda c: c["text_config"].update(eos_token_id=5)})),
    BrokenCheckpoint("no_normalise", ("do_normalize is false", EXPORTER), preprocessor(do_normalize=False)),
    BrokenCheckpoint("pad", ("do_pad is true", EXPORTER), preprocessor(do_pad=True)),
    BrokenCheckpoint("resize_beyond_crop", ("size makes pictures of 48 pixels", "takes 40"),
                     preprocessor(size={"shortest_edge": 48})),
    BrokenCheckpoint("lanczos", ("resample is 1",), preprocessor(resample=1)),
    BrokenCheckpoint("missing_shard", ("is missing", "model.safetensors.index.json names it"), without_shard),
    BrokenCheckpoint("shard_elsewhere", ("weight_map.logit_scale", "../secret"), transformers(
        {"model.safetensors.index.json": lambda i: i["weight_map"].update(logit_scale="../secret")}, max_shard_size="100KB")),
    # the vocabulary
    BrokenCheckpoint("other_vocabulary", ("600 token embeddings", "49408 tokens"), stored(
        lambda t: t.update({"token_embedding.weight": torch.ones(600, 40)}), text_cfg={"vocab_size": 600})),
)
