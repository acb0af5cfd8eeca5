"""Where values stand in a TOML text."""

import tomllib

import pytest

from services.credit.domain.toml_lines import find_line, line_numbers

TEXT = '''# a comment with = and [brackets]
id = "x"  # [not.a.table]
note = """
[neither]
this = "one"
"""

[title]
zh = "标题 # = ["

[[rules]]
id = "first"
when = [
  { field = "a", any_of = ["]", "b"] },   # a comment

  { field = "c", equals = '"' },
]
[rules.ceiling]
letter = "C"

[[rules]]
id = "second"
  "basis" = 'text'
[[rules.decay]]
share = 1
[[rules.decay]]
share = 2
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("id", 2),
        ("note", 3),
        ("title", 8),
        ("title.zh", 9),
        ("rules[0]", 11),
        ("rules[0].id", 12),
        ("rules[0].when", 13),
        ("rules[0].when[0]", 14),
        ("rules[0].when[1]", 16),
        ("rules[0].ceiling.letter", 19),
        ("rules[1].id", 22),
        ("rules[1].basis", 23),
        ("rules[1].decay[0].share", 25),
        ("rules[1].decay[1].share", 27),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_each_value_has_its_line(path, line, newline):
    text = TEXT.replace("\n", newline)
    tomllib.loads(text)

    assert line_numbers(text)[path] == line


def test_text_inside_strings_and_comments_opens_nothing():
    names = {path.split(".")[0].split("[")[0] for path in line_numbers(TEXT)}

    assert names == {"id", "note", "title", "rules"}


def test_what_has_no_line_of_its_own_has_that_of_what_holds_it():
    lines = line_numbers(TEXT)

    assert find_line(lines, "rules[0].when[1].equals") == 16
    assert find_line(lines, "rules[1].points") == 21
    assert find_line(lines, "scale") is None


def test_a_value_at_the_end_without_a_newline():
    assert line_numbers("a = 1\nb = [1,\n2]") == {"a": 1, "b": 2, "b[0]": 2, "b[1]": 3}
