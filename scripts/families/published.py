"""A model as its makers publish it, with seeded random weights, and what their library answers with it."""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from torch import Tensor, nn

# Where a logit of 0 is a probability of one half: there an error of a similarity shows most.
LOGIT_SCALE = 60.0

# Sixteen labels in four languages. One needs cleaning by each rule that sources have.
LABELS = ("cat", "A Red Apple", "aquarium_fish", "T-shirt & jeans", "a rock'n'roll band, 1970s", "hot-air balloon",
          "crème brûlée", "ein Eichhörnchen im Schnee", "Straßenbahn", "Äpfel & Birnen (2 kg)",
          "猫", "一张狗的照片", "自行车，红色的", "собака", "КРАСНОЕ ЯБЛОКО", "кошка на столе")


@dataclass
class PublishedModel:
    """A folder in its published layout, and the library's own way to the numbers that clipcls has to equal."""
    folder: Path
    model: nn.Module
    pixel_values: Callable[[Image.Image], Tensor]      # of an upright RGB picture: [3, size, size]
    token_ids: Callable[[Sequence[str]], Tensor]       # of prompts: [n, context_length]
    image_features: Callable[[Tensor], Tensor]
    text_features: Callable[[Tensor], Tensor]
    template: str = "This is a photo of {}."
    batch: int = 4

    def prompts(self, labels: Sequence[str]) -> list[str]:
        return [self.template.replace("{}", label) for label in labels]

    @torch.inference_mode()
    def similarities(self, pictures: Sequence[Path], labels: Sequence[str] = LABELS) -> np.ndarray:
        """[num_pictures, num_labels], in float64 from the features on"""
        images = torch.stack([self.pixel_values(ImageOps.exif_transpose(Image.open(path)).convert("RGB")) for path in pictures])
        features = [in_batches(self.image_features, images, self.batch),
                    in_batches(self.text_features, self.token_ids(self.prompts(labels)), self.batch)]
        image, text = (F.normalize(matrix.double(), dim=-1) for matrix in features)
        return (image @ text.T).numpy()

    def logits(self, similarities: np.ndarray) -> np.ndarray:
        bias = getattr(self.model, "logit_bias", None)
        return similarities * self.model.logit_scale.exp().item() + (0.0 if bias is None else bias.item())

    def scores(self, similarities: np.ndarray) -> np.ndarray:
        logits = torch.from_numpy(self.logits(similarities))
        is_sigmoid = getattr(self.model, "logit_bias", None) is not None
        return (logits.sigmoid() if is_sigmoid else logits.softmax(dim=-1)).numpy()

    @torch.no_grad()
    def centre_logits(self, pictures: Sequence[Path]) -> None:
        """Sets scale and bias so that probabilities are spread and not all 0 or 1. Before the folder is written."""
        middle = float(np.median(self.similarities(pictures)))
        self.model.logit_scale.fill_(np.log(LOGIT_SCALE))
        if getattr(self.model, "logit_bias", None) is not None:
            self.model.logit_bias.fill_(-LOGIT_SCALE * middle)


def in_batches(features: Callable[[Tensor], Tensor], inputs: Tensor, batch: int) -> Tensor:
    return torch.cat([features(part) for part in inputs.split(batch)])


@torch.no_grad()
def randomise(model: nn.Module, seed: int) -> None:
    """Weights of the size that trained ones have, and biases and norms that are not zeros and ones: features differ
    between pictures and between texts."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        noise = torch.empty(parameter.shape).normal_(generator=generator)
        if parameter.ndim <= 1:
            parameter.copy_(noise * 0.1 + (1.0 if is_norm_weight(name) else 0.0))
        elif "embed" in name or "probe" in name or "latent" in name:
            parameter.copy_(noise * (0.02 if "patch" in name or "position" in name else 0.5))
        else:
            fan_in = parameter[0].numel()
            is_query_or_key = any(part in name for part in ("q_proj", "k_proj", "query", "key", "in_proj", "qkv"))
            parameter.copy_(noise * fan_in**-0.5 * (1.6 if is_query_or_key else 1.0))


def is_norm_weight(name: str) -> bool:
    return name.endswith("weight") and any(part in name.lower() for part in ("norm", "ln_"))


def open_clip_weights(model: Any, file: Path) -> None:
    """As open_clip's push_to_hf_hub writes them."""
    from safetensors.torch import save_file
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, file, metadata={"format": "pt"})
