"""Writes models/pictogram from the averaged weights of a checkpoint."""

import copy
import json
import shutil

import numpy as np
import torch
from PIL import Image
from export.archive import save_archive
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from . import art, bpe
from .data import MARGIN, MEAN, STD
from .networks import ImageEncoder, TextEncoder, Trunk
from .training import STAGES

IMAGE_SIZE = 96
CONTEXT_LENGTH = 16


def fold_batch_norm(trunk):
    trunk.stem, trunk.stem_bn = fuse_conv_bn_eval(trunk.stem, trunk.stem_bn), nn.Identity()
    for block in trunk.blocks:
        block.conv1, block.bn1 = fuse_conv_bn_eval(block.conv1, block.bn1), nn.Identity()
        block.conv2, block.bn2 = fuse_conv_bn_eval(block.conv2, block.bn2), nn.Identity()
        if isinstance(block.shortcut, nn.Sequential):
            block.shortcut = nn.Sequential(block.shortcut[0], fuse_conv_bn_eval(block.shortcut[1], block.shortcut[2]))
    return trunk


def towers(checkpoint, vocab_size):
    """(trunk, text encoder, logit scale) with the averaged weights."""
    state = torch.load(checkpoint, weights_only=False, map_location="cpu")["ema"]
    embed_dim = state["trunk.proj.weight"].shape[0]
    trunk, text = Trunk(embed_dim), TextEncoder(vocab_size, CONTEXT_LENGTH, embed_dim)
    for name, module in (("trunk.", trunk), ("text.", text)):
        module.load_state_dict({key.removeprefix(name): value for key, value in state.items() if key.startswith(name)})
        module.eval().requires_grad_(False)
    return trunk, text, min(100.0, float(state["log_logit_scale"].exp())), embed_dim


def save(module, path, example):
    """Half-precision weights in plain TorchScript; the reader turns them into float32, so this checks that it can."""
    save_archive(copy.deepcopy(module).half(), path)
    read = torch.jit.load(str(path)).to(torch.float32)
    difference = (read(example) - module(example)).abs().max() / module(example).abs().max()
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB, largest difference to the trained tower {difference:.1e}")
    assert difference < 0.02


def export(data, model):
    model.mkdir(parents=True, exist_ok=True)
    tokenizer = bpe.Tokenizer(bpe.load_merges(data / "merges.txt"))
    trunk, text, logit_scale, embed_dim = towers(data / "checkpoint.pt", tokenizer.vocab_size)
    encoder = ImageEncoder(fold_batch_norm(trunk).to(memory_format=torch.contiguous_format), STAGES[-1][1], MARGIN).eval()
    judged = np.load(data / "openmoji.npy", mmap_mode="r")[:4]
    pictures = (torch.from_numpy(np.array(judged)).permute(0, 3, 1, 2).float() / 255 - MEAN) / STD
    save(encoder, model / "image_encoder.pt", pictures)
    token_ids = [tokenizer.encode(name, CONTEXT_LENGTH) for name in ("shark", "aquarium_fish")]
    longest = max(map(len, token_ids))
    save(text, model / "text_encoder.pt", torch.tensor([ids + [0] * (longest - len(ids)) for ids in token_ids]))
    shutil.copyfile(data / "merges.txt", model / "merges.txt")
    config = {
        "format_version": 1,
        "name": "pictogram",
        "source": "trained from scratch by scripts/pictogram/train.py on the art sets that CREDITS.md lists",
        "torch_version": torch.__version__.split("+")[0],
        "embed_dim": embed_dim,
        "logit_scale": round(logit_scale, 4),
        "logit_bias": None,
        "activation": "softmax",
        "image": {
            "size": IMAGE_SIZE,
            "mean": [MEAN] * 3,
            "std": [STD] * 3,
            "interpolation": "bicubic",
            "resize_mode": "shortest",
        },
        "text": {
            "context_length": CONTEXT_LENGTH,
            "vocab_size": tokenizer.vocab_size,
            "sot_token_id": tokenizer.sot,
            "eot_token_id": tokenizer.eot,
            "pad_token_id": 0,
        },
        "prompt_templates": ["{}"],
        "description": "knows drawings (emoji and icons), not photographs",
        "architecture": {
            "image": f"ResNet of {len(trunk.blocks)} blocks on the drawing framed to {encoder.size} pixels",
            "text": f"text transformer, {len(text.blocks)} layers, width {text.ln_final.weight.shape[0]}, GELU",
        },
        "license": "MIT for the weights; art that it learned from and the sample picture: see CREDITS.md",
    }
    (model / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    shark = art.openmoji_icons(art.base_emoji())["1f988"]
    pixels = art.render([{"set": "openmoji", "icon": shark, "style": "plain"}], data, size=512, processes=1)
    Image.fromarray(pixels[0]).save(model / "shark.png", optimize=True)
