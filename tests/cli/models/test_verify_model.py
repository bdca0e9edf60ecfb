"""`clipcls model verify`: what it says of good folders, and that it notices each kind of difference."""
import json
import shutil
from pathlib import Path

import pytest
import torch
from conftest import ROOT
from make_test_models import OLD_MODEL
from torch import Tensor, nn

SHARK = ROOT / "models/everyday/shark.png"


@pytest.mark.parametrize("name", ["tiny", "tiny-squash", "tiny-sigmoid", "tiny-merges", "tiny-fp16"])
def test_good_folders_pass(run_clipcls, test_models: Path, name: str):
    result = run_clipcls("model", "verify", test_models / name)
    assert result.returncode == 0, result.stdout + result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f"{name}, against the reference computed by open_clip")
    checks = [line for line in lines[1:] if not line.startswith("note  ")]
    assert len(checks) == 2 + 2 + 4 * 3 and all(line.startswith("ok    ") for line in checks)
    assert sum("encoder runs optimised: " in line for line in lines) == 3 * 2  # for many inputs
    assert "50 of 50 equal" in result.stdout and "3 of 3 equal" in result.stdout


def test_the_embedded_model_passes(run_clipcls):
    result = run_clipcls("model", "verify")
    assert result.returncode == 0 and "everyday" in result.stdout


def changed_reference(test_models: Path, tmp_path: Path, change) -> Path:
    """A copy of the folder `tiny` whose reference.json went through `change`."""
    folder = tmp_path / "tiny"
    shutil.copytree(test_models / "tiny", folder)
    reference = json.loads((folder / "reference.json").read_text("utf-8"))
    change(reference)
    (folder / "reference.json").write_text(json.dumps(reference), "utf-8")
    return folder


@pytest.mark.parametrize("line, change", [
    ("token ids of texts: 49 of 50", lambda r: r["texts"][20].update(token_ids=[1])),
    ("pixels of pictures: 2 of 3", lambda r: r["pictures"][1].update(resized_fnv1a64="0" * 16)),
    ("pixels of pictures: 2 of 3", lambda r: r["pictures"][2].update(width=38)),
    ("fp32: image features", lambda r: r["image_features"].reverse()),
    ("fp32: text features", lambda r: r["text_features"].reverse()),
    ("fp32: similarities", lambda r: r["logits"][0].reverse()),
])
def test_differences_are_named(run_clipcls, test_models, tmp_path, line, change):
    result = run_clipcls("model", "verify", changed_reference(test_models, tmp_path, change))
    assert result.returncode == 1
    assert any(printed.startswith("FAIL  " + line) for printed in result.stdout.splitlines()), result.stdout


@pytest.mark.parametrize("part, change", [
    ("texts", lambda r: r.pop("texts")),
    ("contradict", lambda r: r["logits"].pop()),
    ("differ in length", lambda r: r["logits"][1].pop()),
    ("out of range", lambda r: r["pictures"][0].update(width=-1)),
    ("embed_dim", lambda r: (r.update(image_features=[[1.0]] * 3, text_features=[[1.0]] * 10))),
])
def test_broken_references(run_clipcls, test_models, tmp_path, part, change):
    result = run_clipcls("model", "verify", changed_reference(test_models, tmp_path, change))
    assert result.returncode == 2 and result.stdout == ""
    assert result.stderr.count("\n") == 1 and "reference.json" in result.stderr and part in result.stderr


def test_a_folder_without_reference(run_clipcls, test_models, tmp_path):
    shutil.copytree(test_models / "tiny", tmp_path / "tiny")
    (tmp_path / "tiny" / "reference.json").unlink()
    result = run_clipcls("model", "verify", tmp_path / "tiny")
    assert result.returncode == 2 and "--add-reference" in result.stderr


@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("encoder", ["image_encoder", "text_encoder"])
def test_a_changed_byte_of_the_weights_is_noticed(run_clipcls, test_models, tmp_path, encoder, place):
    folder = Path(shutil.copytree(test_models / "tiny", tmp_path / "tiny"))
    file = folder / f"{encoder}.safetensors"
    content = bytearray(file.read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    content[start + round(place * (len(content) - start - 1))] ^= 1  # moves a feature by less than anything else would see
    file.write_bytes(content)
    result = run_clipcls("model", "verify", folder)
    assert result.returncode == 1
    [line] = [line for line in result.stdout.splitlines() if line.startswith("FAIL  checksums")]
    assert f"{encoder}.safetensors" in line and "tensor " in line and "checksum" in line


def test_the_first_format_passes(run_clipcls):
    result = run_clipcls("model", "verify", OLD_MODEL)
    assert result.returncode == 0, result.stdout
    assert result.stdout.count("encoder runs optimised: ") == 3 * 2 and "checksums" not in result.stdout


@torch.jit.interface
class Layer(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        pass


class Cut(nn.Module):
    def __init__(self, embed_dim: int) -> None:
        super().__init__()
        self.embed_dim = embed_dim

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1)[:, :self.embed_dim]


class ReplacesALayer(nn.Module):
    """libtorch cannot freeze it."""
    layer: Layer

    def __init__(self, embed_dim: int) -> None:
        super().__init__()
        self.layer, self.other = Cut(embed_dim), Cut(embed_dim)

    def forward(self, x: Tensor) -> Tensor:
        self.layer = self.other
        return self.layer.forward(x)


def test_an_encoder_that_cannot_be_optimised(run_clipcls, tmp_path):
    """It is computed all the same, and is not slow in silence."""
    folder = Path(shutil.copytree(OLD_MODEL, tmp_path / "old"))
    embed_dim = json.loads((folder / "config.json").read_text("utf-8"))["embed_dim"]
    torch.jit.script(ReplacesALayer(embed_dim).eval()).save(folder / "image_encoder.pt")
    said = "the image encoder does not run optimised: "
    verified = run_clipcls("model", "verify", folder)
    assert verified.returncode == 1
    for check in ("fp32, many images", "bf16", "int8"):
        [line] = [line for line in verified.stdout.splitlines() if line.startswith(f"note  {check}: {said}")]
        assert "Freezing does not support" in line
        assert f"note  {check}: the text encoder runs optimised: " in verified.stdout
    result = run_clipcls(*[SHARK] * 30, "--label", "a", "--label", "b", "-m", folder, "-v")
    assert result.returncode == 0 and said in result.stderr
