"""Which encoding a text file has, and its lines decoded so that one damaged line costs only itself."""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from services.exchange.client.failures import UnreadableFileError

_WIDE_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WIDE: Final = "utf-16"
_LONGEST_LINE: Final = 16 * 1024 * 1024


@dataclass(frozen=True)
class Encoding:
    """The encoding of a file; `damaged` lines hold bytes that it cannot read, which become U+FFFD."""

    name: str
    damaged: int


def detect(file: BinaryIO) -> Encoding:
    """UTF-16 by its mark; else strict UTF-8 (with or without a mark), else GB18030; of a damaged
    file, the one that reads most lines.

    Many UTF-8 lines happen to be valid GB18030 and would turn into other characters without an error, hardly any
    longer GB18030 line happens to be valid UTF-8. So UTF-8 is believed as soon as it reads half of the text that is
    not plain ASCII, by length.

    Raises:
        UnreadableFileError: a line is longer than any row of a table.
    """
    file.seek(0)
    if file.read(2).startswith(_WIDE_MARKS):
        return Encoding(_WIDE, 0)
    telling = unread = broken_utf8 = broken_gb18030 = 0
    for line in raw_lines(file):
        if line.isascii():
            continue
        telling += len(line)
        if not _reads(line, "utf-8"):
            unread += len(line)
            broken_utf8 += 1
        if not _reads(line, "gb18030"):
            broken_gb18030 += 1
    if unread * 2 <= telling:
        return Encoding("utf-8", broken_utf8)
    return Encoding("gb18030", broken_gb18030)


def raw_lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file with their ends, from its start and without a UTF-8 mark.

    A line feed is never a part of a character in UTF-8 or GB18030, so bytes can be split before they are decoded.

    Raises:
        UnreadableFileError: a line is longer than any row of a table.
    """
    file.seek(0)
    if file.read(3) != codecs.BOM_UTF8:
        file.seek(0)
    while line := file.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise _too_long()
        yield line


def decoded_lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    """The lines as text; bytes that cannot be read become U+FFFD, which the platform refuses in that one row."""
    if encoding == _WIDE:
        yield from _wide_lines(file)
        return
    for line in raw_lines(file):
        yield line.decode(encoding, errors="replace")


def _wide_lines(file: BinaryIO) -> Iterator[str]:
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=_WIDE, errors="replace", newline="\n")
    try:
        while line := text.readline(_LONGEST_LINE):
            if len(line) == _LONGEST_LINE:
                raise _too_long()
            yield line
    finally:
        text.detach()


def _reads(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _too_long() -> UnreadableFileError:
    return UnreadableFileError(
        "a line is longer than 16 MiB",
        "save the table as CSV with a line feed after each row",
        "sheet_unreadable",
    )
