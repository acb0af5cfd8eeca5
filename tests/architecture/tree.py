"""The tree as the architecture tests see it: which files are ours, and what is written in them."""

import ast
import os
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ROOT / "services"

_NOT_OURS = {"build", "dist", "node_modules", "__pycache__"}
_OURS_THOUGH_HIDDEN = {".ci"}
_TEXT = {
    "", ".cfg", ".css", ".editorconfig", ".example", ".html", ".ini", ".js", ".json", ".lock", ".md", ".po", ".py",
    ".service", ".sh", ".sql", ".svg", ".toml", ".txt", ".yaml", ".yml",
}  # fmt: skip


@cache
def text_files() -> tuple[Path, ...]:
    """Every text file of the project itself: no environment, cache, build result or demo."""

    def walk() -> Iterator[Path]:
        for folder, folders, names in os.walk(ROOT):
            folders[:] = [name for name in folders if _is_ours(name)]
            yield from (
                Path(folder, name) for name in names if Path(name).suffix in _TEXT and name != ".git"
            )  # in a linked worktree .git is a file

    return tuple(sorted(walk()))


def modules(*folders: str) -> list[Path]:
    """The Python files under `folders` of the project, in order."""
    roots = [ROOT / folder for folder in folders]
    return [
        path
        for path in text_files()
        if path.suffix == ".py" and any(path.is_relative_to(root) for root in roots)
    ]


def read(path: Path) -> str:
    """The text of a file, which must be UTF-8."""
    return path.read_text(encoding="utf-8")


def parse(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(read(path), filename=str(path))


def shown(path: Path) -> str:
    """The path as a person would name it: from the project's folder."""
    return path.relative_to(ROOT).as_posix()


def words(name: str) -> str:
    """A name of the code as the glossary spells it: `RecordVersion` and `record_versions` are "record version"."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return " ".join(_singular(word) for word in re.split(r"[\s_-]+", spaced.strip().lower()) if word)


def has_chinese(text: str) -> bool:
    """Whether a Chinese character stands in the text."""
    return any(unicodedata.name(character, "").startswith("CJK UNIFIED") for character in text)


def _is_ours(folder: str) -> bool:
    return folder in _OURS_THOUGH_HIDDEN or not (folder in _NOT_OURS or folder.startswith("."))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
