"""The tables of tests/bench/README.md, the short one of the main README, and the plot, from results.json."""
import re
import statistics
from pathlib import Path
from typing import Any

PRECISIONS = ("fp32", "bf16", "int8")
BEGIN, END = "<!-- bench: written by scripts/bench_peers -->\n", "<!-- end of bench -->"


def table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def outdated_note(section: dict[str, Any]) -> str:
    """Of which precisions the figures are those of an older version. Measuring the section again takes it away."""
    return "".join(f"{precision} is that of an [older version](#older-figures).\n\n" for precision in section.get("outdated", {}))


def outdated_reasons(results: dict[str, Any]) -> str:
    """What has changed since, each reason once."""
    reasons = {f"- {precision}: {reason}.\n" for entry in results.values() for sections in entry["models"].values()
               for section in sections.values() for precision, reason in section.get("outdated", {}).items()}
    return "\n## Older figures\n\n" + "".join(sorted(reasons)) if reasons else ""


def encoder_table(model: str, encoders: dict[str, Any]) -> str:
    entries = encoders["entries"]
    rows = []
    for name, entry in entries.items():
        own = entries.get(f"clipcls {name.split()[-1]}")
        share = entry["share_of_peak"]
        rows.append([name, entry["variant"], f"{entry['images_per_second']:.1f}", "" if share is None else f"{100 * share:.0f} %",
                     "" if own is None or name.startswith("clipcls") else f"{own['ratio_to'][name]:.2f} x", f"{entry['cosine']:.5f}"])
    rows += [[name, f"not timed: {reason}", "", "", "", ""] for name, reason in encoders["refused"].items()]
    return f"### {model}, the image encoder alone\n\n{encoders['gflop_per_image']:.1f} GFLOP an image:\n\n{outdated_note(encoders)}" + table(
        ["", "best batch", "images/s", "of the peak", "clipcls is faster by", "cosine"], rows) + "\n"


def one_image_table(sections: dict[str, Any]) -> str:
    rows = [[name, f"{entry['seconds']:.2f} s", f"{entry['times_libtorch']:.1f} x", f"{entry['python_times']:.0f} x",
             f"{entry['peak_megabytes']:.0f} MB"] for name, entry in sections["one_image"]["entries"].items()]
    return "### One picture\n\nThe whole process, from start to end:\n\n" + table(
        ["", "time", "times a process that links libtorch", "faster than Python", "peak memory"], rows) + "\n"


def pictures_table(sections: dict[str, Any]) -> str:
    rows = [[name, f"{entry['megabytes']:.1f} MB", f"{1000 * entry['seconds']:.0f} ms", f"{1000 * entry['python_seconds']:.0f} ms",
             f"{entry['python_times']:.2f} x"] for name, entry in sections["pictures"]["entries"].items()]
    return ("### Formats of pictures\n\n12 megapixels, from the file to the model's size on one thread, beside Pillow and pillow-heif. HEIC and AVIF are read by "
            "Debian 12's libraries here, and by newer ones there:\n\n" + table(["", "file", "clipcls", "Python", "faster by"], rows) + "\n")


def labels_table(sections: dict[str, Any]) -> str:
    labels = sections["labels"]
    rows = [[name, f"{entry['whole_process_seconds']:.1f} s", f"{entry['python_seconds']:.0f} s",
             f"{entry['python_times']:.1f} x"] for name, entry in labels["entries"].items()]
    return (f"### Labels\n\nLabels x {labels['num_templates']} templates, whole process, against open_clip's "
            f"build_zero_shot_classifier (measured on {labels['sample']} labels):\n\n"
            + table(["", "clipcls", "open_clip", "faster by"], rows)
            + f"\nThe second run takes {labels['second_run_seconds']:.2f} s.\n\n")


def texts_table(models: dict[str, Any]) -> str:
    rows = [[f"{name}, {entry['num_labels']} labels", f"{entry['seconds']:.1f} s", f"{entry['library']}: {entry['python_seconds']:.1f} s",
             f"{entry['python_times']:.2f} x", f"{entry['whole_process_seconds']:.1f} s"]
            for name, sections in models.items() if (entry := sections.get("texts"))]
    return ("### Text encoders of other families\n\nOne template. Tokens and features of the labels, in Python in batches of 32, without the start "
            "and the loading of the model; clipcls's whole process, with one picture, besides:\n\n"
            + table(["", "clipcls", "Python", "faster by", "whole process"], rows) + "\n") if rows else ""


def folder_tables(sections: dict[str, Any]) -> str:
    folders = sections["folders"]
    rows = []
    for precision, entry in folders["folder"].items():
        percents = [100 * share for share in entry["shares_of_encoder"]]
        rows.append([precision, f"{entry['images_per_second']:.1f}",
                     f"{statistics.median(percents):.0f} % ({min(percents):.0f} to {max(percents):.0f} in {len(percents)} rounds)",
                     f"{entry['peak_megabytes']:.0f} MB"])
    text = "### Folders\n\n" + outdated_note(folders) + "1,000 JPEGs of 640 x 480, without loading the model:\n\n" + table(
        ["", "images/s", "of the encoder alone", "peak memory"], rows) + "\n"
    rows = [[precision, f"{entry['images_per_second']:.1f}", f"{entry['with_draft']:.1f}",
             f"{entry['draft_times']:.1f} x"] for precision, entry in folders["photographs"].items()]
    cosine = folders["draft_cosine"]
    return text + "100 JPEGs of 12 megapixels:\n\n" + table(["", "images/s", "with --draft", "faster by"], rows) + (
        f"\nFeatures with and without `--draft`: mean cosine {cosine['mean']:.4f}, "
        f"smallest {cosine['smallest']:.4f}.\n\n")


def serve_table(sections: dict[str, Any]) -> str:
    rows = []
    for precision, entry in sections["serve"]["entries"].items():
        for connections, load in entry["connections"].items():
            rows.append([f"{precision}, {connections} connection{'s' if connections != '1' else ''}",
                         f"{load['images_per_second']:.1f}", f"{100 * load['share_of_batch_run']:.0f} %",
                         f"{load['mean_batch_size']:.1f}", f"{1000 * load['p50_seconds']:.0f} ms",
                         f"{1000 * load['p99_seconds']:.0f} ms"])
    return ("### The server\n\n`clipcls serve`, JPEGs of 640 x 480 posted by wrk on the same machine:\n\n" + outdated_note(sections["serve"]) + table(
        ["", "images/s", "of a batch run", "mean batch", "median latency", "99th percentile"], rows) + "\n")


def make_text(results: dict[str, Any]) -> str:
    """A part for each processor."""
    return "\n".join(f"## {name}\n\n{make_part(entry['machine'], entry['models'])}" for name, entry in results.items()) + outdated_reasons(results)


def make_part(machine: dict[str, Any], models: dict[str, Any]) -> str:
    text = ""
    if machine["held_to"]:
        text += ("clipcls and libtorch were held to AVX2 here, and open_clip with them. onnxruntime cannot be held, and OpenVINO in part: "
                 "their rows say nothing of a processor that has AVX2 alone.\n\n")
    for model, sections in models.items():
        if "encoders" in sections:
            text += encoder_table(model, sections["encoders"])
    sections = models.get("ViT-B-32", {})
    for name, make in (("one_image", one_image_table), ("pictures", pictures_table), ("labels", labels_table), ("folders", folder_tables),
                       ("serve", serve_table)):
        if name in sections:
            text += make(sections)
    text += texts_table(models)
    if any(name in sections for name in ("rank_features", "ray", "transformers")):
        text += "### Others\n\n"
    if "rank_features" in sections:
        ranking = sections["rank_features"]
        text += (f"- Ranking {ranking['num_labels']} labels for {ranking['num_images']:,} saved features takes "
                 f"{ranking['seconds']:.1f} s, {ranking['encoding_times']:.0f} times less than encoding the images.\n")
    if "ray" in sections:
        ray = sections["ray"]
        text += (f"- scripts/ray_classify with {ray['workers']} workers of one thread: {ray['images_per_second']:.1f} images a second, "
                 f"{100 * ray['share_of_one_program']:.0f} % of one clipcls with {ray['workers']} threads; "
                 f"the start takes {ray['start_seconds']:.0f} s more.\n")
    if "transformers" in sections:
        text += (f"- transformers' zero-shot-image-classification pipeline: "
                 f"{sections['transformers']['images_per_second']:.1f} JPEGs of 640 x 480 a second.\n")
    return text


def make_short_table(results: dict[str, Any]) -> str:
    """A few rows for the main README, a processor after the other: what a reader compares first. Processors of which more was measured than
    the encoders."""
    text = "ViT-B/32, all with the same weights ([all measurements](tests/bench/README.md)).\n"
    for name, entry in results.items():
        sections = entry["models"].get("ViT-B-32", {})
        if "one_image" in sections:
            text += f"\n{name}:\n\n" + table(["", "clipcls", "others", "faster by"], short_rows(sections))
    return text


def short_rows(sections: dict[str, Any]) -> list[list[str]]:
    rows = []
    section = sections.get("encoders", {"entries": {}})
    encoders = section["entries"]
    peers = ("open_clip", "onnxruntime", "OpenVINO")
    for precision in PRECISIONS:
        if precision in section.get("outdated", {}):
            continue
        own = encoders.get(f"clipcls {precision}")
        names = [f"{peer} {precision}" for peer in peers if f"{peer} {precision}" in encoders]
        if own and names:
            rates = ", ".join(f"{name.split()[0]}: {encoders[name]['images_per_second']:.0f}" for name in names)
            rows.append([f"image encoder, {precision}", f"{own['images_per_second']:.0f} images/s", f"{rates} images/s",
                         ", ".join(f"{own['ratio_to'][name]:.2f} x" for name in names)])
    if "one_image" in sections:
        one, python = (sections["one_image"]["entries"][name] for name in ("clipcls, 100 labels, warm", "Python, 100 labels"))
        rows.append(["one picture, 100 labels, start to end", f"{one['seconds']:.1f} s", f"Python: {python['seconds']:.1f} s",
                     f"{one['python_times']:.0f} x"])
    if "labels" in sections:
        labels = sections["labels"]
        many = labels["entries"]["fp32, 1000 labels"]
        rows.append([f"1000 labels, {labels['num_templates']} templates, the first time", f"{many['whole_process_seconds']:.0f} s",
                     f"open_clip: {many['python_seconds']:.0f} s (from {labels['sample']} labels)", f"{many['python_times']:.0f} x"])
    if "folders" in sections and "transformers" in sections:
        own_rate = sections["folders"]["folder"]["fp32"]["images_per_second"]
        pipeline_rate = sections["transformers"]["images_per_second"]
        rows.append(["1,000 JPEGs, files to answers, fp32", f"{own_rate:.0f} images/s", f"transformers: {pipeline_rate:.1f} images/s",
                     f"{own_rate / pipeline_rate:.1f} x"])
    return rows


def plot(results: dict[str, Any], path: Path) -> None:
    """Images a second by batch size, and seconds by the number of labels, on the processor with most sections."""
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "clipcls"  # the same picture, the same bytes
    import matplotlib.pyplot as plt
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.2))
    sections = max((entry["models"].get("ViT-B-32", {}) for entry in results.values()), key=len)
    colors = dict(zip(PRECISIONS, ("tab:blue", "tab:orange", "tab:green")))
    for name, entry in sections.get("encoders", {}).get("entries", {}).items():
        by_batch: dict[int, float] = {}
        for variant, rate in entry["by_variant"].items():
            batch = int(re.match(r"batch (\d+)", variant)[1])
            by_batch[batch] = max(by_batch.get(batch, 0), rate)
        is_own = name.startswith("clipcls")
        left.plot(*zip(*sorted(by_batch.items())), "o-" if is_own else "x:", label=name, color=colors[name.split()[-1]],
                  linewidth=2 if is_own else 1)
    left.set(xscale="log", xlabel="batch size", ylabel="images a second", title="ViT-B/32, image encoder", ylim=0)
    batches = sorted({int(re.match(r"batch (\d+)", variant)[1]) for entry in sections["encoders"]["entries"].values()
                      for variant in entry["by_variant"]})
    left.set_xticks(batches, [str(batch) for batch in batches])
    left.minorticks_off()
    left.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))
    lines: dict[str, dict[int, float]] = {}
    for name, entry in sections.get("labels", {}).get("entries", {}).items():
        precision, count = name.split(", ")
        number = int(count.split()[0])
        lines.setdefault(f"clipcls {precision}", {})[number] = entry["whole_process_seconds"]
        lines.setdefault("open_clip fp32", {})[number] = entry["python_seconds"]
    for name, points in lines.items():
        right.plot(*zip(*sorted(points.items())), "o-" if name.startswith("clipcls") else "x:", label=name,
                   color=colors[name.split()[-1]])
    right.set(xscale="log", yscale="log", xlabel="labels (x 80 templates)", ylabel="seconds", title="ViT-B/32, labels")
    if lines:
        right.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def put_between_marks(readme: Path, content: str) -> None:
    text = readme.read_text("utf-8")
    if BEGIN not in text or END not in text:
        raise RuntimeError(f"{readme} has no bench marks")
    before, rest = text.split(BEGIN, 1)
    readme.write_text(before + BEGIN + "\n" + content + "\n" + END + rest.split(END, 1)[1], "utf-8")


def write_report(results: dict[str, Any], root: Path) -> None:
    """Writes the tables and the plot into the READMEs and the bench folder of the repository at `root`."""
    put_between_marks(root / "tests/bench/README.md", make_text(results))
    put_between_marks(root / "README.md", make_short_table(results))
    plot(results, root / "tests/bench/throughput.svg")
