"""`clipcls formats` says what is read here, by which library, and what to install for the rest."""
import json
import re
from pathlib import Path

import pytest
from conftest import ROOT, RunClipcls

OPENED = {"HEIC": "libheif", "AVIF": "libavif", "JPEG XL": "libjxl", "JPEG 2000": "libopenjp2", "TIFF": "libtiff"}


def test_every_format_has_a_library_and_its_version(run_clipcls: RunClipcls):
    result = run_clipcls("formats", "-f", "json")
    assert (result.returncode, result.stderr) == (0, "")
    formats = {row["format"]: row for row in json.loads(result.stdout)}
    assert {"JPEG", "PNG", "WebP", "GIF", "TGA", "camera raw", *OPENED} <= set(formats)
    for name, row in formats.items():
        assert row["is_read"] and row["problem"] is None and row["library"]
        assert (row["package"] is not None) == (name in OPENED)
        assert row["sandbox"] == ("always" if name in OPENED else "in serve")
        assert row["version"] is None or re.fullmatch(r"\d+\.\d+(\.\d+)*", row["version"])
    for name, library in OPENED.items():
        assert formats[name]["version"] and formats[name]["package"].startswith(library)
    tools = dict(line.split() for line in (ROOT / "tests" / "data" / "images" / "coded" / "libraries").read_text().splitlines())
    assert set(tools) <= {row["library"] for row in formats.values()}


def test_text_is_a_table(run_clipcls: RunClipcls):
    lines = run_clipcls("formats").stdout.splitlines()
    assert re.fullmatch(r"FORMAT +READ BY +VERSION +SANDBOX", lines[0])
    assert any(re.fullmatch(r"HEIC +libheif +\d+\.\d+\.\d+ +always", line) for line in lines)
    assert any(re.fullmatch(r"GIF +clipcls +in serve", line) for line in lines)


def test_what_is_missing_names_its_package(run_clipcls: RunClipcls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    packages = {row["format"]: row["package"] for row in json.loads(run_clipcls("formats", "-f", "json").stdout)}
    for library in OPENED.values():
        for path in Path("/usr/lib").rglob(f"{library}.so.*"):
            (tmp_path / path.name).write_bytes(b"")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    result = run_clipcls("formats")
    assert (result.returncode, result.stderr) == (1, "")
    for name in OPENED:
        assert re.search(rf"^{name} +\S+ +missing: install {packages[name]} *$", result.stdout, re.MULTILINE)
    rows = {row["format"]: row for row in json.loads(run_clipcls("formats", "-f", "json").stdout)}
    assert not rows["HEIC"]["is_read"] and "needs libheif.so." in rows["HEIC"]["problem"] and rows["HEIC"]["version"] is None
    assert rows["JPEG"]["is_read"]
