#!/usr/bin/env python3
"""Checks that no test can wait for ever: what the Python files under tests start or connect to has a limit.

Exit code 1 and a line for each call that has none. Programs are started by processes.py, or by subprocess.run(timeout=…).
"""
import ast
import sys
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
HELPER = Path(__file__).with_name("processes.py")

# By what name a function is called: why it may not be, or what has to be given.
FORBIDDEN = {name: "use processes.launch or processes.run, which end what they started" for name in (
    "subprocess.Popen", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.getoutput",
    "subprocess.getstatusoutput", "os.system", "os.popen", "os.fork", "os.forkpty", "os.spawnv", "os.spawnve", "os.spawnvp", "os.spawnvpe",
    "os.spawnl", "os.spawnle", "os.spawnlp", "os.spawnlpe", "os.posix_spawn", "os.posix_spawnp", "pty.fork", "pty.spawn",
    "multiprocessing.Process", "multiprocessing.Pool", "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell")}
NEEDED = {"subprocess.run": "timeout", "socket.create_connection": "timeout", "http.client.HTTPConnection": "timeout",
          "http.client.HTTPSConnection": "timeout", "urllib.request.urlopen": "timeout", "threading.Thread": "daemon"}


def problems_of(source: str) -> Iterator[tuple[int, str]]:
    """(line, what is wrong)"""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module in ("subprocess", "os", "pty", "multiprocessing", "threading", "socket", "urllib.request"):
            for alias in node.names:
                if f"{node.module}.{alias.name}" in FORBIDDEN | NEEDED:
                    yield node.lineno, f"from {node.module} import {alias.name}: write {node.module}.{alias.name}, so that it can be checked"
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname and any(name.startswith(f"{alias.name}.") for name in FORBIDDEN | NEEDED):
                    yield node.lineno, f"import {alias.name} as {alias.asname}: call it by its name, so that it can be checked"
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func) if isinstance(node.func, ast.Attribute) else ""
        if name in FORBIDDEN:
            yield node.lineno, f"{name}: {FORBIDDEN[name]}"
        elif name in NEEDED and NEEDED[name] not in [keyword.arg for keyword in node.keywords]:
            yield node.lineno, f"{name}: give {NEEDED[name]}"
        elif name.endswith(".join") and not node.args and not node.keywords:
            yield node.lineno, f"{name}: give the seconds that it may wait"


def main() -> int:
    files = [path for path in sorted(TESTS.rglob("*.py")) if path != HELPER]
    if len(files) < 50:
        print(f"check_processes: found only {len(files)} files under {TESTS}", file=sys.stderr)
        return 1
    problems = [f"{path.relative_to(TESTS.parent)}:{line}: {problem}" for path in files
                for line, problem in problems_of(path.read_text("utf-8"))]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
