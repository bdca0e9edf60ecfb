#!/usr/bin/env python3
"""The peers' side of the comparison of image encoders.

    peer_encoder.py PEER PRECISION MODEL_FOLDER BATCH_SIZE NUM_ENCODERS NUM_THREADS FEATURES.npy

Writes the features of MODEL_FOLDER/inputs.npy to FEATURES.npy and prints "ready"; then, for each line of standard input,
a number of seconds, encodes batches for so long and prints "NUM_IMAGES SECONDS". tests/bench/encoder_throughput.cpp is
clipcls' side.
"""
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

Encode = Callable[[np.ndarray], np.ndarray]  # [batch, 3, size, size] -> [batch, embed_dim]


def open_clip_eager(precision: str, folder: Path, batch: int, encoders: int, threads: int) -> list[Encode]:
    import torch

    from bench.models import load_model
    torch.set_num_threads(threads)
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
    visual = load_model(folder).visual.to(dtype)

    @torch.inference_mode()
    def encode(pixel_values: np.ndarray) -> np.ndarray:
        return visual(torch.from_numpy(pixel_values).to(dtype)).float().numpy()
    return [encode] * encoders


def onnxruntime(precision: str, folder: Path, batch: int, encoders: int, threads: int) -> list[Encode]:
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads // encoders
    file = folder / {"fp32": "image.onnx", "int8": "image-int8.onnx"}[precision]
    sessions = [ort.InferenceSession(file, options, providers=["CPUExecutionProvider"]) for _ in range(encoders)]
    return [lambda pixel_values, session=session: session.run(None, {"pixel_values": pixel_values})[0]
            for session in sessions]


def openvino(precision: str, folder: Path, batch: int, encoders: int, threads: int) -> list[Encode]:
    import openvino as ov
    core = ov.Core()
    model = core.read_model(folder / ("image-int8.xml" if precision == "int8" else "image.onnx"))
    shape = model.input(0).partial_shape
    shape[0] = batch
    model.reshape(shape)
    # Around the integers, int8 takes what the processor is fastest in, as OpenVINO does by itself.
    hint = {"fp32": {"INFERENCE_PRECISION_HINT": "f32"}, "bf16": {"INFERENCE_PRECISION_HINT": "bf16"}, "int8": {}}
    compiled = core.compile_model(model, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": encoders} | hint[precision])
    requests = [compiled.create_infer_request() for _ in range(encoders)]
    return [lambda pixel_values, request=request: request.infer({0: pixel_values})[0] for request in requests]


PEERS = {"open_clip": open_clip_eager, "onnxruntime": onnxruntime, "OpenVINO": openvino}


def measure(encoders: list[Encode], batches: list[np.ndarray], seconds: float) -> tuple[int, float]:
    counts = [0] * len(encoders)
    start = time.perf_counter()

    def run(index: int) -> None:
        turn = index
        while time.perf_counter() - start < seconds:
            pixel_values = batches[turn % len(batches)]
            encoders[index](pixel_values)
            counts[index] += len(pixel_values)
            turn += 1
    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(encoders))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts), time.perf_counter() - start


def main() -> None:
    peer, precision, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    batch, num_encoders, num_threads = (int(value) for value in sys.argv[4:7])
    inputs = np.load(folder / "inputs.npy")
    side = int((inputs.shape[1] // 3) ** 0.5)
    inputs = inputs.reshape(-1, 3, side, side)
    encoders = PEERS[peer](precision, folder, batch, num_encoders, num_threads)
    batches = [np.ascontiguousarray(inputs[begin:begin + batch]) for begin in range(0, len(inputs) - batch + 1, batch)]
    np.save(sys.argv[7], np.concatenate([encoders[0](pixel_values) for pixel_values in batches]))
    print("ready", flush=True)
    for line in sys.stdin:
        images, seconds = measure(encoders, batches, float(line))
        print(images, seconds, flush=True)


if __name__ == "__main__":
    main()
