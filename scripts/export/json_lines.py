"""JSON for people and diffs: objects over several lines, a list of numbers on one."""
import json
from typing import Any

import numpy as np
from torch import Tensor

_MAX_LINE = 110


def round_floats(values: Tensor) -> Any:
    """Nested lists of the shortest decimals that read back as the same float32."""
    if values.ndim == 0:
        return float(str(np.float32(values.item())))
    return [round_floats(value) for value in values]


def dump_json(value: Any, indent: str = "") -> str:
    """`value` as JSON text that ends with a line break (at the outermost level)."""
    end = "" if indent else "\n"
    flat = json.dumps(value, ensure_ascii=True, allow_nan=False)
    is_plain_list = isinstance(value, list) and not any(isinstance(item, (list, dict)) for item in value)
    if not isinstance(value, (list, dict)) or is_plain_list or (indent and len(indent) + len(flat) <= _MAX_LINE):
        return flat + end
    inner = indent + "  "
    if isinstance(value, dict):
        lines = [f"{inner}{json.dumps(key)}: {dump_json(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + "\n" + indent + "}" + end
    return "[\n" + ",\n".join(inner + dump_json(item, inner) for item in value) + "\n" + indent + "]" + end
