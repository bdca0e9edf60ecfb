"""The READMEs of the project, taken apart: blocks in fences, code in running text, links, headings."""
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")


@dataclass(frozen=True)
class Block:
    readme: str  # relative to the root
    language: str
    text: str

    def is_left_out(self) -> bool:
        """Whether it says itself that no test runs it, and why."""
        return re.search(r"^# Not run by the tests( as it stands)?: \S.*\.", self.text, re.MULTILINE) is not None


def readmes(root: Path = ROOT) -> list[Path]:
    """README.md and those of the rooms, which are all folders but build and hidden ones."""
    rooms = [root / name for name in ("include", "models", "scripts", "src", "tests")]
    return [root / "README.md", *(path for room in rooms for path in sorted(room.rglob("README.md")) if "node_modules" not in path.parts)]


def blocks(path: Path) -> Iterator[Block]:
    for language, text in FENCE.findall(path.read_text("utf-8")):
        yield Block(str(path.relative_to(ROOT)), language, text)


def running_text(path: Path) -> str:
    """What is in no fence."""
    return FENCE.sub("", path.read_text("utf-8"))


def code_spans(path: Path) -> list[str]:
    return re.findall(r"`([^`\n]+)`", running_text(path))


def anchors(path: Path) -> set[str]:
    """What #… may follow the path, as GitHub makes it of the headings."""
    headings = re.findall(r"^#+ (.*)$", running_text(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(path: Path) -> list[str]:
    """Relative links that lead to no file, or to no heading of it."""
    dead = []
    for link, image in LINK.findall(running_text(path)):
        target, _, anchor = (link or image).partition("#")
        if "://" in target:
            continue
        file = path.parent / target if target else path
        if not file.is_file() or (anchor and anchor not in anchors(file)):
            dead.append(link or image)
    return dead
