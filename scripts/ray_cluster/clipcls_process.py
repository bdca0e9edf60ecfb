"""One long-lived clipcls, which is given paths and gives back a row for each."""
import json
import os
import subprocess
import threading
from collections import deque
from contextlib import suppress

MAX_DEATHS = 3  # of the process, at one image that is given to it alone


class ClipclsProcess:
    """Answers paths with rows of JSON, in their order. A process that dies is started again, and what it had not answered
    is given to the next; an image at which it dies again and again gets a row with an error."""

    def __init__(self, command: list[str]):
        self.command = command
        self.process: subprocess.Popen[bytes] | None = None
        self.last_message: deque[str] = deque(maxlen=1)
        self.message_reader: threading.Thread | None = None
        self.num_starts = 0

    def classify(self, paths: list[bytes]) -> list[bytes]:
        """A row for each path."""
        rows: list[bytes] = []
        num_deaths = 0  # since the last row
        while len(rows) < len(paths):
            # In a batch the first image without a row need not be the one at fault.
            asked = paths[len(rows):] if num_deaths == 0 else paths[len(rows):len(rows) + 1]
            answered = self.ask(asked)
            rows += answered
            num_deaths = 0 if answered else num_deaths + 1
            if num_deaths == MAX_DEATHS:
                rows.append(self.row_of_death(paths[len(rows)]))
                num_deaths = 0
        return rows

    def ask(self, paths: list[bytes]) -> list[bytes]:
        """The rows that came before the process died, if it did. Raises RuntimeError where it cannot run at all."""
        process = self.running()
        writer = threading.Thread(target=self.write, args=(process, paths))
        writer.start()
        rows = []
        for _ in paths:
            row = process.stdout.readline()
            if not row.endswith(b"\n"):
                break
            rows.append(row[:-1])
        if len(rows) < len(paths):
            self.end(process)
        writer.join()
        return rows

    def running(self) -> "subprocess.Popen[bytes]":
        if self.process is None:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.num_starts += 1
            self.message_reader = threading.Thread(target=self.read_messages, args=(self.process,), daemon=True)
            self.message_reader.start()
        return self.process

    def read_messages(self, process: "subprocess.Popen[bytes]") -> None:
        for line in process.stderr:
            self.last_message.append(line.decode("utf-8", "replace").strip())

    @staticmethod
    def write(process: "subprocess.Popen[bytes]", paths: list[bytes]) -> None:
        try:
            process.stdin.write(b"".join(path + b"\0" for path in paths))
            process.stdin.flush()
        except OSError:
            pass  # it died; the reader sees that

    def end(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = None
        with suppress(BrokenPipeError):  # it ended before it read all that was written
            process.stdin.close()
        code = process.wait()
        if code == 2:  # flags, labels, model: another start would end likewise
            self.message_reader.join(5)  # what it said last may still be unread
            raise RuntimeError(self.last_message[-1] if self.last_message else f"{self.command[0]} ended with exit code 2")

    @staticmethod
    def row_of_death(path: bytes) -> bytes:
        message = f"clipcls died {MAX_DEATHS} times at this image"
        return json.dumps({"image": os.fsdecode(path).encode("utf-8", "replace").decode(),
                           "error": {"kind": "worker_died", "message": message}}, ensure_ascii=False).encode()

    def close(self) -> None:
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()
            self.process = None
