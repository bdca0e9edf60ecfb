"""Saves TorchScript archives that carry no trace of the machine that made them."""
import warnings
from pathlib import Path

import torch
from torch import nn

_DEBUG_SUFFIX = ".debug_pkl"
_VERSION_RECORDS = (".data/version", "version")  # the writer writes these two and the serialization id itself
_OWN_RECORDS = (*_VERSION_RECORDS, ".data/serialization_id")


def save_archive(module: nn.Module, path: Path) -> None:
    """Compiles `module` with torch.jit.script and saves it without its debug records: these hold the absolute
    paths and the text of the Python sources, and nothing but error messages reads them."""
    whole = path.with_name(path.name + ".whole")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is in maintenance upstream, and torch says so
        torch.jit.script(module).save(whole)
    try:
        reader = torch._C.PyTorchFileReader(str(whole))
        writer = torch._C.PyTorchFileWriter(str(path))
        # The version says which old operators a loader has to translate; the writer's default is an old one.
        [version] = [reader.get_record(name) for name in _VERSION_RECORDS if reader.has_record(name)]
        writer.set_min_version(int(version))
        for name in reader.get_all_records():
            if not name.endswith(_DEBUG_SUFFIX) and name not in _OWN_RECORDS:
                record = reader.get_record(name)
                writer.write_record(name, record, len(record))
        writer.write_end_of_file()
    finally:
        whole.unlink()
