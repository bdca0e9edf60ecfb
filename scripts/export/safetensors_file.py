"""Writes and reads the safetensors files of a model folder, as src/model/checkpoint/safetensors_writer.cpp does: tensors
begin at a multiple of 64 bytes, and the header has a CRC-32 of each."""
import json
import zlib
from pathlib import Path

import torch
from torch import Tensor

_ALIGNMENT = 64
_DTYPES = {torch.float32: "F32", torch.float16: "F16"}


def _bytes_of(tensor: Tensor) -> memoryview:
    return memoryview(tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy())


def write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    """Tensors of float32 or float16."""
    # Sizes that keep the alignment go first, since the format allows no gaps.
    names = sorted(tensors, key=lambda name: (tensors[name].nbytes % _ALIGNMENT != 0, name))
    header: dict[str, object] = {"__metadata__": {"format": "pt"} | {
        f"crc32.{name}": f"{zlib.crc32(_bytes_of(tensors[name])):08x}" for name in names}}
    offset = 0
    for name in names:
        tensor = tensors[name]
        header[name] = {"dtype": _DTYPES[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [offset, offset + tensor.nbytes]}
        offset += tensor.nbytes
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    text += b" " * (-(8 + len(text)) % _ALIGNMENT)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name in names:
            file.write(_bytes_of(tensors[name]))


def read_tensors(path: Path) -> dict[str, Tensor]:
    whole = path.read_bytes()
    start = 8 + int.from_bytes(whole[:8], "little")
    tensors = {}
    for name, entry in json.loads(whole[8:start]).items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        dtype = {word: dtype for dtype, word in _DTYPES.items()}[entry["dtype"]]
        data = bytearray(whole[start + begin:start + end])
        tensors[name] = torch.frombuffer(data, dtype=dtype).reshape(entry["shape"]) if data else torch.empty(entry["shape"], dtype=dtype)
    return tensors
