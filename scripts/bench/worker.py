"""A process that gets ready, and then works whenever it is told for how long.

It prints "ready"; then, for each line of its standard input, a number of seconds, it prints "COUNT SECONDS". Between its turns it is
stopped. Every wait has a limit.
"""
import os
import select
import signal
import subprocess
import time

SECONDS_TO_BE_READY = 600  # a large model is converted and packed first
SECONDS_BESIDE_WORK = 60


class Worker:
    def __init__(self, name: str, command: list[str]):
        self.name = name
        self.unread = b""
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                                        env=os.environ | {"PYTHONWARNINGS": "ignore"})

    def read_line(self, seconds: float) -> str:
        """Raises RuntimeError where none comes in time, or the process ended."""
        deadline = time.monotonic() + seconds
        while b"\n" not in self.unread:
            if not select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
                self.stop()
                raise RuntimeError(f"{self.name}: no answer within {seconds:.0f} s")
            part = os.read(self.process.stdout.fileno(), 65536)  # readline() would wait for the rest of a line
            if not part:
                error = self.process.stderr.read().decode("utf-8", "replace").strip().splitlines() or ["ended without an error"]
                self.stop()
                raise RuntimeError(f"{self.name}: {error[-1]}")
            self.unread += part
        line, _, self.unread = self.unread.partition(b"\n")
        return line.decode("utf-8", "replace").strip()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_BE_READY
        while self.read_line(deadline - time.monotonic()) != "ready":  # what a library prints while it loads
            pass
        self.process.send_signal(signal.SIGSTOP)

    def run(self, seconds: float) -> float:
        """What it counts, a second."""
        self.process.send_signal(signal.SIGCONT)
        try:
            self.process.stdin.write(f"{seconds}\n".encode())
        except BrokenPipeError:
            pass  # it ended; reading says why
        count, elapsed = self.read_line(seconds + SECONDS_BESIDE_WORK).split()
        self.process.send_signal(signal.SIGSTOP)
        return int(count) / float(elapsed)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(60)
