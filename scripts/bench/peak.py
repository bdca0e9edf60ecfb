"""The roof of an encoder: what the cores do at most in a precision."""
import threading
import time
from pathlib import Path
from typing import Any

from bench.worker import Worker


def make_product(precision: str, rows: int, inner: int, outer: int) -> Any:
    """The fastest product of [rows, inner] by [inner, outer] that torch's oneDNN has: a function without arguments."""
    import torch
    ops = torch.ops
    if precision == "int8":
        x = torch.randint(0, 255, (rows, inner), dtype=torch.uint8)
        weight = ops.onednn.qlinear_prepack(torch.randint(-127, 127, (outer, inner), dtype=torch.int8), [rows, inner])
        scales, zeros = torch.ones(outer), torch.zeros(outer, dtype=torch.int32)
        return lambda: ops.onednn.qlinear_pointwise(x, 1.0, 0, weight, scales, zeros, None, 1.0, 0, torch.bfloat16,
                                                    "none", [], "")
    x, weight = torch.randn(rows, inner, dtype=torch.bfloat16), torch.randn(outer, inner, dtype=torch.bfloat16)
    packed = ops.mkldnn._reorder_linear_weight(weight, rows)
    return lambda: ops.mkldnn._linear_pointwise(x, packed, None, "none", [], "")


class ProductPeak:
    """Plain products of an encoder's shapes, (rows, inner, outer) each, on all cores, each core on its own: of bf16 and int8."""

    def __init__(self, precision: str, shapes: list[tuple[int, int, int]], threads: int):
        self.precision, self.shapes, self.threads = precision, shapes, threads

    def measure(self, seconds: float) -> float:
        """GFLOP/s."""
        import torch
        torch.set_num_threads(1)
        rates = [0.0] * self.threads
        barrier = threading.Barrier(self.threads, timeout=60)

        def run(index: int) -> None:
            torch.set_num_threads(1)
            with torch.inference_mode():
                products = {shape: make_product(self.precision, *shape) for shape in set(self.shapes)}
                for product in products.values():
                    product()
                barrier.wait()
                flops, start = 0, time.perf_counter()
                while time.perf_counter() - start < seconds:
                    for shape in self.shapes:
                        products[shape]()
                        flops += 2 * shape[0] * shape[1] * shape[2]
                rates[index] = flops / (time.perf_counter() - start) / 1e9
        threads = [threading.Thread(target=run, args=(index,)) for index in range(self.threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if not all(rates):
            raise RuntimeError(f"a product in {self.precision} failed")
        return sum(rates)

    def stop(self) -> None:
        pass


class MultiplyAddPeak:
    """Multiplications and additions of float32 in registers, on all cores (tests/bench/peak_flops.cpp)."""

    def __init__(self, program: Path, threads: int):
        self.worker = Worker("the peak", [str(program), str(threads)])
        self.worker.wait_until_ready()

    def measure(self, seconds: float) -> float:
        """GFLOP/s."""
        return self.worker.run(seconds) / 1e9

    def stop(self) -> None:
        self.worker.stop()
