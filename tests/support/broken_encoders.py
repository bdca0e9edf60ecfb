"""TorchScript modules that are no encoders, for broken_models.py."""
from pathlib import Path

import torch
from torch import Tensor, nn

# An operator that exists in this process alone: the archive that calls it loads nowhere else.
_library = torch.library.Library("clipcls_test", "DEF")
_library.define("mystery(Tensor x) -> Tensor")


class UnknownOperator(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.ops.clipcls_test.mystery(x)


class NoForward(nn.Module):
    @torch.jit.export
    def encode(self, x: Tensor) -> Tensor:
        return x


class TwoArguments(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return x + y


class ReturnsTuple(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x, x


class ReturnsOneRow(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.ones(1, 32)


class Raises(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if x.dim() == 4:
            raise RuntimeError("a deliberate error")
        return x


def save(name: str, path: Path) -> None:
    torch.jit.script(globals()[name]()).save(path)
