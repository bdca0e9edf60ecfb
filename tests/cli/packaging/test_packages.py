"""The tar.gz, the Debian package and the wheel, each put where there is nothing else, classify the sample as the build does.

What scripts/package gives away is made here in the same way, but for faster compression.
"""
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import processes
import pytest

ROOT = Path(__file__).resolve().parents[3]
GLIBC = ("ld-linux-x86-64.so.2", "libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1")
SAMPLE = ROOT / "models/everyday/shark.png"


MODULE = "libclipcls_torch.so"  # what the program opens libtorch with


def run(*command: object, **options) -> str:
    done = processes.run(list(map(str, command)), capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
    return done.stdout


def make_package(binary: Path, folder: Path, generator: str, pattern: str, *options: str) -> Path:
    run("cpack", "-G", generator, "--config", binary.parent / "CPackConfig.cmake", "-B", folder, *options)
    (package,) = folder.glob(pattern)
    return package


class BareRoot:
    """A folder that is the whole file system for the programs that are run in it."""

    def __init__(self, folder: Path):
        self.folder = folder
        for name in ("proc", "tmp", "home"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def run(self, *command: object, path: str) -> "subprocess.CompletedProcess[str]":
        enter = f'mount --rbind /proc "{self.folder}/proc" && exec /usr/bin/env -i PATH={path} HOME=/home "$0" "{self.folder}" "$@"'
        return processes.run([*unshare(), "sh", "-c", enter, shutil.which("chroot", path="/usr/sbin:/usr/bin"),
                              *map(str, command)], capture_output=True, text=True, check=False)


def unshare() -> list[str]:
    return ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]


@pytest.fixture(scope="module", autouse=True)
def can_chroot() -> None:
    if processes.run([*unshare(), "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("unshare --mount is not allowed here: run as root, or allow user namespaces")


@pytest.fixture(scope="module")
def expected(release_binary: Path) -> str:
    return run(release_binary, SAMPLE, "--labels", "cifar100")


def dependencies_in(root: BareRoot, file: str) -> dict[str, str]:
    """Name and path of each shared library that the loader takes for `file`."""
    listed = root.run("/lib64/ld-linux-x86-64.so.2", "--list", file, path="/")
    assert listed.returncode == 0, listed.stderr
    return dict(re.findall(r"^\s*(\S+) => (\S+)", listed.stdout, re.MULTILINE))


@pytest.fixture(scope="module")
def archive_root(release_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> BareRoot:
    """glibc, the unpacked archive under another name, and nothing else."""
    folder = tmp_path_factory.mktemp("archive")
    archive = make_package(release_binary, folder / "made", "TZST", "*.tar.zst")
    root = BareRoot(folder / "root")
    cache = run("/sbin/ldconfig", "--print-cache")
    for name in GLIBC:
        found = re.search(rf"^\s*{re.escape(name)} \(libc6,x86-64[^)]*\) => (\S+)", cache, re.MULTILINE)
        assert found, name
        (root.folder / found[1][1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(found[1], root.folder / found[1][1:])
    if not (root.folder / "lib64" / GLIBC[0]).exists():  # the path that programs name
        (root.folder / "lib64").mkdir(exist_ok=True)
        shutil.copy("/lib64/" + GLIBC[0], root.folder / "lib64")
    (root.folder / "moved").mkdir()
    run("tar", "-xf", archive, "-C", root.folder / "moved", "--strip-components=1")
    shutil.rmtree(folder / "made")
    return root


def test_archive_runs_where_there_is_only_glibc(archive_root: BareRoot, expected: str):
    result = archive_root.run("clipcls", "/moved/share/clipcls/models/everyday/shark.png", "--labels", "cifar100", "--quiet",
                              path="/moved/bin")
    assert (result.returncode, result.stdout, result.stderr) == (0, expected, "")


def test_archive_has_the_libraries_that_are_loaded_and_no_other(archive_root: BareRoot):
    (libxml2,) = (path.name for path in (archive_root.folder / "moved/lib/clipcls").glob("libxml2.so.*"))
    loaded = dependencies_in(archive_root, "/moved/bin/clipcls")
    assert not any("torch" in name for name in loaded), "the program starts without libtorch"
    opened = dependencies_in(archive_root, f"/moved/lib/clipcls/{libxml2}") | dependencies_in(archive_root, f"/moved/lib/clipcls/{MODULE}")
    own = {name for name, path in (loaded | opened).items() if "/moved/" in path} | {libxml2, MODULE}
    assert own == {path.name for path in (archive_root.folder / "moved/lib/clipcls").iterdir()}
    assert set(loaded | opened) - own <= set(GLIBC)
    assert {"libtorch_cpu.so", "libc10.so", "libgomp.so.1"} <= own


def test_archive_brings_the_library_for_sidecars(archive_root: BareRoot):
    shutil.copy(SAMPLE, archive_root.folder / "tmp/shark.png")
    result = archive_root.run("clipcls", "/tmp/shark.png", "--labels", "cifar100", "--write-xmp", path="/moved/bin")
    assert result.returncode == 0, result.stderr
    assert "shark" in (archive_root.folder / "tmp/shark.png.xmp").read_text("utf-8")


def test_archive_leaves_fetching_to_the_systems_libcurl(archive_root: BareRoot):
    result = archive_root.run("clipcls", "model", "fetch", "ViT-B/32", path="/moved/bin")
    assert result.returncode == 2
    assert "needs libcurl.so.4 (Debian package libcurl4)" in result.stderr.splitlines()[-1]


def test_archive_has_what_shells_read_and_the_licences(archive_root: BareRoot):
    share = archive_root.folder / "moved/share"
    for file in ("man/man1/clipcls.1", "bash-completion/completions/clipcls", "zsh/site-functions/_clipcls",
                 "fish/vendor_completions.d/clipcls.fish", "doc/clipcls/LICENSE", "doc/clipcls/changelog.gz", "doc/clipcls/licences/libtorch/LICENSE"):
        assert (share / file).stat().st_size > 0
    assert list((share / "doc/clipcls/licences").glob("libicu*"))


def test_the_changelog_begins_with_this_version(release_binary: Path):
    changelog = ROOT / "scripts/packaging/changelog"
    version = run(release_binary, "--version").split()[1]
    assert run("dpkg-parsechangelog", "--file", changelog, "--show-field", "Version").strip() == version
    notes = run(ROOT / "scripts/packaging/release_notes", changelog).splitlines()
    assert notes[:2] == [f"# clipcls {version}", ""]
    entry = changelog.read_text("utf-8").split("\n -- ")[0]
    assert len(notes) == 2 + entry.count("\n  * "), "a line a change"
    assert " ".join("* " + note.removeprefix("- ") for note in notes[2:]) == " ".join(entry.split("\n", 2)[2].split())


def names_of_packages(package: Path, field: str) -> list[str]:
    return [entry.split()[0] for entry in run("dpkg-deb", "--field", package, field).strip().split(", ")]


def test_debian_package_runs_on_what_it_depends_on(release_binary: Path, expected: str, tmp_path: Path):
    """Into an empty root go the package and what it depends on: not even a shell."""
    if shutil.which("mmdebstrap") is None or os.geteuid() != 0:
        pytest.skip("needs mmdebstrap, and root")
    package = make_package(release_binary, tmp_path / "made", "DEB", "*.deb", "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=zstd")
    suite = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text("utf-8"), re.MULTILINE)
    assert suite
    depends = names_of_packages(package, "Depends")
    assert {"libc6", "libicu", "libjpeg", "libwebp"} <= {re.match(r"libc6|[a-z]+", name)[0] for name in depends}
    run("mmdebstrap", "--quiet", "--variant=extract", f"--include={','.join(depends)}", suite[1], tmp_path / "root")
    run("dpkg-deb", "--extract", package, tmp_path / "root")

    # The image of scripts/packaging/Dockerfile gets the same: what nearly every system has aside.
    dockerfile = set((ROOT / "scripts/packaging/Dockerfile").read_text("utf-8").split())
    recommends = names_of_packages(package, "Recommends")
    assert {*depends, *recommends} - {"libc6", "libgcc-s1", "libstdc++6", "libssl3"} <= dockerfile

    root = BareRoot(tmp_path / "root")
    assert not (root.folder / "bin/sh").exists()
    result = root.run("clipcls", "/usr/share/clipcls/models/everyday/shark.png", "--labels", "cifar100", "--quiet", path="/usr/bin")
    assert (result.returncode, result.stdout, result.stderr) == (0, expected, "")
    loaded = dependencies_in(root, f"/usr/lib/clipcls/{MODULE}")
    assert loaded["libtorch_cpu.so"].endswith("/usr/lib/clipcls/libtorch_cpu.so")


def test_wheel_runs_on_the_torch_package(release_binary: Path, expected: str, tmp_path: Path):
    run(ROOT / "scripts/packaging/wheel/make", release_binary.parent, tmp_path / "made")
    (wheel,) = (tmp_path / "made").glob("clipcls-*-py3-none-linux_*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv")
    run(sys.executable, "-m", "pip", "--python", tmp_path / "venv/bin/python", "install", "--no-deps", "--no-index", wheel)
    environment = {"PATH": f"{tmp_path}/venv/bin:/usr/bin:/bin", "HOME": str(tmp_path)}
    command = ["clipcls", SAMPLE, "--labels", "cifar100", "--quiet"]
    without_torch = processes.run(["clipcls", "--version"], env=environment, capture_output=True, text=True, check=False)
    assert without_torch.returncode == 1 and "pip install torch==" in without_torch.stderr

    # torch in another folder of the environment's path …
    torch = Path(sysconfig.get_path("purelib"))
    (site_packages,) = (tmp_path / "venv/lib").glob("python3*/site-packages")
    (site_packages / "torch.pth").write_text(f"{torch}\n", "utf-8")
    assert run(*command, env=environment, cwd=tmp_path) == expected
    # … and beside the wheel's package, where the program itself finds it
    (site_packages / "torch.pth").unlink()
    (site_packages / "torch").symlink_to(torch / "torch")
    program = site_packages / "clipcls/program/bin/clipcls"
    assert run(program, SAMPLE, "--labels", "cifar100", "--quiet", env=environment) == expected
    module = site_packages / "clipcls/program/lib/clipcls" / MODULE
    assert f"{site_packages}/" in re.search(r"libtorch_cpu\.so => (\S+)", run("ldd", module))[1]
    assert (tmp_path / "venv/share/man/man1/clipcls.1").stat().st_size > 0
