"""A model file is code, and a stranger's: what it may not do, and that it reads no memory but its own."""
import json
import shutil
import struct
import subprocess
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import processes
import pytest
import torch
from conftest import ROOT, RunClipcls
from make_test_models import OLD_MODEL
from torch import Tensor, nn

PICTURE = ROOT / "models" / "everyday" / "shark.png"
MakeFolder = Callable[[nn.Module], Path]


def classify(run_clipcls: RunClipcls, model: Path) -> "subprocess.CompletedProcess[str]":
    return run_clipcls(PICTURE, "-m", model, "--label", "cat", "--label", "dog", "-f", "json", "--no-cache")


def check_refused(done: "subprocess.CompletedProcess[str]", *words: str) -> None:
    assert (done.returncode, done.stdout) == (2, ""), done
    [line] = done.stderr.splitlines()
    for word in ("image_encoder.pt", *words):
        assert word in line


@pytest.fixture
def make_folder(tmp_path: Path) -> MakeFolder:
    """A model folder in TorchScript with another image encoder, which claims features of 32 numbers."""
    def make(encoder: nn.Module) -> Path:
        folder = tmp_path / "model"
        shutil.copytree(OLD_MODEL, folder)
        torch.jit.script(encoder).save(folder / "image_encoder.pt")
        return folder
    return make


class ReadsFile(nn.Module):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def forward(self, pixel_values: Tensor) -> Tensor:
        return torch.from_file(self.path, shared=True, size=32).expand(pixel_values.size(0), 32)


class ReadsFixedFile(nn.Module):
    """Its operator has constants alone as arguments, which a compiler may compute ahead."""

    def forward(self, pixel_values: Tensor) -> Tensor:
        return torch.from_file("made_by_the_model", shared=True, size=32).expand(pixel_values.size(0), 32)


class SavesFile(nn.Module):
    def forward(self, pixel_values: Tensor) -> Tensor:
        torch.save(pixel_values, "made_by_the_model")
        return pixel_values.flatten(1)[:, :32]


class Prints(nn.Module):
    def forward(self, pixel_values: Tensor) -> Tensor:
        print("rows")
        return pixel_values.flatten(1)[:, :32]


class Warns(nn.Module):
    def forward(self, pixel_values: Tensor) -> Tensor:
        warnings.warn("\x1b[31mthe model speaks")
        return pixel_values.flatten(1)[:, :32]


class Resizes(nn.Module):
    def forward(self, pixel_values: Tensor) -> Tensor:
        return pixel_values.resize_(1_000_000).flatten()[:32].unsqueeze(0)


@torch.jit.script
def hidden_below(x: Tensor) -> Tensor:
    if x.size(0) == 12345:
        torch.save(x, "made_by_the_model")
    return x


class CallsFunction(nn.Module):
    def forward(self, pixel_values: Tensor) -> Tensor:
        return hidden_below(pixel_values).flatten(1)[:, :32]


class RunsWhenLoaded(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(32))

    @torch.jit.export
    def __getstate__(self) -> tuple[Tensor, bool]:
        return self.weight, self.training

    @torch.jit.export
    def __setstate__(self, state: tuple[Tensor, bool]) -> None:
        self.weight = state[0]
        self.training = state[1]

    def forward(self, pixel_values: Tensor) -> Tensor:
        return pixel_values.flatten(1)[:, :32] + self.weight


@pytest.mark.parametrize(("encoder", "operator"), [
    (ReadsFile("made_by_the_model"), "aten::from_file"), (ReadsFixedFile(), "aten::from_file"),
    (SavesFile(), "aten::save"), (Prints(), "prim::Print"), (Resizes(), "aten::resize_"),
    (CallsFunction(), "aten::save"), (RunsWhenLoaded(), "__setstate__"),
], ids=lambda value: value if isinstance(value, str) else type(value).__name__)
def test_an_archive_that_does_more_than_compute_is_refused_by_name(
        run_clipcls: RunClipcls, make_folder: MakeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        encoder: nn.Module, operator: str) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    check_refused(classify(run_clipcls, make_folder(encoder)), operator)
    assert list(work.iterdir()) == []


def test_what_a_model_warns_of_is_not_printed(run_clipcls: RunClipcls, make_folder: MakeFolder) -> None:
    done = classify(run_clipcls, make_folder(Warns()))
    assert (done.returncode, done.stderr) == (0, "")


class MultipliesWrongly(nn.Module):
    """aten::linear refuses these numbers. What takes its place in a run of many pictures has to, too."""

    def __init__(self, num_inputs: int, num_biases: int, type: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(32, 4096))
        self.bias = nn.Parameter(torch.ones(num_biases))
        self.num_inputs = num_inputs
        self.type = type

    def forward(self, pixel_values: Tensor) -> Tensor:
        return nn.functional.linear(pixel_values.flatten(1)[:, :self.num_inputs].to(self.type), self.weight, self.bias)


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
@pytest.mark.parametrize("encoder", [MultipliesWrongly(5, 32), MultipliesWrongly(4096, 5), MultipliesWrongly(4096, 32, torch.float64)],
                         ids=["inputs", "bias", "double"])
def test_a_product_of_other_sizes_reads_no_other_memory(run_clipcls: RunClipcls, make_folder: MakeFolder, encoder: nn.Module, precision: str) -> None:
    many = run_clipcls(*[PICTURE] * 24, "-m", make_folder(encoder), "--label", "cat", "--label", "dog", "-f", "jsonl", "--no-cache",
                       "--precision", precision)
    assert many.returncode in (1, 2) and '"predictions"' not in many.stdout, many
    assert "image_encoder.pt: fails on an input of shape" in many.stdout + many.stderr


def test_the_program_s_custom_classes_are_not_made(run_clipcls: RunClipcls, make_folder: MakeFolder) -> None:
    class Quantized(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = torch.ao.nn.quantized.dynamic.Linear(3, 32)

        def forward(self, pixel_values: Tensor) -> Tensor:
            return self.linear(pixel_values.mean(dim=[2, 3]))
    check_refused(classify(run_clipcls, make_folder(Quantized())), "LinearPackedParams")


class Weighted(nn.Module):
    """Reads 12345 numbers, a size that is easy to find in the archive."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(12345))

    def forward(self, pixel_values: Tensor) -> Tensor:
        return (pixel_values.mean() * self.weight)[:32].expand(pixel_values.size(0), 32)


def rewrite(archive: Path, change: Callable[[str, bytes], bytes], compression: int = zipfile.ZIP_STORED,
            alignment: int = 1) -> None:
    """Packs the records anew; zip tools do not align them, torch does, to 64 bytes."""
    with zipfile.ZipFile(archive) as file:
        records = {info.filename: file.read(info) for info in file.infolist()}
    with zipfile.ZipFile(archive, "w", compression) as file:
        for name, data in records.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = compression
            padding = -(file.fp.tell() + 30 + len(name) + 4) % alignment  # 30: of a local header, 4: of the extra field
            info.extra = struct.pack("<HH", 0x4246, padding) + b"Z" * padding
            file.writestr(info, change(name, data))


def pickled_int(number: int) -> bytes:
    """As TorchScript writes it."""
    if 0 <= number < 2**16:
        return b"K" + bytes([number]) if number < 2**8 else b"M" + struct.pack("<H", number)
    return b"J" + struct.pack("<i", number)


# As TorchScript writes them: the storage's size, the tensor's offset, sizes and strides.
GEOMETRY = pickled_int(12345) + b"tQq\x07" + pickled_int(0) + b"(" + pickled_int(12345) + b"t(" + pickled_int(1) + b"t"


@pytest.mark.parametrize("alignment", [1, 64], ids=["copied", "in_place"])
@pytest.mark.parametrize(("offset", "size", "stride"), [
    (0, 12346, 1), (0, 100_000, 1), (0, 12345, 2), (1, 12345, 1), (12345, 1, 1), (-1, 12345, 1), (12344, 12345, -1),
    (0, 2**31 - 1, 2**31 - 1), (0, -1, 1)])
def test_a_tensor_that_reaches_beyond_its_storage_is_refused(run_clipcls: RunClipcls, make_folder: MakeFolder,
                                                             offset: int, size: int, stride: int, alignment: int) -> None:
    folder = make_folder(Weighted())
    num_changed = 0

    def change(_: str, data: bytes) -> bytes:
        nonlocal num_changed
        num_changed += data.count(GEOMETRY)
        return data.replace(GEOMETRY, pickled_int(max(size, 12345)) + b"tQq\x07" + pickled_int(offset) + b"("
                            + pickled_int(size) + b"t(" + pickled_int(stride) + b"t")
    rewrite(folder / "image_encoder.pt", change, alignment=alignment)
    assert num_changed == 1
    done = classify(run_clipcls, folder)
    check_refused(done)
    assert "torage" in done.stderr or "negative" in done.stderr  # libtorch's words


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_that_was_packed_anew_gives_the_same_answer(run_clipcls: RunClipcls, tmp_path: Path,
                                                               compression: int) -> None:
    folder = tmp_path / "model"
    shutil.copytree(OLD_MODEL, folder)
    expected = classify(run_clipcls, folder)
    assert json.loads(expected.stdout)[0]["predictions"]
    for name in ("image_encoder.pt", "text_encoder.pt"):
        rewrite(folder / name, lambda _, data: data, compression)
    assert classify(run_clipcls, folder).stdout == expected.stdout


@pytest.mark.parametrize("record", ["data/0", "version", "data.pkl", "code/__torch__/bomb.py"])
def test_a_record_that_claims_gigabytes_takes_no_memory(run_clipcls: RunClipcls, make_folder: MakeFolder, record: str) -> None:
    folder = make_folder(Weighted())
    file = folder / "image_encoder.pt"
    with zipfile.ZipFile(file) as archive:
        root = archive.namelist()[0].partition("/")[0]
        records = {name: archive.read(name) for name in archive.namelist()}
    records[f"{root}/{record}"] = b"\0" * 300_000_000
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in records.items():
            archive.writestr(name, data)
    expected = f"its record {root}/{record} claims 300000000 bytes"
    check_refused(classify(run_clipcls, folder), expected)
    imported = run_clipcls("model", "import", file, "--output", folder / "imported")
    assert imported.returncode == 2 and expected in imported.stderr, imported.stderr


@pytest.mark.parametrize("format_version", [1, 2])
def test_the_file_may_be_replaced_while_it_is_in_use(test_models: Path, tmp_path: Path, clipcls_binary: Path,
                                                     format_version: int) -> None:
    """The weights lie in the mapped file: a new file under its name is another file."""
    folder = tmp_path / "model"
    shutil.copytree(OLD_MODEL if format_version == 1 else test_models / "tiny", folder)
    [weights] = folder.glob("image_encoder.*")
    with processes.launch([clipcls_binary, "-T", "-", "-m", folder, "--label", "cat", "--label", "dog", "-f", "jsonl",
                           "--precision", "fp32"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, encoding="utf-8") as run:
        assert run.stdin is not None and run.stdout is not None
        run.stdin.write(f"{PICTURE}\n")
        run.stdin.flush()
        first = run.stdout.readline()
        other = tmp_path / "other.pt"
        other.write_bytes(b"no archive")
        other.rename(weights)
        run.stdin.write(f"{PICTURE}\n")
        run.stdin.close()
        assert run.stdout.readline() == first
        assert run.wait() == 0


def test_a_file_that_is_cut_short_in_use_ends_the_run_with_one_line(test_models: Path, tmp_path: Path,
                                                                    clipcls_binary: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(test_models / "vit-b-32", folder)
    with processes.launch([clipcls_binary, "-T", "-", "-m", folder, "--label", "cat", "--label", "dog", "-f", "jsonl",
                           "--precision", "fp32"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, encoding="utf-8") as run:
        assert run.stdin is not None and run.stdout is not None and run.stderr is not None
        run.stdin.write(f"{PICTURE}\n")
        run.stdin.flush()
        assert json.loads(run.stdout.readline())["predictions"]
        (folder / "image_encoder.safetensors").write_bytes(b"")
        run.stdin.write(f"{PICTURE}\n")
        run.stdin.close()
        assert run.stdout.read() == ""
        [line] = run.stderr.read().splitlines()
        assert "cut short" in line
        assert run.wait() == 2
