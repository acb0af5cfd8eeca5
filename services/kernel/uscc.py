"""Unified social credit codes (统一社会信用代码) of GB 32100-2015.

A code has 18 characters of an alphabet of 31: department (1), kind of body (1), region of GB/T 2260 (6),
organisation code of GB 11714 (8 and its check digit), check digit. Both check digits are verified; letters are
legal in the first two places (A: military, N: rural collectives, Y: others), which some libraries refuse.
"""

import unicodedata
from operator import mul
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of GB 32100; I, O, S, V and Z are left out because they are misread."""

_VALUE: Final = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
_WEIGHTED: Final = tuple(
    {character: value * weight for character, value in _VALUE.items()} for weight in _WEIGHTS
)

_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_BASE_36: Final = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
_ORGANISATION_CHECK: Final = "0X987654321"


def normalise(text: str) -> str:
    """The code as the standard writes it: full-width forms folded (NFKC), blanks and hyphens dropped, upper case."""
    if len(text) == 18 and text.isascii() and text.isalnum():
        return text.upper()
    folded = unicodedata.normalize("NFKC", text)
    return "".join(character for character in folded if not character.isspace() and character != "-").upper()


def check_digit(body: str) -> str:
    """The 18th character for the first 17 (GB 32100-2015, 4.2: weights 3^i modulo 31, complement to 31).

    Raises:
        KeyError: a character is outside the alphabet.
    """
    return ALPHABET[-sum(map(mul, _WEIGHTS, map(_VALUE.__getitem__, body))) % 31]


def organisation_check_digit(body: str) -> str:
    """The ninth character of an organisation code for its first eight (GB 11714-1997: weights modulo 11).

    Raises:
        KeyError: a character is neither a digit nor a capital letter.
    """
    return _ORGANISATION_CHECK[sum(map(mul, _ORGANISATION_WEIGHTS, map(_BASE_36.__getitem__, body))) % 11]


def faults(code: str) -> tuple[str, ...]:
    """Every fault of a normalised code, as stable fault codes; empty when the code is sound."""
    if len(code) != 18:
        return ("uscc_length",)
    if not all(character in _VALUE for character in code) or not (
        code[2:8].isascii() and code[2:8].isdigit()
    ):
        return ("uscc_character",)
    found = []
    if organisation_check_digit(code[8:16]) != code[16]:
        found.append("uscc_organisation_digit")
    if check_digit(code) != code[17]:
        found.append("uscc_check_digit")
    return tuple(found)


def is_valid(code: str) -> bool:
    """Whether a normalised code passes both check digits; the quick form of `faults` for bulk."""
    try:
        return (
            len(code) == 18
            and check_digit(code) == code[17]
            and organisation_check_digit(code[8:16]) == code[16]
            and code[2:8].isdigit()
            and code[2:8].isascii()
        )
    except KeyError:
        return False


def is_organisation_code(code: str) -> bool:
    """Whether a normalised text is an organisation code: nine characters, the last of which is the check digit."""
    try:
        return len(code) == 9 and code.isascii() and organisation_check_digit(code[:8]) == code[8]
    except KeyError:
        return False


def make(prefix: str, body: str) -> str:
    """A sound code from its first eight characters (department, kind, region) and an organisation body of eight.

    Raises:
        ValueError: the parts have another length or characters outside the alphabet.
    """
    if len(prefix) != 8 or len(body) != 8 or any(character not in _VALUE for character in prefix + body):
        raise ValueError("a code is made from 8 + 8 characters of the alphabet of GB 32100")
    start = prefix + body + organisation_check_digit(body)
    return start + check_digit(start)


def region_of(code: str) -> str:
    """The six digits of the registering authority's region (GB/T 2260)."""
    return code[2:8]


def organisation_code_of(code: str) -> str:
    """The nine characters of the organisation code (GB 11714) inside the code."""
    return code[8:17]
