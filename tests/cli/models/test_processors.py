"""Every level of processor that this machine has, by the variables that hold our own kernels and each library to it, and two that it need
not have, by an emulator: no precision answers outside its bars anywhere."""
import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, one_line_error

# The smallest cosine of features with those of fp32 on the best level; `clipcls model verify` has the same bars.
MIN_COSINE = {"fp32": 0.99999, "bf16": 0.999, "int8": 0.99}
SHARK = ROOT / "models/everyday/shark.png"
LABELS = ("--label", "shark", "--label", "dog", "--label", "red apple")
CPU_FLAGS = set(Path("/proc/cpuinfo").read_text("utf-8").split())

AVX512 = {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}


def level(ours: str, onednn: str, aten: str, mkl: str) -> dict[str, str]:
    return {"CLIPCLS_MAX_ISA": ours, "ONEDNN_MAX_CPU_ISA": onednn, "ATEN_CPU_CAPABILITY": aten, "MKL_ENABLE_INSTRUCTIONS": mkl}


# name: (flags that the processor needs, variables, whether bf16 is computed as such, bits of int8's weights)
LEVELS = {
    "x86-64-v2": ({"sse4_2"}, level("x86-64-v2", "SSE41", "default", "SSE4_2"), False, 7),
    "avx2": ({"avx2"}, level("avx2", "AVX2", "avx2", "AVX2"), False, 7),
    "avx_vnni": ({"avx_vnni"}, level("avx_vnni", "AVX2_VNNI", "avx2", "AVX2"), False, 8),
    "avx512": (AVX512, level("avx512", "AVX512_CORE", "avx512", "AVX512"), False, 7),
    "avx512_vnni": (AVX512 | {"avx512_vnni"}, level("avx512_vnni", "AVX512_CORE_VNNI", "avx512", "AVX512"), False, 8),
    "avx512_bf16": (AVX512 | {"avx512_bf16"}, level("avx512_bf16", "AVX512_CORE_BF16", "avx512", "AVX512"), True, 8),
    "amx_int8": (AVX512 | {"amx_int8"}, {"CLIPCLS_MAX_ISA": "amx_int8"}, True, 8),
    # One of the parties alone: bfloat16 is oneDNN's, and 8 bits are ours.
    "ours alone": (AVX512 | {"avx512_bf16"}, {"CLIPCLS_MAX_ISA": "avx2"}, False, 7),
    "oneDNN alone": (AVX512 | {"avx512_bf16"}, {"ONEDNN_MAX_CPU_ISA": "AVX2"}, False, 8),
}
LEVELS_HERE = [name for name, (flags, *_) in LEVELS.items() if flags <= CPU_FLAGS]


def run(command: list, variables: dict[str, str], timeout: float = 120) -> "subprocess.CompletedProcess[str]":
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CLIPCLS_")}
    return subprocess.run([*map(str, command)], capture_output=True, encoding="utf-8", timeout=timeout, stdin=subprocess.DEVNULL,
                          env={**environment, **variables}, check=False)


def features(binary: Path, model: Path | None, pictures: list[Path], precision: str, variables: dict[str, str], folder: Path) -> np.ndarray:
    shutil.rmtree(folder, ignore_errors=True)
    options = [] if model is None else ["-m", model]
    result = run([binary, "embed", *pictures, *options, "-o", folder, "--precision", precision, "--threads", 1, "-q"], variables)
    assert result.returncode == 0, result.stderr
    rows = np.load(folder / "image_features.npy").astype(np.float64)
    assert rows.shape[0] == len(pictures)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def pictures(album: Path) -> list[Path]:
    """Enough that encoders are optimised."""
    return [album / f"{number}.png" for number in range(1, 25)]


@pytest.fixture(scope="module")
def models(test_models: Path) -> dict[str, Path | None]:
    """A convolutional one, one of transformers, a ResNet."""
    return {"everyday": None, "tiny": test_models / "tiny", "resnet": test_models / "openai" / "resnet.pt"}


@pytest.fixture(scope="module")
def exact(clipcls_binary, models, pictures, tmp_path_factory) -> dict[str, np.ndarray]:
    """Features in fp32 by all that the processor has."""
    folder = tmp_path_factory.mktemp("exact")
    return {name: features(clipcls_binary, model, pictures, "fp32", {}, folder / name) for name, model in models.items()}


@pytest.mark.parametrize("name", LEVELS_HERE)
@pytest.mark.parametrize("precision", MIN_COSINE)
def test_features_keep_their_bars(clipcls_binary, models, pictures, exact, tmp_path, name, precision):
    def smallest_cosine(model: str, count: int) -> float:
        rows = features(clipcls_binary, models[model], pictures[:count], precision, LEVELS[name][1], tmp_path / "features")
        return (rows * exact[model][:count]).sum(1).min()

    used = ["tiny"] if name.endswith("alone") else ["tiny", "everyday", *(["resnet"] if precision == "bf16" else [])]
    for model in used:
        assert smallest_cosine(model, len(pictures)) >= MIN_COSINE[precision], model
    # One picture alone goes through encoders that are not optimised, where that is what the precision is computed in.
    assert smallest_cosine("tiny", 1) >= MIN_COSINE[precision]


@pytest.mark.parametrize("name", LEVELS_HERE)
def test_verify_passes_and_says_how(clipcls_binary, test_models, name):
    _, variables, has_bfloat16, weight_bits = LEVELS[name]
    result = run([clipcls_binary, "model", "verify", test_models / "tiny"], variables)
    assert result.returncode == 0, result.stdout + result.stderr
    assert ("note  bf16: not on this processor" in result.stdout) == (not has_bfloat16)
    assert ("note  int8: weights of 7 bits" in result.stdout) == (weight_bits == 7)
    for check in ("fp32, many images", "bf16", "int8"):
        for encoder in ("image", "text"):
            assert f"note  {check}: the {encoder} encoder runs optimised: " in result.stdout


@pytest.mark.parametrize("name", LEVELS_HERE)
def test_the_same_bytes_again_and_what_they_cost(clipcls_binary, test_models, pictures, name):
    _, variables, has_bfloat16, weight_bits = LEVELS[name]
    bf16 = "precision bf16 (auto" if has_bfloat16 else "precision bf16, not on this processor, which does not multiply bfloat16: computed in fp32"
    int8 = "precision int8, weights of 7 bits" if weight_bits == 7 else "precision int8 (auto"
    for precision, cost in (("bf16", bf16), ("int8", int8)):
        command = [clipcls_binary, *pictures, *LABELS, "-m", test_models / "tiny", "-f", "jsonl", "--precision", precision, "--threads", 2, "-v"]
        computed, again = run([*command, "--no-cache"], variables), run([*command, "--no-cache"], variables)
        assert computed.returncode == 0 and cost in computed.stderr, computed.stderr
        assert computed.stdout == again.stdout and computed.stdout.count("\n") == len(pictures)


def test_an_unknown_level_is_refused(clipcls_binary):
    result = run([clipcls_binary, SHARK, *LABELS], {"CLIPCLS_MAX_ISA": "avx3"})
    one_line_error(result, "CLIPCLS_MAX_ISA", '"avx3"', "x86-64-v2, avx2, avx_vnni, avx512, avx512_vnni, avx512_bf16, amx_int8")


def emulated(model: str, command: list) -> "subprocess.CompletedProcess[str]":
    emulator = shutil.which("qemu-x86_64") or shutil.which("qemu-x86_64-static")
    if emulator is None:
        pytest.skip("there is no qemu-x86_64; scripts/setup tests installs it")
    if os.environ.get("CLIPCLS_SANITIZE"):
        pytest.skip("a sanitizer's runtime takes terabytes of addresses, and the system ends an emulator that keeps tables of them")
    result = run([emulator, "-cpu", model, *command], {"OMP_NUM_THREADS": "1"}, timeout=600)
    # It warns of what it does not emulate of that processor, none of which is used here.
    result.stderr = "".join(line for line in result.stderr.splitlines(True) if not line.startswith("qemu-x86_64: warning: TCG"))
    return result


# The one has AVX2 and no AVX-512, the other SSE4.1 and no more: the lowest that libtorch runs on. Each with another kind of encoder.
@pytest.mark.parametrize("processor, precision, model", [("Haswell", "int8", "tiny"), ("Penryn", "bf16", "everyday")])
def test_an_emulated_processor(clipcls_binary, models, processor, precision, model):
    options = [] if models[model] is None else ["-m", models[model]]
    command = [clipcls_binary, SHARK, *LABELS, *options, "-f", "jsonl", "--top-k", 3, "-q", "--threads", 1]
    result = emulated(processor, [*command, "--precision", precision])
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    expected = {p["label"]: p["similarity"] for p in json.loads(run(command, {}).stdout)["predictions"]}
    actual = {p["label"]: p["similarity"] for p in json.loads(result.stdout)["predictions"]}
    assert set(actual) == set(expected)
    # bf16 is computed in fp32 there.
    tolerance = 4e-6 if precision == "bf16" else 0.02
    assert max(abs(actual[label] - expected[label]) for label in expected) <= tolerance


def test_a_processor_that_is_too_old(clipcls_binary):
    result = emulated("Conroe", [clipcls_binary, SHARK, *LABELS])
    one_line_error(result, "this processor lacks SSE4.1")
