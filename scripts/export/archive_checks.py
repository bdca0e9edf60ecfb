"""What encoders must do before their folder appears: features as the reference, for any batch and any length; an archive
also on any device and in any dtype."""
import re
import warnings
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .wrapped_towers import is_index

MIN_COSINE = 0.99999  # between the features of the written archives and those of the reference


class ExportError(Exception):
    """The folder cannot be written; the message says why in one line."""


def load_archive(path: Path, device: str = "cpu") -> nn.Module:
    """As a program loads it: in float32."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.load(path, map_location=device).float()


def min_cosine(features: Tensor, expected: Tensor, what: str, reference: str) -> float:
    """[n, embed_dim] each; the smallest cosine of two rows, which must not be under MIN_COSINE."""
    if features.shape != expected.shape:
        raise ExportError(f"the exported {what} have the shape {list(features.shape)}, {reference}'s "
                          f"{list(expected.shape)}")
    cosine = F.cosine_similarity(features.double(), expected.double(), dim=-1).min().item()
    if not cosine >= MIN_COSINE:  # also true of NaN
        raise ExportError(f"the exported {what} differ from {reference}'s: smallest cosine {cosine:.7f}, "
                          f"needed {MIN_COSINE}")
    return cosine


@torch.inference_mode()
def check_image_encoder(encoder: nn.Module, pixel_values: Tensor, expected: Tensor, reference: str) -> float:
    """pixel_values: [3, 3, size, size]; expected: [3, embed_dim]. Returns the smallest cosine."""
    batches = (slice(0, 3), slice(0, 1), slice(1, 3))  # of three, one and two pictures
    return min(min_cosine(encoder(pixel_values[rows]), expected[rows], "image features", reference)
               for rows in batches)


@torch.inference_mode()
def check_text_encoder(encoder: nn.Module, token_ids: Tensor, lengths: Tensor, expected: Tensor, reference: str) -> float:
    """token_ids: [n, context_length]; lengths: [n], of the texts up to their end token; expected: [n, embed_dim].
    Returns the smallest cosine."""
    cosines = [min_cosine(encoder(token_ids), expected, "text features", reference)]
    shortest, longest = int(lengths.argmin()), int(lengths.argmax())
    for rows in ([shortest], [longest], [0, shortest], [0, 1, shortest]):  # short batches, no longer than they must
        cut = token_ids[rows, :int(lengths[rows].max())]
        what = f"text features of {len(rows)} texts cut to {cut.shape[1]} tokens"
        cosines.append(min_cosine(encoder(cut), expected[rows], what, reference))
    return min(cosines)


@torch.inference_mode()
def check_portable(path: Path, example: Tensor) -> None:
    """example: [batch, ...]. Runs the archive on torch's "meta" device, which holds shapes without numbers: a tensor
    that the code puts on the CPU does not mix with it, and a cast to some dtype shows in the features."""
    indices = [name for name, buffer in load_archive(path, "meta").named_buffers() if is_index(name, buffer)]
    if indices:
        raise ExportError(f"{path.name} has the integer buffer {indices[0]}, which libtorch's module.to(dtype) "
                          f"destroys")
    for dtype in (torch.float16, torch.bfloat16, torch.float64):
        try:
            features = load_archive(path, "meta").to(dtype)(example.to("meta"))
        except RuntimeError as error:
            reason = re.sub(r"\s+", " ", str(error).strip().split("RuntimeError: ")[-1])[:200]
            raise ExportError(f"{path.name} holds a device or a dtype: in {dtype} it fails with: {reason}") from error
        if features.dtype != dtype or features.device.type != "meta":
            raise ExportError(f"{path.name} holds a device or a dtype: in {dtype} it gives {features.dtype} "
                              f"on {features.device}")
