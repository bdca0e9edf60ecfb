"""Random weights with which a comparison can fail.

As drawn, they give nearly the same feature for every text and every picture, and whole branches of a network add
nothing: layer scales of 1e-6, biases of zero, batch norms that were never fitted. Then an encoder with a branch
left out would pass.
"""
import torch
from torch import Tensor, nn


@torch.no_grad()
def spread_weights(model: nn.Module, pixel_values: Tensor) -> None:
    """Changes the weights of `model` in place, seeded by torch.manual_seed.
    pixel_values: [n, 3, size, size], some pictures to fit the batch norms to."""
    for name, parameter in model.named_parameters():
        last = name.rsplit(".", 1)[-1]
        if last == "gamma" or is_last_norm_of_bottleneck(name):  # what a layer adds is scaled
            nn.init.uniform_(parameter, 0.1, 0.4)
        elif parameter.ndim == 1 and last == "weight":  # a norm's
            nn.init.uniform_(parameter, 0.5, 1.5)
        elif not parameter.any():
            nn.init.normal_(parameter, std=0.05)
        elif name.endswith("token_embedding.weight"):
            parameter.mul_(10)
        elif name.endswith(("class_embedding", "cls_token")):
            parameter.mul_(0.1)
    for layer in model.visual.modules():
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            keep_variance(layer.weight)
    for name, parameter in model.named_parameters():
        if name.endswith(("in_proj_weight", "qkv.weight")):  # sharper attention
            parameter.mul_(2)
    fit_batch_norms(model.visual, pixel_values)


def is_last_norm_of_bottleneck(name: str) -> bool:
    """Of CLIP's ResNets. With branches as large as what they are added to, each of RN50x64's 63 blocks makes the
    rounding errors before it larger: in float32 open_clip's own similarities are 1e-4 off those in float64."""
    return ".layer" in name and name.endswith(".bn3.weight")


def keep_variance(weight: Tensor) -> None:
    """[out, in, ...]: as large as it takes for the layer's outputs to vary as much as its inputs."""
    needed = weight[0].numel() ** -0.5
    weight.mul_(max(1.0, needed / weight.std().item()))


def fit_batch_norms(tower: nn.Module, pixel_values: Tensor) -> None:
    """Sets their statistics to those of the pictures, so that values neither vanish nor explode layer by layer."""
    norms = [module for module in tower.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    if not norms:
        return
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the mean over all batches, here one
        norm.train()
    tower(pixel_values)
    for norm in norms:
        norm.eval()
