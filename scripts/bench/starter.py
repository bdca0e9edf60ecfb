"""`starter.py FILE COMMAND...` runs the command, writes its seconds and its peak of memory in bytes to FILE, as JSON, and
ends with its exit code.

Linux counts what a process holds before exec in its peak, and that is the memory of whoever started it: the bench, which
may hold a gigabyte. So this file starts it, with nothing of its own."""
import json
import os
import subprocess
import sys
import time


def main() -> int:
    start = time.perf_counter()
    process = subprocess.Popen(sys.argv[2:])
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    with open(sys.argv[1], "w", encoding="utf-8") as report:
        json.dump({"seconds": seconds, "peak_bytes": usage.ru_maxrss * 1024}, report)
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


if __name__ == "__main__":
    sys.exit(main())
