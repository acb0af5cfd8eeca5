"""On which line of a TOML text each value stands. The standard library's parser keeps no lines, and a fault in a rule book
of some hundred lines is only useful with one."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

_PIECE: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|\#[^\n]*|[\[\]{},\n]|[^\[\]{},\#"\'\n]+',
    re.DOTALL,
)
_HEADER: Final = re.compile(r"[ \t]*(\[\[?)([^\]\n]+)\]\]?")
_KEY: Final = re.compile(r"[ \t]*([^=\n#]+?)[ \t]*=")


def line_numbers(text: str) -> dict[str, int]:
    """The line, from 1, of every table, key and array element of a text that `tomllib` accepts.

    Paths read `rules[3].when[0]`: array elements are numbered from 0. What stands inside an inline table has the line of
    the table (TOML keeps it on one line).
    """
    newlines = [place for place, character in enumerate(text) if character == "\n"]
    lines: dict[str, int] = {}
    tables: dict[str, int] = {}
    prefix = ""
    position = 0
    while position < len(text):
        line = bisect_left(newlines, position) + 1
        if header := _HEADER.match(text, position):
            prefix = _resolve(header[2], tables, is_array=header[1] == "[[")
            if prefix.endswith("[0]"):
                lines[prefix.removesuffix("[0]")] = line
            lines[prefix] = line
            position = _end_of_line(text, header.end())
        elif key := _KEY.match(text, position):
            name = _unquote(key[1])
            path = f"{prefix}.{name}" if prefix else name
            lines[path] = line
            for index, place in enumerate(_elements(text, key.end())):
                lines[f"{path}[{index}]"] = bisect_left(newlines, place) + 1
            position = _end_of_value(text, key.end())
        else:
            position = _end_of_line(text, position)
    return lines


def find_line(lines: dict[str, int], path: str) -> int | None:
    """The line of a path, or of the nearest thing that holds it; None where nothing of it stands in the text."""
    while path:
        if path in lines:
            return lines[path]
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return None


def _resolve(header: str, tables: dict[str, int], *, is_array: bool) -> str:
    """The path that a header opens; `tables` counts the elements of each array of tables so far."""
    names = [_unquote(name) for name in header.split(".")]
    path = ""
    for depth, name in enumerate(names):
        path = f"{path}.{name}" if path else name
        if depth == len(names) - 1 and is_array:
            tables[path] = tables.get(path, -1) + 1
        if path in tables:
            path = f"{path}[{tables[path]}]"
    return path


def _unquote(name: str) -> str:
    return name.strip().strip("\"'")


def _end_of_line(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1


def _pieces(text: str, position: int) -> Iterator[tuple[int, str, int]]:
    """The pieces of the value that starts at `position`: place, piece, how many brackets are open before it."""
    depth = 0
    for found in _PIECE.finditer(text, position):
        piece = found[0]
        if piece == "\n" and depth == 0:
            return
        yield found.start(), piece, depth
        if piece in "[{":
            depth += 1
        elif piece in "]}":
            depth -= 1


def _end_of_value(text: str, position: int) -> int:
    end = position
    for place, piece, _ in _pieces(text, position):
        end = place + len(piece)
    return _end_of_line(text, end)


def _elements(text: str, position: int) -> Iterator[int]:
    """Where each element of the array that starts at `position` starts; nothing where the value is no array."""
    awaited = False
    for place, piece, depth in _pieces(text, position):
        if depth == 0:
            if piece.strip() and piece != "[":
                return
            awaited = piece == "["
        elif depth == 1:
            if piece == ",":
                awaited = True
            elif awaited and piece.strip() and piece[0] not in "#]":
                awaited = False
                yield place
