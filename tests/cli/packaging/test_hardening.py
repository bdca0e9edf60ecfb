"""The built program has what CMakeLists.txt asks the compiler and the linker for (src/cmake/Hardening.cmake)."""
import re
from pathlib import Path

import processes


def readelf(binary: Path, *options: str) -> str:
    return processes.run(["readelf", "--wide", *options, str(binary)], check=True, capture_output=True, text=True).stdout


def test_is_position_independent(release_binary: Path):
    assert re.search(r"Type:\s+DYN \(Position-Independent Executable", readelf(release_binary, "--file-header"))


def test_relocations_are_read_only_once_all_symbols_are_bound(release_binary: Path):
    assert re.search(r"^\s*GNU_RELRO\s", readelf(release_binary, "--segments"), re.MULTILINE)
    assert re.search(r"\(FLAGS_1\)\s+Flags: .*\bNOW\b", readelf(release_binary, "--dynamic"))


def test_stack_is_not_executable(release_binary: Path):
    flags = re.search(r"^\s*GNU_STACK(?:\s+0x\w+){5}\s+(.*?)\s+0x\w+$", readelf(release_binary, "--segments"), re.MULTILINE)
    assert flags and flags.group(1) == "RW"


def test_stack_and_buffers_are_checked(release_binary: Path):
    symbols = readelf(release_binary, "--dyn-syms")
    assert re.search(r"\bUND __stack_chk_fail\b", symbols)
    assert re.search(r"\bUND __(?!stack)\w+_chk\b", symbols), "no fortified function of glibc is called"


def test_installed_program_looks_for_libraries_only_beside_itself(release_binary: Path, tmp_path: Path):
    processes.run(["cmake", "--install", str(release_binary.parent), "--component", "program", "--prefix", str(tmp_path)],
                  check=True, capture_output=True)
    for file in ("bin/clipcls", "lib/clipcls/libclipcls_torch.so"):
        path = re.search(r"\(RUNPATH\).*\[(.*)\]", readelf(tmp_path / file, "--dynamic"))
        assert path and all(f"{folder}/".startswith("$ORIGIN/") for folder in path.group(1).split(":")), (file, path)
