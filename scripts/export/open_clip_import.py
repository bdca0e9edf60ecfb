"""Imports open_clip where torchvision's compiled operators cannot be loaded.

The only torchvision that installs beside a CPU build of torch is built against CUDA. Its compiled library
does not load then, and its import stops at the operators which that library would have declared. We use
torchvision's Pillow transforms alone and call none of these operators: a declaration is all the import needs.
"""
import importlib
import sys
import warnings
from types import ModuleType

import torch

_DECLARATIONS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_fragments: list[torch.library.Library] = []  # a declaration lives as long as its Library object


def _import_torchvision() -> None:
    try:
        importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]  # what the failed import left behind
        fragment = torch.library.Library("torchvision", "FRAGMENT")
        for declaration in _DECLARATIONS:
            fragment.define(declaration)
        _fragments.append(fragment)
        importlib.import_module("torchvision")


def import_open_clip() -> ModuleType:
    """The open_clip package, imported without its deprecation warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _import_torchvision()
        return importlib.import_module("open_clip")


open_clip = import_open_clip()
