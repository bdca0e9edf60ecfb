"""Programs on a terminal: what it got, and what is left to see."""
import os
import pty
import re
import subprocess
import threading
from pathlib import Path

import processes

CLEAR = "\r\x1b[K"
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\x1b\]8;;[^\x1b]*\x1b\\")


def on_one_terminal(command: list[object], environment: "dict[str, str] | None" = None, columns: int = 80,
                    cwd: "Path | None" = None) -> str:
    """What a terminal of `columns` gets that is standard output and standard error of `command`."""
    parent, child = pty.openpty()
    import fcntl
    import struct
    import termios
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    seen = []

    def read() -> None:
        try:
            while block := os.read(parent, 65536):
                seen.append(block)
        except OSError:  # Linux says so at the end of a terminal
            pass
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    base = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "LC_ALL", "LC_CTYPE")}
    try:
        with processes.launch([*map(str, command)], stdin=subprocess.DEVNULL, stdout=child, stderr=child, cwd=cwd,
                              env={**base, "TERM": "xterm", "LANG": "C.UTF-8", **(environment or {})}) as process:
            process.wait()
    finally:
        os.close(child)
    reader.join(timeout=60)
    os.close(parent)
    return b"".join(seen).decode().replace("\r\n", "\n")


def screen(seen: str) -> list[str]:
    """What is left to see at the end, without colours and links."""
    return [ESCAPES.sub("", line.rsplit(CLEAR, 1)[-1]) for line in seen.split("\n")]
