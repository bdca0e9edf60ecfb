#!/usr/bin/env python3
"""Times clipcls beside its peers, on one set of random weights, and checks every answer before it is timed.

    scripts/bench_peers                              all sections on ViT-B/32
    scripts/bench_peers --only encoders --models ViT-B-32 ViT-B-16 ViT-L-14 ViT-B-16-SigLIP2-256
    scripts/bench_peers --only texts --models siglip2-b16-224 chinese-clip-b16    text encoders of scripts/compare_families
    scripts/bench_peers --only encoders --level avx2  as if the processor had no more than AVX2
    scripts/bench_peers --report-only                the tables and the plot of what is known

Results are added to tests/bench/results.json; from it come the tables of tests/bench/README.md, the short one of the main
README (both between bench marks) and tests/bench/throughput.svg. Ratios are medians over rounds in which every peer runs once: the machine may be noisy,
but both sides of a ratio were measured seconds apart.
"""
import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from bench.encoders import BATCHES, bench_encoders  # noqa: E402
from bench.folders import bench_folders, bench_rank_features, bench_transformers  # noqa: E402
from bench.labels import bench_labels  # noqa: E402
from bench.machine import LEVELS, describe_machine, hold_to, machine_name  # noqa: E402
from bench.models import make_all  # noqa: E402
from bench.one_image import bench_one_image  # noqa: E402
from bench.pictures import bench_pictures  # noqa: E402
from bench.ray_workers import bench_ray  # noqa: E402
from bench.report import write_report  # noqa: E402
from bench.serve import bench_serve  # noqa: E402
from bench.texts import bench_texts  # noqa: E402

SECTIONS = ("encoders", "one_image", "pictures", "labels", "folders", "rank_features", "transformers", "serve", "ray")
TEXTS = "texts"  # of models that are families of scripts/compare_families
BINARY = ROOT / "build/bench/clipcls"
PROGRAMS = ROOT / "build/bench/tests/bench"
MODELS = ROOT / "build/bench_models"


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Times clipcls beside its peers.")
    parser.add_argument("--only", nargs="+", choices=(*SECTIONS, TEXTS), default=SECTIONS, metavar="SECTION",
                        help=" ".join((*SECTIONS, TEXTS)))
    parser.add_argument("--models", nargs="+", default=["ViT-B-32"], metavar="NAME", help="open_clip's names, or families")
    parser.add_argument("--rounds", type=int, default=9, metavar="N")
    parser.add_argument("--seconds", type=float, default=2.0, metavar="N", help="of a peer in each round")
    parser.add_argument("--batches", type=int, nargs="+", default=BATCHES, metavar="N")
    parser.add_argument("--results", type=Path, default=ROOT / "tests/bench/results.json", metavar="FILE")
    parser.add_argument("--clip-cpp", nargs="+", metavar="WORD",
                        help="clip.cpp's command for one picture, with {image} in it, where you have built it")
    parser.add_argument("--level", choices=LEVELS, help="hold clipcls and libtorch to it; onnxruntime cannot be held, and OpenVINO in part")
    parser.add_argument("--report-only", action="store_true")
    return parser.parse_args()


def main() -> int:
    options = parse_options()
    results: dict[str, Any] = json.loads(options.results.read_text("utf-8")) if options.results.exists() else {}
    machine = describe_machine(options.level)
    if options.level:
        hold_to(options.level)
    for name in () if options.report_only else options.models:
        print(f"{name}: making the models", flush=True)
        folder = make_all(name, MODELS, BINARY) if options.only != [TEXTS] else MODELS / name
        # Processors are never mixed.
        known = results.setdefault(machine_name(machine), {"machine": machine, "models": {}})["models"].setdefault(name, {})
        for section in options.only:
            print(f"{name}: {section}", flush=True)
            if section == "encoders":
                known[section] = bench_encoders(folder, PROGRAMS, machine, options.rounds, options.seconds, tuple(options.batches))
            elif section == "one_image":
                known[section] = bench_one_image(folder, BINARY, PROGRAMS / "linked_only", options.rounds, options.clip_cpp)
            elif section == "pictures":
                known[section] = bench_pictures(folder, BINARY, min(options.rounds, 5))
            elif section == "labels":
                known[section] = bench_labels(folder, BINARY)
            elif section == "folders":
                known[section] = bench_folders(folder, BINARY, PROGRAMS / "encoder_throughput")
            elif section == "rank_features":
                rate = known["encoders"]["entries"]["clipcls fp32"]["images_per_second"]
                known[section] = bench_rank_features(folder, BINARY, rate)
            elif section == "serve":
                known[section] = bench_serve(folder, BINARY, rounds=3, seconds=10)
            elif section == "ray":
                known[section] = bench_ray(folder, BINARY, rounds=3)
            elif section == TEXTS:
                known[section] = bench_texts(name, MODELS, BINARY, min(options.rounds, 5))
            else:
                known[section] = bench_transformers(folder, folder.parent / "jpeg_640x480")
            options.results.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    write_report(results, ROOT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
