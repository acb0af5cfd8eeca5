"""Every name of the domain has one Chinese and one English term, and the code uses no other.

`docs/glossary.md` holds tables whose first two columns are 中文 and English. A closed set of the code (an enumeration)
and a table of a database must each appear there, by its name in words: `RecordVersion` as "record version".
"""

import ast
import importlib
import pkgutil
from collections import Counter

from sqlalchemy import Table

from services.kernel.faults import FAULTS
from services.kernel.kinds import KINDS
from tests.architecture.tree import ROOT, SERVICES, has_chinese, modules, parse, read, shown, words

ENUMERATIONS = {"Enum", "IntEnum", "StrEnum"}


def rows():
    """(Chinese, English) of every row of the glossary."""
    lines = [
        line.strip() for line in read(ROOT / "docs" / "glossary.md").splitlines() if line.startswith("|")
    ]
    cells = [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]
    return [(row[0], row[1]) for row in cells if row[0] != "中文" and set(row[0]) - set("-: ")]


def terms():
    return {spelled(english) for _, english in rows()}


def spelled(name):
    """A name in the singular without gaps: the code writes `rulebook` for the rule book."""
    return words(name).replace(" ", "")


def enumerations():
    for path in modules("services"):
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.ClassDef) and any(
                ast.unparse(base).split(".")[-1] in ENUMERATIONS for base in node.bases
            ):
                yield f"{shown(path)}: {node.name}", node.name


def tables():
    """(module, name) of each database table that a service declares, as a module or as a package of modules."""
    for service in sorted(
        path.parent.name for path in SERVICES.glob("*/tables*") if path.suffix in {"", ".py"}
    ):
        top = importlib.import_module(f"services.{service}.tables")
        below = [
            importlib.import_module(found.name)
            for found in pkgutil.iter_modules(getattr(top, "__path__", []), f"{top.__name__}.")
        ]
        for module in [top, *below]:
            for value in vars(module).values():
                table = getattr(value, "__table__", value)
                if isinstance(table, Table):
                    yield f"{service}: {table.name}", table.name


def test_every_enumeration_has_its_chinese_term():
    assert sorted(place for place, name in enumerations() if spelled(name) not in terms()) == []


def test_every_table_has_its_chinese_term():
    assert sorted({place for place, name in tables() if spelled(name) not in terms()}) == []


def test_the_glossary_calls_kinds_as_their_declarations_do():
    """A kind says its Chinese term itself, so that one more needs no row here; a row may not say another."""
    assert {code: zh for zh, code in rows() if code in KINDS and KINDS[code].label.zh != zh} == {}


def test_every_fault_has_its_chinese_term():
    assert [code for code in FAULTS if spelled(code) not in terms()] == []


def test_every_row_gives_a_chinese_and_an_english_term():
    assert [row for row in rows() if not has_chinese(row[0]) or has_chinese(row[1]) or not row[1]] == []


def test_a_chinese_term_has_one_english_name():
    counted = Counter(chinese for chinese, _ in rows())
    assert [chinese for chinese, times in counted.items() if times > 1] == []


def test_an_english_name_has_one_chinese_term():
    counted = Counter(english for _, english in rows())
    assert [english for english, times in counted.items() if times > 1] == []
