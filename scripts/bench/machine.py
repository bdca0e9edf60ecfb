"""Which processor this is, and how a bench is held to less than it can do."""
import os
from pathlib import Path
from typing import Any

# The variables of clipcls, oneDNN, libtorch and MKL. onnxruntime has none, and OpenVINO heeds oneDNN's in part.
LEVELS = {
    "avx2": {"CLIPCLS_MAX_ISA": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"},
}
FEATURES = ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile")
FEATURES_OF_LEVEL = {"avx2": ("avx2",)}
# A precision that these lack is not computed in hardware.
HARDWARE = {"fp32": (), "bf16": ("avx512_bf16", "amx_tile"), "int8": ("avx_vnni", "avx512_vnni")}


def describe_machine(level: str | None) -> dict[str, Any]:
    """level: a key of LEVELS, which the processes of the bench are held to."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    values = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    flags = values.get("flags", "").split()
    return {"processor": values.get("model name", "unknown"), "cores": os.cpu_count(),
            "features": [flag for flag in FEATURES if flag in flags and (level is None or flag in FEATURES_OF_LEVEL[level])],
            "held_to": level}


def hold_to(level: str) -> None:
    """Holds all processes that are started from now on, and the libraries that this one has not opened yet."""
    os.environ.update(LEVELS[level])


def machine_name(machine: dict[str, Any]) -> str:
    """Under which its results are kept."""
    held = ", held to AVX2" if machine["held_to"] else ""
    return f"{machine['cores']} cores of {machine['processor']} ({', '.join(machine['features'])}){held}"


def has_hardware(machine: dict[str, Any], precision: str) -> bool:
    needed = HARDWARE[precision]
    return not needed or any(feature in machine["features"] for feature in needed)
