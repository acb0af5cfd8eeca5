"""What a stranger reads first agrees with itself and with the tree."""

import re

import pytest

from tests.architecture.tree import ROOT, read, shown, text_files

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PATH_OF_A_MACHINE = re.compile(r"(?<![\w/.:-])/(?:work|root|home|Users)/\w")
PACKAGE_INDEX = re.compile(r"(?:pypi|pythonhosted|npmjs)[.](?:org|com)")


def readme(name):
    return read(ROOT / name)


def code_blocks(text):
    """The commands and samples of a page, without the comments, which each language writes for itself."""
    blocks = FENCE.findall(text)
    return [(language, re.sub(r"\s*#.*", "", body).strip()) for language, body in blocks if language]


def headings(text):
    """The levels of the headings, in order; a `#` inside a code block is a comment."""
    return [len(level) for level in re.findall(r"^(#+) ", FENCE.sub("", text), re.MULTILINE)]


@pytest.mark.parametrize("command", ["make demo", "make test"])
@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_readme_shows_the_two_commands(page, command):
    assert command in readme(page)


def test_both_readmes_have_the_same_headings():
    assert headings(readme("README.zh-CN.md")) == headings(readme("README.md"))


def test_both_readmes_show_the_same_code():
    assert code_blocks(readme("README.zh-CN.md")) == code_blocks(readme("README.md"))


def test_readmes_name_each_other():
    assert "README.zh-CN.md" in readme("README.md")
    assert "README.md" in readme("README.zh-CN.md")


def test_links_between_documents_lead_somewhere():
    dead = [
        f"{shown(page)}: {target}"
        for page in text_files()
        if page.suffix == ".md"
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", FENCE.sub("", read(page)))
        if not (page.parent / target).exists()
    ]
    assert dead == []


def test_decisions_are_numbered_without_a_gap():
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_four_parts(path):
    assert re.findall(r"^## (.+)$", read(path), re.MULTILINE) == [
        "Context", "Decision", "Consequences", "Tried instead",
    ]  # fmt: skip


def test_no_file_names_a_path_of_one_machine():
    assert [shown(path) for path in text_files() if PATH_OF_A_MACHINE.search(read(path))] == []


def test_no_file_names_a_package_index():
    assert [shown(path) for path in text_files() if PACKAGE_INDEX.search(read(path))] == []
