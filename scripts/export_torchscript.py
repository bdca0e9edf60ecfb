#!/usr/bin/env python3
"""Writes a clipcls model folder from a model of open_clip or transformers (models/README.md describes the folder).

    scripts/export_torchscript.py --model ViT-B-32 --checkpoint open_clip_model.safetensors \\
        --tag laion2b_s34b_b79k --precision fp16 --output models/ViT-B-32
    scripts/export_torchscript.py --model convnext_base_w --random-weights 0 --output /tmp/random
    scripts/export_torchscript.py --transformers clip-vit-base-patch32 --output models/clip-vit-base-patch32
    scripts/export_torchscript.py --add-reference models/everyday

The archives are compared with the source's own output before the folder appears; a cosine under 0.99999 is an
error. Exit code 0: written; 1: not written, and one line says why; 2: the options do not fit together.
"""
import argparse
import json
import os
import sys
from pathlib import Path

from export.archive_checks import ExportError
from export.encoders import UnsupportedModel
from export.folder import DEFAULT_TEMPLATE, ModelDescription, export_folder, require_replaceable
from export.model_source import create_model
from export.reference import reference_of_folder, write_reference


def parse_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Writes a clipcls model folder from a model of open_clip "
                                                 "or transformers.")
    sources = parser.add_mutually_exclusive_group()
    sources.add_argument("--model", metavar="NAME", help="open_clip's name of the model, such as ViT-B-32")
    sources.add_argument("--transformers", type=Path, metavar="DIR",
                         help="a folder of transformers' CLIPModel: config.json, model.safetensors, "
                              "preprocessor_config.json; needs no --checkpoint")
    weights = parser.add_mutually_exclusive_group()
    weights.add_argument("--checkpoint", type=Path, metavar="FILE",
                         help="weights: open_clip's .safetensors, .bin or .pt, or OpenAI's published .pt")
    weights.add_argument("--random-weights", type=int, metavar="SEED", help="random weights, for tests and timing")
    parser.add_argument("--tag", help="open_clip's name of these weights, such as laion2b_s34b_b79k: gives the "
                                      "picture's mean and std and whether it is QuickGELU; nothing is downloaded")
    parser.add_argument("--quick-gelu", choices=("auto", "yes", "no"), default="auto",
                        help="auto: as the model's config or the tag says, and yes for OpenAI's .pt")
    parser.add_argument("--precision", choices=("fp32", "fp16"), default="fp32", help="of the stored weights")
    parser.add_argument("--template", action="append", metavar="TEXT",
                        help=f"default prompt template with one {{}}, repeats; default: {DEFAULT_TEMPLATE!r}")
    parser.add_argument("--description", default="", help="one line for people")
    parser.add_argument("--license", default="", help="licence of the weights, such as MIT")
    parser.add_argument("--output", type=Path, metavar="DIR", help="the folder to write; its name names the model")
    parser.add_argument("--force", action="store_true", help="replace the folder if it exists")
    parser.add_argument("--add-reference", type=Path, metavar="DIR",
                        help="write reference.json into an existing folder, computed by its own encoders")
    options = parser.parse_args(arguments)
    if options.add_reference is not None:
        if options.model or options.transformers or options.output:
            parser.error("--add-reference takes no --model, no --transformers and no --output")
    elif not (options.model or options.transformers) or not options.output:
        parser.error("--output and one of --model and --transformers are needed")
    elif options.transformers:
        if options.checkpoint or options.random_weights is not None or options.tag or options.quick_gelu != "auto":
            parser.error("--transformers takes weights and activation from its folder: no --checkpoint, "
                         "--random-weights, --tag or --quick-gelu")
    elif options.checkpoint is None and options.random_weights is None:
        parser.error("one of --checkpoint and --random-weights is needed")
    for template in options.template or []:
        if template.count("{}") != 1:
            parser.error(f"template {template!r} has {template.count('{}')} times {{}}; one is needed")
    return options


def export(options: argparse.Namespace) -> str:
    """Writes the folder; returns the line to print."""
    require_replaceable(options.output, options.force)  # before minutes of work
    reference = None
    if options.transformers:
        from export.from_transformers import load_transformers  # takes seconds
        model, preprocess, source, reference = load_transformers(options.transformers)
    else:
        model, preprocess, source = create_model(options.model, options.checkpoint, options.random_weights,
                                                 options.quick_gelu, options.tag)
    description = ModelDescription(name=options.output.name, source=source, precision=options.precision,
                                   description=options.description, license=options.license)
    description.image_mean = preprocess.get("mean", description.image_mean)
    description.image_std = preprocess.get("std", description.image_std)
    description.interpolation = preprocess.get("interpolation", description.interpolation)
    description.resize_mode = preprocess.get("resize_mode", description.resize_mode)
    description.crop_rounds_down = preprocess.get("crop_rounds_down", description.crop_rounds_down)
    if options.template:
        description.prompt_templates = tuple(options.template)
    report = export_folder(model, description, options.output, options.force, reference)
    return (f"{options.output}: {report.num_bytes / 1e6:.1f} MB, smallest cosine with "
            f"{reference.name if reference else 'open_clip'}: "
            f"images {report.min_image_cosine:.7f}, texts {report.min_text_cosine:.7f}")


def add_reference(folder: Path) -> str:
    """Writes folder/reference.json; returns the line to print."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        write_reference(folder, reference_of_folder(folder, config))
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise ExportError(f"{folder}: {type(error).__name__}: {' '.join(str(error).split())[:300]}") from error
    return f"{folder / 'reference.json'}: written"


def main(arguments: list[str] | None = None) -> int:
    options = parse_options(arguments)
    try:
        print(add_reference(options.add_reference) if options.add_reference else export(options))
    except (ExportError, UnsupportedModel) as error:
        print(f"{os.path.basename(__file__)}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
