"""The accuracy on OpenMoji while training goes on, in Python. The real figures come from scripts/pictogram/evaluate.py."""

import numpy as np
import torch
import torch.nn.functional as F

from .data import MARGIN, MEAN, STD
from .networks import frame_content


@torch.no_grad()
def embed_texts(text_encoder, texts, names):
    device = next(text_encoder.parameters()).device
    parts = [text_encoder(texts.token_ids(names[n : n + 256]).to(device)) for n in range(0, len(names), 256)]
    return F.normalize(torch.cat(parts).float(), dim=1)


@torch.no_grad()
def embed_pictures(trunk, pixels, size, device):
    features = []
    for n in range(0, len(pixels), 128):
        x = torch.from_numpy(pixels[n : n + 128]).to(device).permute(0, 3, 1, 2).float() / 255
        features.append(trunk(frame_content((x - MEAN) / STD, size, MARGIN)))
    return F.normalize(torch.cat(features).float(), dim=1)


def openmoji_report(model, size, pixels, codes, emoji, cifar, texts, device):
    images = embed_pictures(model.trunk, pixels, size, device).cpu()
    names = embed_texts(model.text, texts, [emoji[code]["name"] for code in codes]).cpu()
    order = (images @ names.T).topk(5, 1).indices
    rank = order == torch.arange(len(codes))[:, None]
    asked = [(label, codes.index(code)) for label, code in cifar.items() if code]
    labels = embed_texts(model.text, texts, list(cifar)).cpu()
    best = (images[[n for _, n in asked]] @ labels.T).topk(5, 1).indices
    wanted = torch.tensor([list(cifar).index(label) for label, _ in asked])
    hit = best == wanted[:, None]
    shark = (images[codes.index("1f988")] @ labels.T).topk(3).indices
    groups = np.array([emoji[code]["group"] for code in codes])
    per_group = " ".join(f"{g}:{rank[groups == g][:, 0].float().mean() * 100:.0f}" for g in sorted(set(groups)))
    print(
        f"REPORT openmoji top-1 {rank[:, 0].float().mean() * 100:.1f} top-5 {rank.any(1).float().mean() * 100:.1f}"
        f"  cifar top-1 {hit[:, 0].float().mean() * 100:.1f} top-5 {hit.any(1).float().mean() * 100:.1f}"
        f"  shark: {[list(cifar)[n] for n in shark]}  groups {per_group}",
        flush=True,
    )
    return rank, hit
