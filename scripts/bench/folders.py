"""Folders of JPEGs, whole process: against the encoder alone, and --draft on large photographs; peak memory; transformers'
pipeline; scoring kept features."""
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np

from bench.models import make_picture
from bench.whole_process import Run, model_megabytes, run_process

HERE = Path(__file__).resolve().parent


def make_photographs(folder: Path, count: int, width: int, height: int, different: int) -> None:
    """`count` JPEGs, `different` of them unlike; the others are copies, which cost as much to decode."""
    if folder.exists() and len(list(folder.iterdir())) == count:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for index in range(count):
        path = folder / f"{index:05}.jpg"
        if index < different:
            make_picture(index, max(width, height)).crop((0, 0, width, height)).save(path, quality=90)
        else:
            shutil.copy(folder / f"{index % different:05}.jpg", path)


def speed(binary: Path, model: Path, pictures: Path, precision: str, *options: object) -> tuple[float, Run]:
    """Images a second of a whole run less that of loading: the difference between all pictures and the first 64."""
    paths = sorted(pictures.iterdir())

    def run(count: int) -> Run:
        return run_process([binary, "--files-from", "-", "--model", model, "--labels", "cifar100", "--precision",
                            precision, "--format", "jsonl", "--quiet", *options],
                           stdin="".join(f"{path}\n" for path in paths[:count]).encode())
    few = len(paths) // 10
    short, whole = run(few), run(len(paths))
    if len(whole.output.splitlines()) != len(paths) or '"error"' in whole.output:
        raise RuntimeError("a row is missing or an error")
    return (len(paths) - few) / (whole.seconds - short.seconds), whole


def similarities(run: Run) -> np.ndarray:
    """[num_images, num_labels], in the order of the labels' names."""
    return np.array([[prediction["similarity"] for prediction in sorted(row["predictions"], key=lambda p: p["label"])]
                     for row in map(json.loads, run.output.splitlines())])


def bench_folders(folder: Path, binary: Path, throughput: Path) -> dict[str, Any]:
    from bench.peer import Peer, Entry
    model = folder / "clipcls"
    small, large = folder.parent / "jpeg_640x480", folder.parent / "jpeg_4000x3000"
    make_photographs(small, 1000, 640, 480, 100)
    make_photographs(large, 100, 4000, 3000, 10)
    result: dict[str, Any] = {"model": folder.name, "folder": {}, "photographs": {}}
    expected = np.load(folder / "expected.npy")
    for precision in ("fp32", "bf16", "int8"):
        alone = Peer(Entry(f"clipcls {precision}", "batch 16", (
            str(throughput), str(model), precision, "16", "2", "2", str(folder / "inputs.npy"), "{features}"), 0.9),
            folder / "features.npy")
        alone.start(expected)
        shares, rates = [], []
        alone.run(5)
        for _ in range(9):  # in rounds: the machine's own speed drifts by more than what is looked for
            rate, run = speed(binary, model, small, precision)
            rates.append(rate)
            alone.run(5)
            shares.append(float(rate / np.mean(alone.rates[-2:])))
        alone.stop()
        result["folder"][precision] = {
            "images_per_second": float(np.median(rates)), "encoder_alone": alone.median,
            "shares_of_encoder": shares, "peak_megabytes": run.peak_megabytes,
            "model_megabytes": model_megabytes(model)}
        print(f"  {precision}: {np.median(rates):.1f} images/s, {np.median(shares):.2f} of the encoder alone", flush=True)
    for precision in ("fp32", "bf16", "int8"):
        rates_full, rates_draft = [], []
        for _ in range(2):
            rate, full = speed(binary, model, large, precision, "--top-k", 100)
            rates_full.append(rate)
            rate, draft = speed(binary, model, large, precision, "--top-k", 100, "--draft")
            rates_draft.append(rate)
        result["photographs"][precision] = {
            "images_per_second": float(np.median(rates_full)), "with_draft": float(np.median(rates_draft)),
            "draft_times": float(np.median(np.array(rates_draft) / np.array(rates_full))),
            "largest_similarity_difference": float(np.abs(similarities(full) - similarities(draft)).max()),
            "peak_megabytes": full.peak_megabytes}
        print(f"  12 megapixels, {precision}: {result['photographs'][precision]}", flush=True)
    result["draft_cosine"] = draft_cosine(binary, model, large)
    return result


def draft_cosine(binary: Path, model: Path, pictures: Path) -> dict[str, float]:
    """Of the features of photographs with and without --draft."""
    features = []
    for options in ([], ["--draft"]):
        output = pictures.parent / "draft_features"
        shutil.rmtree(output, ignore_errors=True)
        run_process([binary, "embed", *sorted(pictures.iterdir())[:10], "--model", model, "--output", output, "--quiet",
                     *options])
        values = np.load(output / "image_features.npy").astype(np.float64)
        features.append(values / np.linalg.norm(values, axis=1, keepdims=True))
    cosines = (features[0] * features[1]).sum(1)
    return {"smallest": float(cosines.min()), "mean": float(cosines.mean())}


def bench_rank_features(folder: Path, binary: Path, images_per_second: float, num_images: int = 100_000,
                  num_labels: int = 1000) -> dict[str, Any]:
    """Kept features of many images, by new labels."""
    from export.open_clip_import import open_clip
    model, kept = folder / "clipcls", folder / "kept_features"
    shutil.rmtree(kept, ignore_errors=True)
    picture = folder / "one.png"
    make_picture(7, 224).save(picture)
    run_process([binary, "embed", picture, "--model", model, "--output", kept, "--quiet"])
    one = np.load(kept / "image_features.npy")
    random = np.random.default_rng(0)
    np.save(kept / "image_features.npy",
            (one + np.abs(one).mean() * random.standard_normal((num_images, one.shape[1]))).astype(np.float32))
    (kept / "paths.nul").write_bytes(b"".join(b"image%d.jpg\0" % index for index in range(num_images)))
    info = json.loads((kept / "embedding.json").read_text("utf-8")) | {"num_images": num_images}
    (kept / "embedding.json").write_text(json.dumps(info), "utf-8")
    labels = folder / "labels.txt"
    labels.write_text("\n".join(open_clip.IMAGENET_CLASSNAMES[:num_labels]) + "\n", "utf-8")
    command = [binary, "--image-features", kept, "--model", model, "--labels", labels, "--format", "jsonl", "--quiet",
               "--cache-dir", folder / "rank_features_cache"]
    run_process(command)  # the labels are kept from here on
    run = run_process(command)
    if len(run.output.splitlines()) != num_images:
        raise RuntimeError("a row is missing")
    encoding = num_images / images_per_second
    shutil.rmtree(kept)
    return {"seconds": run.seconds, "encoding_seconds": encoding, "encoding_times": encoding / run.seconds,
            "peak_megabytes": run.peak_megabytes, "num_images": num_images, "num_labels": num_labels}


def bench_transformers(folder: Path, pictures: Path, count: int = 32) -> dict[str, float]:
    """Images a second of transformers' zero-shot-image-classification pipeline, same architecture, its own weights."""
    run = run_process([sys.executable, "-W", "ignore", HERE / "transformers_pipeline.py", pictures, count])
    return json.loads(run.output.splitlines()[-1])
