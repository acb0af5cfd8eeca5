"""A corpus of files that mean harm, made when it is needed: name → what is sent, as what, and which answers do no harm.

`REFUSED` names the problem codes that a file may get; `RECORDS` are files whose rows are judged one by one.
"""

import io
import struct
import zipfile
from dataclasses import dataclass

from tests.sheets import workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
LAUGHS = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)


@dataclass(frozen=True)
class Hostile:
    """One file: its bytes, the type it is sent as, and the problem codes that are right."""

    body: bytes
    media_type: str
    codes: frozenset[str]


def good(header, row):
    """A workbook without fault, from which the others are made."""
    return workbook(("处罚", [header, row])).getvalue()


def repacked(content, add=None, replace=None, drop=(), method=zipfile.ZIP_DEFLATED):
    """The archive with parts added, replaced or dropped."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(made, "w", method) as target:
        for part in source.infolist():
            if part.filename not in drop:
                target.writestr(part.filename, (replace or {}).get(part.filename, source.read(part)))
        for name, body in (add or {}).items():
            target.writestr(name, body)
    return made.getvalue()


def part_of(content, name):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def renamed(content, old, new):
    """The archive with the bytes of a part's name changed where it stands; both are of one length."""
    assert len(old) == len(new)
    return content.replace(old, new)


def with_sheet(content, data):
    return repacked(
        content, replace={SHEET: f"<worksheet {MAIN}><sheetData>{data}</sheetData></worksheet>".encode()}
    )


def text_cell(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def overlapping(content):
    """Every entry of the directory points at the first part."""
    made = bytearray(content)
    at = made.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", made, at + 42, 0)
        at = made.find(b"PK\x01\x02", at + 4)
    return bytes(made)


def lying_about_size(content, unpacked):
    """A part far larger than the directory says."""
    made = bytearray(repacked(content, add={"xl/media/image1.xml": b" " * unpacked}))
    at = made.rfind(b"PK\x01\x02")
    struct.pack_into("<I", made, at + 24, 10)
    return bytes(made)


def flagged_as_locked(content):
    made = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = made.find(mark)
        while at >= 0:
            made[at + offset] |= 1
            at = made.find(mark, at + 4)
    return bytes(made)


def announcing(content, entries):
    """A directory that announces more entries than it has."""
    made = bytearray(content)
    at = made.rfind(b"PK\x05\x06")
    struct.pack_into("<HH", made, at + 8, entries, entries)
    return bytes(made)


def shared_strings_bomb(content, cells):
    """One long text, said by a million cells."""
    strings = f"<sst {MAIN}><si><t>{'x' * 32_000}</t></si></sst>"
    row = "<row>" + '<c t="s"><v>0</v></c>' * 100 + "</row>"
    sheet = f"<worksheet {MAIN}><sheetData>{row * (cells // 100)}</sheetData></worksheet>"
    return repacked(content, replace={SHEET: sheet.encode(), STRINGS: strings.encode()})


def corpus(header, row, unpacked):
    """Every file; `unpacked` is the most bytes that a workbook may unpack to."""
    content = good(header, row)
    sheet, strings = part_of(content, SHEET), part_of(content, STRINGS)
    unreadable, large = frozenset({"sheet_unreadable"}), frozenset({"sheet_too_large"})
    active, locked = frozenset({"sheet_active_content"}), frozenset({"sheet_encrypted"})
    no_header = frozenset({"sheet_header_missing"})
    head = ",".join(header)
    line = ",".join(map(str, row))
    compound = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
    made = {
        "a part that unpacks to more than is allowed": (repacked(content, add={"xl/media/a.xml": b" " * (unpacked + 1)}), large),
        "a part stored larger than is allowed": (
            repacked(content, add={"xl/media/a.bin": bytes(unpacked + 1)}), large),
        "a part larger than its directory says": (lying_about_size(content, unpacked + 1), large | unreadable),
        "many parts that add up": (
            repacked(content, add={f"xl/media/{n}.xml": b" " * (unpacked // 8) for n in range(9)}), large),
        "five thousand parts": (repacked(content, add={f"xl/media/{n}.xml": b"" for n in range(5_000)}), large),
        "a directory that announces more": (announcing(content, 65_000), large),
        "entries that overlap": (overlapping(content), unreadable),
        "an archive in an archive": (repacked(content, drop=("xl/workbook.xml",), add={"a.xlsx": content}), unreadable),
        "cut off in the middle": (content[: len(content) // 2], unreadable),
        "cut off before its directory ends": (content[:-30], unreadable),
        "its first ten bytes": (content[:10], unreadable),
        "nothing at all": (b"", unreadable),
        "an empty archive": (b"PK\x05\x06" + bytes(18), unreadable),
        "a name that climbs": (repacked(content, add={"../../../etc/cron.d/x": b"x"}), unreadable),
        "a name from the root": (repacked(content, add={"/etc/passwd": b"x"}), unreadable),
        "a name with a drive": (repacked(content, add={"C:/x": b"x"}), unreadable),
        "a name with backslashes": (renamed(repacked(content, add={"a/../b": b"x"}), b"a/../b", b"a\\..\\b"), unreadable),
        "a name with a zero byte": (renamed(repacked(content, add={"xl/a.b": b"x"}), b"xl/a.b", b"xl/a\0b"), unreadable),
        "two parts of one name": (
            renamed(repacked(content, add={"xl/worksheets/sheet9.xml": sheet}), b"sheet9.xml", b"sheet1.xml"), unreadable),
        "an archive with a password": (flagged_as_locked(content), locked),
        "a workbook with a password": (compound + "EncryptedPackage".encode("utf-16-le") + bytes(4096), locked),
        "a workbook of the old format": (compound + bytes(4096), unreadable),
        "macros": (repacked(content, add={"xl/vbaProject.bin": b"x"}), active),
        "macros under another name": (
            repacked(content, replace={"[Content_Types].xml": part_of(content, "[Content_Types].xml").replace(
                b"spreadsheetml.sheet.main+xml", b"sheet.macroEnabled.main+xml")}), active),
        "a macro sheet of 1992": (repacked(content, add={"xl/macrosheets/sheet1.xml": b"<x/>"}), active),
        "links to another file": (repacked(content, add={"xl/externalLinks/externalLink1.xml": b"<x/>"}), active),
        "an embedded object": (repacked(content, add={"xl/embeddings/oleObject1.bin": b"x"}), active),
        "a data connection": (repacked(content, add={"xl/connections.xml": b"<x/>"}), active),
        "a billion laughs in a sheet": (
            repacked(content, replace={SHEET: LAUGHS.encode() + b"]><worksheet>&j;</worksheet>"}), active),
        "a billion laughs in the shared texts": (
            repacked(content, replace={STRINGS: LAUGHS.encode() + f"]><sst {MAIN}><si><t>&j;</t></si></sst>".encode()}), active),
        "an entity that reads a file": (
            repacked(content, replace={STRINGS: f'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst {MAIN}><si><t>&x;</t></si></sst>'.encode()}),
            active),
        "a document type from elsewhere": (
            repacked(content, replace={"xl/workbook.xml": b'<!DOCTYPE w SYSTEM "http://127.0.0.1:1/x.dtd">' + part_of(content, "xl/workbook.xml")}),
            active),
        "a document type far behind": (
            repacked(content, replace={SHEET: sheet.replace(b"<sheetData>", b" " * (1 << 20) + b"<!DOCTYPE x><sheetData>")}), active),
        "a part in UTF-16": (repacked(content, replace={STRINGS: strings.decode().replace("UTF-8", "UTF-16").encode("utf-16")}), unreadable),
        "a part in UTF-7": (repacked(content, replace={STRINGS: strings.replace(b"UTF-8", b"UTF-7")}), unreadable),
        "zero bytes in a part": (repacked(content, replace={SHEET: sheet.replace(b"<row", b"\0<row")}), unreadable),
        "a cell in the last corner": (
            with_sheet(content, f'<row r="1">{text_cell("A1", "x")}</row><row r="1048576">{text_cell("XFD1048576", "x")}</row>'), large),
        "a cell far below": (with_sheet(content, f'<row r="1">{text_cell("A1", "x")}{text_cell("ZZ1", "x")}</row>'), large),
        "rows beyond any sheet": (
            with_sheet(content, f'<row r="1">{text_cell("A1", "x")}</row><row r="4294967295">{text_cell("A4294967295", "x")}</row>'),
            large | unreadable | no_header),
        "a million cells without a place": (with_sheet(content, f'<row>{"<c><v>1</v></c>" * 1_000_000}</row>'), large),
        "a range that is a lie": (
            repacked(content, replace={SHEET: sheet.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')}),
            frozenset({"", *large})),
        "one long text in a million cells": (shared_strings_bomb(content, 1_000_000), large),
        "a count of texts that is a lie": (
            repacked(content, replace={STRINGS: strings.replace(b"<sst ", b'<sst count="4294967295" uniqueCount="4294967295" ').replace(
                b' count="', b' counted="', 0)}), frozenset({"", *unreadable, *large, *no_header})),
        "texts that are not there": (repacked(content, replace={STRINGS: f"<sst {MAIN}/>".encode()}), no_header | unreadable | large),
        "a hundred thousand elements deep": (
            with_sheet(content, "<row>" + "<c>" * 100_000 + "</c>" * 100_000 + "</row>"), no_header | unreadable | large),
        "a hundred thousand merged ranges": (
            repacked(content, replace={SHEET: sheet.replace(b"</sheetData>", b"</sheetData><mergeCells>" + b'<mergeCell ref="A1:A1048576"/>' * 100_000 + b"</mergeCells>")}),
            frozenset({"", *large, *unreadable, *no_header})),
        "a merged range beyond any sheet": (
            repacked(content, replace={SHEET: sheet.replace(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:ZZZZZZ99999999999"/></mergeCells>')}),
            frozenset({"", *large, *unreadable})),
        "CSV that says it is a workbook": (f"{head}\n{line}\n".encode(), unreadable),
        "a portable document": (b"%PDF-1.7\n" + bytes(range(256)) * 40, unreadable),
        "a compressed stream": (b"\x1f\x8b\x08\0" + bytes(100), unreadable),
    }  # fmt: skip
    as_csv = {
        "a workbook that says it is CSV": (content, unreadable),
        "a picture that says it is CSV": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, no_header),
        "a million columns": (b"a," * 1_000_000 + b"\n", large),
        "a line without an end": (b"x" * (17 << 20), unreadable),
        "nothing as CSV": (b"", unreadable),
        "a million empty lines": (b"\n" * 1_000_000, unreadable),
        "brackets without an end": ((b"(" * 200_000 + b"," + "【".encode() * 60_000) + b"\n", no_header),
    }
    return {name: Hostile(body, XLSX, codes) for name, (body, codes) in made.items()} | {
        name: Hostile(body, CSV, codes) for name, (body, codes) in as_csv.items()
    }
