"""Becomes the program. Its libtorch is that of the torch package, which is found without importing it (seconds)."""
import importlib.util
import os
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def main() -> None:
    torch = importlib.util.find_spec("torch")
    if torch is None or torch.origin is None:
        sys.exit("clipcls: needs the package torch, whose libtorch it runs on: pip install torch==2.13.0")
    libtorch = Path(torch.origin).resolve().parent / "lib"
    # Beside this package the program finds it by itself; an environment may have it in another of its folders.
    if libtorch != PACKAGE.parent / "torch" / "lib":
        os.environ["LD_LIBRARY_PATH"] = ":".join(filter(None, [str(libtorch), os.environ.get("LD_LIBRARY_PATH")]))
    os.execv(PACKAGE / "program" / "bin" / "clipcls", ["clipcls", *sys.argv[1:]])


if __name__ == "__main__":
    main()
