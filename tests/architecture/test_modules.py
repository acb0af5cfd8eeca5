"""Modules stay small, are named after what they are about, and say what they are for."""

import ast
import re
import statistics
import sys

import pytest

from tests.architecture.tree import SERVICES, modules, parse, read, shown

LONGEST = 500
MEDIAN_BELOW = 200
NAMES_THAT_SAY_NOTHING = {
    "base",
    "common",
    "helper",
    "helpers",
    "manager",
    "managers",
    "misc",
    "util",
    "utils",
}
TYPE_NAMES_THAT_SAY_NOTHING = re.compile(r"^(Abstract[A-Z]\w*|I[A-Z][a-z]\w*|\w+Impl|\w+Manager|\w+Helper)$")


def test_no_module_is_too_long_to_read_at_once():
    lengths = {
        shown(path): len(read(path).splitlines()) for path in modules("services", "migrations", "tests")
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_most_modules_are_short():
    lengths = [len(read(path).splitlines()) for path in modules("services") if path.name != "__init__.py"]
    assert statistics.median(lengths) < MEDIAN_BELOW


def test_names_say_what_a_module_is_about():
    def says_nothing(path):
        named = f"{path.parent.name}_{path.stem}".lower().split("_")
        return not NAMES_THAT_SAY_NOTHING.isdisjoint(named)

    assert [shown(path) for path in modules("services", "tests", "migrations") if says_nothing(path)] == []


def test_type_names_come_from_the_domain_not_from_patterns():
    found = [
        f"{shown(path)}: {node.name}"
        for path in modules("services")
        for node in ast.walk(parse(path))
        if isinstance(node, ast.ClassDef) and TYPE_NAMES_THAT_SAY_NOTHING.match(node.name)
    ]
    assert found == []


def test_each_module_says_what_it_is_for():
    silent = [shown(path) for path in modules("services") if not ast.get_docstring(parse(path))]
    assert silent == []


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX", "HACK"])
def test_nothing_is_left_for_later(word):
    later = re.compile(rf"\b{word}\b")
    assert [shown(path) for path in modules("services", "migrations") if later.search(read(path))] == []


def test_domain_imports_the_standard_library_only():
    strangers = [
        f"{shown(path)}: {name}"
        for path in modules("services")
        if "domain" in path.relative_to(SERVICES).parts
        for name in imported(path)
        if name.split(".")[0] not in sys.stdlib_module_names and not is_sibling(name, path)
    ]
    assert strangers == []


def imported(path):
    """Each module that `path` imports, wherever in it."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def is_sibling(name, path):
    service = path.relative_to(SERVICES).parts[0]
    return f"{name}.".startswith(f"services.{service}.domain.")
