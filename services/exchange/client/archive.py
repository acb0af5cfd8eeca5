"""A workbook as the archive that it is: looked through before any of it is believed.

An XLSX file is a ZIP archive of XML parts. Nothing in it is unpacked to disk, evaluated or followed: what could do
harm elsewhere (macros, links to other files, embedded objects, document types) refuses the file, and so does what
is larger unpacked than its limits.
"""

import re
import struct
import zipfile
import zlib
from typing import BinaryIO, Final

from services.exchange.client.failures import UnreadableFileError
from services.exchange.client.limits import Limits

_ZIP: Final = b"PK\x03\x04"
_COMPOUND: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED_PACKAGE: Final = "EncryptedPackage".encode("utf-16-le")
_END: Final = b"PK\x05\x06"
_CHUNK: Final = 1 << 20
_TAIL: Final = 64
_ACTIVE: Final = (
    ("vbaproject", "macros"),
    ("/macrosheets/", "macros"),
    ("/dialogsheets/", "macros"),
    ("/externallinks/", "links to other files"),
    ("/connections.xml", "data connections"),
    ("/querytables/", "data connections"),
    ("/embeddings/", "embedded objects"),
    ("/activex/", "embedded objects"),
    ("/ctrlprops/", "embedded objects"),
)
_DOCUMENT_TYPE: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST)")
_DECLARED_ENCODING: Final = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)[\"']")
_CELL: Final = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_SAVE_AGAIN: Final = "open it in a spreadsheet program and save it again as .xlsx, or as CSV"
_VALUES_ONLY: Final = "copy the cells into a new workbook as values, and save it as .xlsx"


def inspect(file: BinaryIO, limits: Limits) -> None:
    """Look through a whole workbook.

    Raises:
        UnreadableFileError: it is none, is locked, holds what could do harm, or is too large.
    """
    file.seek(0)
    start = file.read(8)
    if start == _COMPOUND:
        raise _compound(file)
    if not start.startswith(_ZIP):
        raise _unreadable("its content is not that of an .xlsx file")
    _check_directory(file, limits)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _check_names(parts)
            if sum(part.file_size for part in parts) > limits.unpacked_bytes:
                raise _too_large(f"it unpacks to more than {limits.unpacked_bytes:,} bytes")
            unpacked = 0
            for part in parts:
                unpacked += _read_part(archive, part, limits, limits.unpacked_bytes - unpacked)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError) as error:
        raise _unreadable(f"the archive is damaged ({error})") from error


def _compound(file: BinaryIO) -> UnreadableFileError:
    file.seek(0)
    if _ENCRYPTED_PACKAGE in file.read(8 * _CHUNK):
        return UnreadableFileError(
            "the workbook is locked with a password",
            "take the password off and send it again",
            "sheet_encrypted",
        )
    return _unreadable("it is a workbook of the old format (.xls)")


def _check_directory(file: BinaryIO, limits: Limits) -> None:
    """How many parts the archive's end announces, before its directory is read into memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - (1 << 16) - 22))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        raise _unreadable("the file is cut off")
    entries, directory_bytes = struct.unpack_from("<HI", tail, at + 10)
    if entries > limits.parts or directory_bytes > limits.parts * 1024:
        raise _too_large(f"it holds more than {limits.parts:,} parts")


def _check_names(parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename.lower() for part in parts]
    if len(set(names)) != len(names):
        raise _unreadable("two of its parts have one name")
    for part, name in zip(parts, names, strict=True):
        steps = name.split("/")
        if (
            name.startswith("/")
            or "\\" in part.orig_filename
            or ":" in name
            or ".." in steps
            or "\0" in part.orig_filename
        ):
            raise _unreadable("a part of it has a name that leads out of the archive")
        if part.flag_bits & 0x1:
            raise UnreadableFileError(
                "the workbook is locked with a password",
                "take the password off and send it again",
                "sheet_encrypted",
            )
        for mark, what in _ACTIVE:
            if mark in f"/{name}":
                raise _active(what)
    if "[content_types].xml" not in names or "xl/workbook.xml" not in names:
        raise _unreadable("it is an archive, but no .xlsx workbook")


def _read_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, limits: Limits, rest: int) -> int:
    """Unpack one part into nothing, looking at what passes; gives its true size."""
    name, size, before = part.filename.lower(), 0, b""
    is_xml = name.endswith((".xml", ".rels", ".vml"))
    extent = _Extent(limits) if name.startswith("xl/worksheets/") else None
    with archive.open(part) as content:
        while chunk := content.read(_CHUNK):
            size += len(chunk)
            if size > rest:
                raise _too_large(f"it unpacks to more than {limits.unpacked_bytes:,} bytes")
            if is_xml:
                window = before + chunk
                _check_xml(window, first=not before, is_types=name == "[content_types].xml")
                if extent is not None:
                    extent.take(window)
                before = window[-_TAIL:]
    return size


def _check_xml(window: bytes, *, first: bool, is_types: bool) -> None:
    if b"\0" in window:
        raise _unreadable("a part of it is no text in UTF-8")
    if first:
        declared = _DECLARED_ENCODING.match(window.removeprefix(b"\xef\xbb\xbf"))
        if declared and declared[1].lower() not in {b"utf-8", b"us-ascii", b"ascii"}:
            raise _unreadable("a part of it is no text in UTF-8")
    if _DOCUMENT_TYPE.search(window):
        raise _active("a document type")
    if is_types and b"macroenabled" in window.lower():
        raise _active("macros")


class _Extent:
    """How far a sheet's cells reach: readers keep the whole rectangle in memory, however few cells are filled."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._columns: set[bytes] = set()
        self._rows = 0

    def take(self, window: bytes) -> None:
        """Look at the cells of the next piece of the sheet.

        Raises:
            UnreadableFileError: the sheet reaches too far.
        """
        found = _CELL.findall(window)
        if not found:
            return
        self._columns.update(column for column, _ in found)
        lowest = max(int(row) for _, row in found)
        self._rows = max(self._rows, lowest)
        width = max(map(_column_number, self._columns))
        if width > self._limits.columns:
            raise _too_large(f"a sheet has cells beyond column {self._limits.columns}")
        if width * self._rows > self._limits.cells:
            raise _too_large(f"a sheet spans more than {self._limits.cells:,} cells")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _unreadable(why: str) -> UnreadableFileError:
    return UnreadableFileError(f"the workbook cannot be read: {why}", _SAVE_AGAIN, "sheet_unreadable")


def _active(what: str) -> UnreadableFileError:
    return UnreadableFileError(f"the workbook holds {what}", _VALUES_ONLY, "sheet_active_content")


def _too_large(why: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"the workbook is too large: {why}",
        "delete empty rows and columns, split it, or send CSV or NDJSON",
        "sheet_too_large",
    )
