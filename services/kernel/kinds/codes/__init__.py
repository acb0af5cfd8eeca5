"""Code lists (代码集): closed vocabularies as data, each in a table beside this module whose first lines say its source.

`code` is what the interface carries, `name` the official Chinese term, `also` further ways in which sheets write it,
between bars: official digits, words of older layouts. Other columns are the list's own. Whatever rests on no source
that was read says (待确认) in its first lines; correcting it is a change of data.
"""

import csv
from importlib.resources import files


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of a code list, in its order."""
    text = files(__name__).joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def code_list(name: str) -> dict[str, str]:
    """Code → official Chinese term."""
    return {row["code"]: row["name"] for row in rows_of(name)}


def synonyms_of(name: str) -> dict[str, str]:
    """Further ways of writing a code → the code."""
    return {other: row["code"] for row in rows_of(name) for other in (row["also"] or "").split("|") if other}
