"""1000 labels x 80 templates: clipcls against open_clip's build_zero_shot_classifier, of which a sample of labels is
measured and the rest computed from it."""
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.models import load_model, make_picture
from bench.whole_process import run_process

SAMPLE = 50
# Of a picture's similarity with open_clip's: single precision summed in another order, and what bf16's features allow.
MAX_SIMILARITY_ERROR = {"fp32": 4e-6, "bf16": 0.02}


def bench_labels(folder: Path, binary: Path, counts: tuple[int, ...] = (10, 100, 1000)) -> dict[str, Any]:
    import torch

    from export.open_clip_import import open_clip
    work = folder / "labels"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    names, templates = open_clip.IMAGENET_CLASSNAMES, open_clip.OPENAI_IMAGENET_TEMPLATES
    picture = work / "picture.png"
    make_picture(7, 224).save(picture)
    template_file = work / "templates.txt"
    template_file.write_text("\n".join(template("{}") for template in templates) + "\n", "utf-8")

    model = load_model(folder)
    torch.set_num_threads(2)
    tokenizer = open_clip.get_tokenizer(folder.name)
    start = time.perf_counter()
    weights = open_clip.build_zero_shot_classifier(
        model, tokenizer, names[:SAMPLE], templates, num_classes_per_batch=10, device="cpu")
    python_seconds = time.perf_counter() - start
    with torch.inference_mode():
        image = np.asarray(model.encode_image(open_clip_pixels(model, picture), normalize=True)[0])
    expected = image @ weights.numpy()

    result: dict[str, Any] = {"model": folder.name, "num_templates": len(templates),
                              "python_seconds_for_sample": python_seconds, "sample": SAMPLE, "entries": {}}

    def own(count: int, precision: str, *options: object) -> Any:
        label_file = work / f"{count}.txt"
        label_file.write_text("\n".join(names[:count]) + "\n", "utf-8")
        return run_process([binary, picture, "--model", folder / "clipcls", "--labels", label_file, "--templates",
                            template_file, "--precision", precision, "--quiet", "--top-k", count, "--format", "jsonl",
                            *options])

    for precision in MAX_SIMILARITY_ERROR:
        check(own(SAMPLE, precision, "--no-cache").output, names[:SAMPLE], expected, precision)
        base = own(1, precision, "--no-cache").seconds
        for count in counts:
            seconds = own(count, precision, "--no-cache").seconds
            python = python_seconds * count / SAMPLE
            result["entries"][f"{precision}, {count} labels"] = {
                "whole_process_seconds": seconds, "seconds": seconds - base, "python_seconds": python,
                "python_times": python / seconds}
            print(f"  {precision}, {count} labels: {seconds:.1f} s, {python / seconds:.1f} x", flush=True)
    cache = ["--cache-dir", work / "cache"]
    own(1000, "fp32", *cache)
    result["second_run_seconds"] = own(1000, "fp32", *cache).seconds
    return result


def open_clip_pixels(model: Any, picture: Path) -> Any:
    from export.open_clip_import import open_clip
    from PIL import Image
    cfg = open_clip.transform.PreprocessCfg(**model.visual.preprocess_cfg)
    return open_clip.transform.image_transform_v2(cfg, is_train=False)(Image.open(picture))[None]


def check(output: str, labels: list[str], expected: np.ndarray, precision: str) -> None:
    """The similarities to the picture, label by label: within MAX_SIMILARITY_ERROR of the expected ones."""
    import json
    similarity = {row["label"]: row["similarity"] for row in json.loads(output)["predictions"]}
    difference = max(abs(similarity[label] - value) for label, value in zip(labels, expected, strict=True))
    bar = MAX_SIMILARITY_ERROR[precision]
    if not difference <= bar:
        raise RuntimeError(f"{precision}: a similarity differs from open_clip's by {difference:.2g}, more than {bar}")
