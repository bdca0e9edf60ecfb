"""Image encoders that others wrote in TorchScript give torch's features, though a run of many pictures rewrites their graphs."""
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import RunClipcls
from make_test_models import OLD_MODEL
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

WIDTH = 32  # of the model's features, and of its pictures
MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(3, 1, 1)
DEVIATION = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(3, 1, 1)


class OneWeightTwoBiases(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3 * WIDTH * WIDTH, WIDTH)
        self.weight = nn.Parameter(torch.randn(WIDTH, WIDTH) / 6)
        self.biases = nn.Parameter(torch.randn(2, WIDTH))

    def forward(self, pixel_values: Tensor) -> Tensor:
        y = functional.linear(self.first(pixel_values.flatten(1)), self.weight, self.biases[0])
        y = functional.linear(torch.sin(y), self.weight, self.biases[1])
        return functional.linear(torch.sin(y), self.weight)


class ViewsOfOneWeight(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3 * WIDTH * WIDTH, WIDTH)
        self.weight = nn.Parameter(torch.randn(2 * WIDTH, WIDTH) / 6)
        self.upper = nn.Parameter(self.weight.detach()[:WIDTH])
        self.turned = nn.Parameter(self.weight.detach()[:WIDTH].t())

    def forward(self, pixel_values: Tensor) -> Tensor:
        y = self.first(pixel_values.flatten(1))
        tall = functional.linear(y, self.weight)
        return functional.linear(torch.sin(functional.linear(y, self.turned)), self.upper) + tall[:, 32:]


class WritesBetween(nn.Module):
    """What the second layer reads is no longer what the first one read, and neither name ends in an underscore."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3 * WIDTH * WIDTH, WIDTH)
        self.second = nn.Linear(WIDTH, WIDTH)

    def forward(self, pixel_values: Tensor) -> Tensor:
        hidden = self.first(pixel_values.flatten(1))
        y = self.second(hidden)
        torch.mul(hidden, torch.zeros(1), out=hidden)
        return functional.relu(y) + 0.01 * self.second(hidden)


class WholeNumbersAndMasks(nn.Module):
    """Buffers of other types than floats. The first query sees no key."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3 * WIDTH * WIDTH, 8 * WIDTH)
        self.table = nn.Embedding(8, WIDTH)
        self.register_buffer("places", torch.arange(8))
        self.register_buffer("mask", torch.ones(8, 8).tril().bool())
        self.register_buffer("blind", torch.ones(8, 7).tril(-1).bool())

    def forward(self, pixel_values: Tensor) -> Tensor:
        x = self.first(pixel_values.flatten(1)).view(-1, 1, 8, 32) + self.table(self.places)
        x = functional.scaled_dot_product_attention(x, x, x, attn_mask=self.mask)
        x = functional.scaled_dot_product_attention(x, x[:, :, 1:], x[:, :, 1:], attn_mask=self.blind)
        return x.masked_fill(~self.mask[:, 2:3], 0.0).sum(2).squeeze(1)


class NoKeys(nn.Module):
    """Attention to nothing is zero, and not a division by zero."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3 * WIDTH * WIDTH, 8 * WIDTH)

    def forward(self, pixel_values: Tensor) -> Tensor:
        x = self.first(pixel_values.flatten(1)).view(-1, 1, 8, 32)
        x = x + functional.scaled_dot_product_attention(x, x[:, :, :0], x[:, :, :0])
        return x.sum(2).squeeze(1)


class LayersOfTorch(nn.Module):
    """Scripted, they have a way for nested tensors and one by an operator for the whole layer."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, WIDTH, 8, 8)
        self.layers = nn.TransformerEncoder(nn.TransformerEncoderLayer(WIDTH, 4, 64, batch_first=True), 2)

    def forward(self, pixel_values: Tensor) -> Tensor:
        return self.layers(self.patches(pixel_values).flatten(2).transpose(1, 2))[:, 0]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Enough that encoders are optimised, and of the model's own size, so that nothing is resized."""
    random = np.random.default_rng(0)
    paths = [tmp_path_factory.getbasetemp() / f"picture-{number}.png" for number in range(24)]
    for path in paths:
        Image.fromarray((random.random((WIDTH, WIDTH, 3)) * random.random(3) * 255).astype(np.uint8)).save(path)
    return paths


@pytest.mark.parametrize(("precision", "least"), [("fp32", 0.99999), ("int8", 0.99)])  # the bars of clipcls model verify
@pytest.mark.parametrize("kind", [OneWeightTwoBiases, ViewsOfOneWeight, WritesBetween, WholeNumbersAndMasks, NoKeys, LayersOfTorch])
def test_features_are_torch_s(run_clipcls: RunClipcls, tmp_path: Path, pictures: list[Path], kind: type, precision: str, least: float) -> None:
    torch.manual_seed(1)
    folder = tmp_path / "model"
    shutil.copytree(OLD_MODEL, folder)
    encoder = torch.jit.script(kind().eval())
    encoder.save(folder / "image_encoder.pt")
    pixels = torch.stack([torch.from_numpy(np.array(Image.open(path))).permute(2, 0, 1) / 255 for path in pictures])
    with torch.inference_mode():
        expected = functional.normalize(encoder((pixels - MEAN) / DEVIATION), dim=1).numpy()
    for count in (len(pictures), 3):
        result = run_clipcls("embed", *pictures[:count], "-m", folder, "-o", tmp_path / f"of-{count}", "--precision", precision)
        assert result.returncode == 0, result.stderr
        features = np.load(tmp_path / f"of-{count}" / "image_features.npy")
        cosines = (features * expected[:count]).sum(1) / np.linalg.norm(features, axis=1)
        assert cosines.min() >= least, (count, cosines.min())


class Damaged(nn.Module):
    """A weight that is no number, before an activation that might hide it."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3 * WIDTH * WIDTH, WIDTH)
        self.last = nn.Linear(WIDTH, WIDTH)
        with torch.no_grad():
            self.first.weight[3, 3] = torch.nan

    def forward(self, pixel_values: Tensor) -> Tensor:
        return self.last(functional.relu(self.first(pixel_values.flatten(1))))


class SeveralRows(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3 * WIDTH * WIDTH, 4 * WIDTH)

    def forward(self, pixel_values: Tensor) -> Tensor:
        return self.first(pixel_values.flatten(1)).view(-1, 32)


class OneRow(SeveralRows):
    def forward(self, pixel_values: Tensor) -> Tensor:
        return self.first(pixel_values.flatten(1))[:1, :32]


class ATable(SeveralRows):
    def forward(self, pixel_values: Tensor) -> dict[str, Tensor]:
        return {"features": self.first(pixel_values.flatten(1))[:, :32]}


@pytest.mark.parametrize("level", ["x86-64-v2", ""])  # the first: oneDNN multiplies
@pytest.mark.parametrize("precision", ["fp32", "int8"])
@pytest.mark.parametrize(("kind", "words"), [
    (Damaged, "not a finite number"), (SeveralRows, "returns features of shape"), (OneRow, "returns features of shape"),
    (ATable, "returns Dict[str, Tensor], and not one Tensor")])
def test_features_that_are_none_are_refused(run_clipcls: RunClipcls, tmp_path: Path, pictures: list[Path], monkeypatch: pytest.MonkeyPatch,
                                            kind: type, words: str, precision: str, level: str) -> None:
    if level:
        monkeypatch.setenv("CLIPCLS_MAX_ISA", level)
    torch.manual_seed(1)
    folder = tmp_path / "model"
    shutil.copytree(OLD_MODEL, folder)
    torch.jit.script(kind().eval()).save(folder / "image_encoder.pt")
    for count in (len(pictures), 3):
        result = run_clipcls("embed", *pictures[:count], "-m", folder, "-o", tmp_path / f"of-{count}", "--precision", precision)
        assert result.returncode == 2 and "image_encoder.pt: " in result.stderr and words in result.stderr, (count, result)
