"""How personal data is shown to whoever may not see it: enough to tell two records apart, too little to know a person."""

from typing import Final

HIDDEN: Final = "*"
_CARD: Final = 15
"""So long is the number of an identity card, old (15) or new (18)."""
_TELEPHONE: Final = 11


def masked(text: str, how: str) -> str:
    """A text of a person as it is shown: 张** (`name`), 4301**********1234 (`number`), or nothing of it.

    The shorter a number, the less of it is shown, and of one with four characters or fewer nothing. Where nothing is
    shown, neither is the length.
    """
    if how == "name" and len(text) > 1:
        return text[0] + HIDDEN * min(len(text) - 1, 3)
    if how == "number" and len(text) > 4:
        first, last = (4, 4) if len(text) >= _CARD else (3, 4) if len(text) >= _TELEPHONE else (2, 0)
        return text[:first] + HIDDEN * (len(text) - first - last) + text[len(text) - last :]
    return HIDDEN * 3
