"""Writes models/everyday from the towers of the training."""

import json
import shutil

import torch
from export.safetensors_file import write_tensors
from . import bpe
from torch.nn.utils.fusion import fuse_conv_bn_weights

from .image_tower import IMAGE_SIZE, stem_of_half_size
from .names import CONTEXT_LENGTH, EMBED_DIM, load_text_tower
from .photos import MEAN, STD

DESCRIPTION = "knows 110 kinds of everyday things in small pictures, and drawings; no people's names, no medicine"


def folded(conv, norm):
    weight, bias = fuse_conv_bn_weights(conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias)
    return {"weight": weight, "bias": bias}


def image_tensors(tower):
    """By the names of src/model/checkpoint/clip_architecture.cpp: batch norms are a part of their convolutions."""
    tensors = {"visual.stem.weight": stem_of_half_size(tower.stem.weight), "visual.stem.bias": tower.stem.bias, "visual.proj": tower.proj.weight.T}
    for n, group in enumerate(tower.groups):
        layers = [(group.first, group.first_norm), *zip(group.convs, group.norms)]
        for number, (conv, norm) in enumerate(layers):
            for part, tensor in folded(conv, norm).items():
                tensors[f"visual.groups.{n}.{number}.{part}"] = tensor
    return tensors


def text_tensors(tower):
    """By OpenAI's names. What the token table is mapped by is multiplied in."""
    tensors = {
        "token_embedding.weight": tower.token_table @ tower.adapter.weight.T,
        "positional_embedding": tower.positional_embedding,
        "ln_final.weight": tower.ln_final.weight,
        "ln_final.bias": tower.ln_final.bias,
        "text_projection": tower.text_projection.weight.T,
    }
    for n, block in enumerate(tower.blocks):
        named = {"ln_1": block.ln_1, "ln_2": block.ln_2, "attn.out_proj": block.out_proj, "mlp.c_fc": block.c_fc, "mlp.c_proj": block.c_proj}
        for name, layer in named.items():
            tensors[f"transformer.resblocks.{n}.{name}.weight"] = layer.weight
            tensors[f"transformer.resblocks.{n}.{name}.bias"] = layer.bias
        tensors[f"transformer.resblocks.{n}.attn.in_proj_weight"] = block.in_proj.weight
        tensors[f"transformer.resblocks.{n}.attn.in_proj_bias"] = block.in_proj.bias
    return tensors


def save(tensors, path):
    """In half precision."""
    halves = {name: tensor.detach().half().contiguous() for name, tensor in tensors.items()}
    assert all(tensor.isfinite().all() for tensor in halves.values())
    write_tensors(path, halves)
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


def export(data, model, tower, logit_scale):
    """tower: the averaged image tower in eval mode; logit_scale: fitted on held-out training pictures."""
    model.mkdir(parents=True, exist_ok=True)
    text = load_text_tower(data)
    tokenizer = bpe.Tokenizer(bpe.load_merges(data / "merges.txt"))
    save(image_tensors(tower), model / "image_encoder.safetensors")
    save(text_tensors(text), model / "text_encoder.safetensors")
    shutil.copyfile(data / "merges.txt", model / "merges.txt")
    config = {
        "format_version": 2,
        "name": "everyday",
        "source": "trained from scratch by scripts/everyday/train.py on the pictures and texts that CREDITS.md lists",
        "torch_version": torch.__version__.split("+")[0],
        "embed_dim": EMBED_DIM,
        "logit_scale": round(logit_scale, 4),
        "logit_bias": None,
        "activation": "softmax",
        "image": {"size": IMAGE_SIZE, "mean": [MEAN] * 3, "std": [STD] * 3, "interpolation": "bicubic", "resize_mode": "shortest"},
        "text": {
            "context_length": CONTEXT_LENGTH,
            "vocab_size": tokenizer.vocab_size,
            "sot_token_id": tokenizer.sot,
            "eot_token_id": tokenizer.eot,
            "pad_token_id": 0,
        },
        "prompt_templates": ["{}"],
        "description": DESCRIPTION,
        "architecture": {
            "image": {
                "kind": "conv_net",
                "stem_width": tower.stem.out_channels,
                "widths": [group.first.out_channels for group in tower.groups],
                "convolutions": 1 + len(tower.groups[0].convs),
                "mirror_image": True,
            },
            "text": {
                "kind": "text_transformer",
                "width": text.ln_final.weight.shape[0],
                "layers": len(text.blocks),
                "heads": text.blocks[0].num_heads,
                "mlp_width": text.blocks[0].c_fc.out_features,
                "activation": "gelu",
                "layer_norm_eps": text.ln_final.eps,
                "layer_scale": False,
                "causal": True,
                "vocab_size": tokenizer.vocab_size,
                "end_token": "highest_id",
                "projection_bias": False,
            },
        },
        "license": "MIT for the weights; what it learned from and the sample picture: see CREDITS.md",
    }
    (model / "config.json").write_text(json.dumps(config, indent=2) + "\n")
