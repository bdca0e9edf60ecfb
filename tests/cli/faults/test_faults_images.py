"""Images that are no ordinary files, that change while they are read, or that want more memory than there is."""
import os
import random
import resource
import struct
import subprocess
import threading
import zlib
from pathlib import Path

import processes
import pytest
from conftest import ROOT, messages, not_with_address_sanitizer, rows_of
from PIL import Image

LABELS = ("--label", "cat", "--label", "dog")
PICTURES = ROOT / "tests" / "data" / "images"


def kinds_of(stdout: str) -> list[str]:
    return [row["error"]["kind"] if "error" in row else "" for row in rows_of(stdout)]


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def write_png(path: Path, side: int, bit_depth: int, color_type: int, row: bytes) -> Path:
    compress = zlib.compressobj(6)
    pixels = b"".join(compress.compress(b"\0" + row) for _ in range(side)) + compress.flush()
    header = struct.pack(">IIBBBBB", side, side, bit_depth, color_type, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))
    return path


def test_a_pipe_that_nobody_writes_to_does_not_hang(run_clipcls, tmp_path, png):
    (tmp_path / "a.png").write_bytes(png)
    (tmp_path / "c.png").write_bytes(png)
    os.mkfifo(tmp_path / "b.png")
    result = run_clipcls(tmp_path, *LABELS, "-f", "jsonl", timeout=60)
    assert result.returncode == 1 and kinds_of(result.stdout) == ["", "unreadable", ""]
    assert messages(result.stderr) == [f"clipcls: {tmp_path}/b.png: is a pipe that nobody writes to"]


def test_pipes_that_somebody_writes_to(run_clipcls, clipcls_binary, tmp_path, png):
    file, pipe = tmp_path / "x.png", tmp_path / "pipe"
    file.write_bytes(png)
    os.mkfifo(pipe)
    expected = rows_of(run_clipcls(file, file, file, *LABELS, "-f", "jsonl").stdout)
    writer = threading.Thread(target=lambda: pipe.write_bytes(png), daemon=True)
    writer.start()
    script = f'"{clipcls_binary}" <(cat "{file}") "{pipe}" <(sleep 0.5; cat "{file}") --label cat --label dog -f jsonl'
    result = processes.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)
    writer.join(60)
    assert result.returncode == 0, result.stderr
    assert [row["predictions"] for row in rows_of(result.stdout)] == [row["predictions"] for row in expected]
    piped = processes.run([clipcls_binary, "/dev/stdin", *LABELS, "-f", "jsonl"], input=png, capture_output=True, timeout=60, check=False)
    assert kinds_of(piped.stdout.decode()) == [""]


def test_what_never_ends_is_not_read_to_its_end(clipcls_binary, tmp_path, png):
    sparse, giant = tmp_path / "film.jpg", tmp_path / "giant.png"
    sparse.write_bytes(b"no picture")
    os.truncate(sparse, 1 << 30)
    giant.write_bytes(png)
    os.truncate(giant, 1 << 40)  # takes no room on the disk
    script = f'"{clipcls_binary}" /dev/zero /dev/full "{sparse}" "{giant}" <(yes) --label cat --label dog -f jsonl'
    result = processes.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert kinds_of(result.stdout) == ["unreadable", "unreadable", "not_an_image", "too_large", "not_an_image"]
    with processes.launch(["yes"], stdout=subprocess.PIPE) as endless:
        result = processes.run([clipcls_binary, "-", *LABELS, "-f", "jsonl"], stdin=endless.stdout, capture_output=True, text=True,
                               timeout=60, check=False)
        endless.terminate()
    assert result.returncode == 1 and kinds_of(result.stdout) == ["not_an_image"]


def test_files_that_are_removed_after_they_were_listed(clipcls_binary, tmp_path, png):
    for number in range(400):
        (tmp_path / f"{number}.png").write_bytes(png)
    command = [clipcls_binary, tmp_path, *LABELS, "-f", "jsonl", "--batch-size", "1", "--threads", "1"]
    with processes.launch(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        first = process.stdout.readline()
        for number in range(300, 400):
            (tmp_path / f"{number}.png").unlink()
        rows = rows_of(first + process.stdout.read())
        assert process.wait() == 1
    assert [Path(row["image"]).stem for row in rows] == [str(number) for number in range(400)]
    kinds = [row["error"]["kind"] if "error" in row else "" for row in rows]
    assert set(kinds[:300]) == {""} and set(kinds[300:]) <= {"", "not_found"} and kinds[-1] == "not_found"


def test_a_file_that_grows_while_it_is_read(run_clipcls, tmp_path):
    """Another program appends all the time, and now and then begins anew: each row is an image or an error that says so."""
    path, stop = tmp_path / "growing.ppm", threading.Event()
    picture = b"P6 1000 1000 255\n" + bytes(3_000_000)
    path.write_bytes(picture)

    def append() -> None:
        with open(path, "ab", buffering=0) as file:
            while not stop.is_set():
                file.write(bytes(1000))
                if file.tell() > 20_000_000:
                    file.truncate(len(picture))
    writer = threading.Thread(target=append, daemon=True)
    writer.start()
    try:
        result = run_clipcls(*[path] * 50, *LABELS, "-f", "jsonl", timeout=60)
    finally:
        stop.set()
        writer.join(60)
    rows = rows_of(result.stdout)
    assert len(rows) == 50 and any("error" in row for row in rows)
    for row in rows:
        if "error" in row:
            assert row["error"] == {"kind": "unreadable", "message": "was changed while it was read; run again when it is complete"}


def test_a_png_of_3600_megapixels_is_refused_by_its_header(run_clipcls, tmp_path):
    bomb = write_png(tmp_path / "bomb.png", 60_000, 1, 0, bytes(60_000 // 8))
    assert bomb.stat().st_size < 1_000_000
    for flags in ((), ("--max-megapixels", "5000")):
        result = run_clipcls(bomb, *LABELS, "-f", "jsonl", *flags, timeout=60)
        assert result.returncode == 1 and kinds_of(result.stdout) == ["too_large"]
        assert "60000 x 60000 pixels" in result.stderr


NEWER = [PICTURES / name for name in ("coded/420_full.heic", "coded/grid.heic", "decode/420_full.avif", "decode/grid.avif", "coded/lossy.jxl",
                                      "coded/lossless.jxl", "decode/rgb.jp2", "decode/tiles_offset.j2k")]


def test_damage_in_newer_formats_is_one_line_a_file(run_clipcls, tmp_path):
    """Their libraries talk on standard error of what they find: it is not heard."""
    generator = random.Random(5)
    files = []
    for picture in NEWER:
        whole = picture.read_bytes()
        damaged = [whole[:len(whole) * part // 8] for part in (1, 3, 5, 7)]
        for _ in range(8):
            changed = bytearray(whole)
            for _ in range(3):
                changed[generator.randrange(40, len(changed))] = generator.randrange(256)
            damaged.append(bytes(changed))
        for number, content in enumerate(damaged):
            files.append(tmp_path / f"{number}_{picture.name}")
            files[-1].write_bytes(content)
    result = run_clipcls(*files, *LABELS, "-f", "jsonl", timeout=120)
    kinds = kinds_of(result.stdout)
    assert result.returncode == 1 and len(kinds) == len(files)
    assert set(kinds) <= {"", "broken_image", "too_large", "unsupported_format"}
    assert not any(kinds[index] == "" for index in range(len(files)) if index % 12 < 2)  # less than half of the file
    lines = messages(result.stderr)
    assert len(lines) == len([kind for kind in kinds if kind]) and all(line.startswith(f"clipcls: {tmp_path}/") for line in lines)


def with_sides(content: bytes, sign: bytes, width: int, height: int) -> bytes:
    """Eight bytes behind a sign, where a box or a header says how large the picture is."""
    at = content.index(sign) + 8
    return content[:at] + struct.pack(">II", width, height) + content[at + 8:]


@not_with_address_sanitizer
def test_newer_formats_that_claim_gigapixels_are_refused_by_their_headers(clipcls_binary, tmp_path):
    heic, tiles, avif, jp2 = (path.read_bytes() for path in (NEWER[0], NEWER[1], NEWER[2], NEWER[6]))
    composition = tiles.index(b"idat") + 8
    bombs = {"boxes.heic": with_sides(heic, b"ispe", 30_000, 30_000),
             "composition.heic": tiles[:composition] + struct.pack(">HH", 30_000, 30_000) + tiles[composition + 4:],
             "boxes.avif": with_sides(avif, b"ispe", 16_000, 16_000), "size.jp2": with_sides(jp2, b"\xff\x4f\xff\x51", 60_000, 60_000)}
    for name, content in bombs.items():
        (tmp_path / name).write_bytes(content)
    result = processes.run([clipcls_binary, *(tmp_path / name for name in bombs), *LABELS, "-f", "jsonl"], capture_output=True, text=True, timeout=60,
                           check=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30)))
    assert result.returncode == 1 and kinds_of(result.stdout) == ["too_large"] * 4
    assert len(messages(result.stderr)) == 4


def test_a_gif_of_100_000_frames_is_its_first(run_clipcls, tmp_path):
    Image.linear_gradient("L").convert("RGB").resize((8, 8)).save(tmp_path / "one.gif")
    content = (tmp_path / "one.gif").read_bytes()
    assert content.endswith(b";")
    frames = content.index(b",", 13 + 3 * (2 << (content[10] & 7)))
    (tmp_path / "many.gif").write_bytes(content[:frames] + content[frames:-1] * 100_000 + b";")
    rows = rows_of(run_clipcls(tmp_path / "one.gif", tmp_path / "many.gif", *LABELS, "-f", "jsonl", timeout=60).stdout)
    assert rows[0]["predictions"] == rows[1]["predictions"]


@not_with_address_sanitizer
def test_too_little_memory_to_decode(clipcls_binary, tmp_path, png):
    """144 megapixels take 432 MB, twice; the images around it are classified."""
    large = write_png(tmp_path / "large.png", 12_000, 8, 2, b"\x40\x80\xc0" * 12_000)
    (tmp_path / "small.png").write_bytes(png)
    small = tmp_path / "small.png"
    command = [clipcls_binary, small, large, small, *LABELS, "-f", "jsonl", "--threads", "1"]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (1_000_000_000, 1_000_000_000))
    result = processes.run(command, capture_output=True, text=True, timeout=120, preexec_fn=limit, check=False)
    assert result.returncode == 1, result.stderr
    assert kinds_of(result.stdout) == ["", "too_large", ""]
    assert messages(result.stderr) == [f"clipcls: {large}: there is not enough memory to decode the PNG picture; a lower --max-megapixels refuses "
                                       "such files"]


@not_with_address_sanitizer
def test_too_little_memory_for_a_model_is_said(clipcls_binary, test_models, tmp_path, png):
    (tmp_path / "small.png").write_bytes(png)
    command = [clipcls_binary, tmp_path / "small.png", *LABELS, "-m", test_models / "vit-b-32", "--threads", "1", "--no-cache"]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (600_000_000, 600_000_000))
    result = processes.run(command, capture_output=True, text=True, timeout=120, preexec_fn=limit, check=False)
    assert result.returncode == 2 and result.stdout == ""
    assert "memory" in result.stderr and result.stderr.count("\n") == 1 and "TorchScript" not in result.stderr
