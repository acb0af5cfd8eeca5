"""Text in the two languages of the system, and the choice between them."""

from dataclasses import dataclass
from typing import Final, Literal

Language = Literal["zh", "en"]
DEFAULT: Final[Language] = "zh"


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or name in Simplified Chinese and in English; `{name}` marks a value to be filled in."""

    zh: str
    en: str

    def to(self, language: Language, **values: object) -> str:
        """The text in a language with its values filled in."""
        text = self.zh if language == "zh" else self.en
        return text.format(**values) if values else text


def choose(accept_language: str | None) -> Language:
    """The language of a caller by its `Accept-Language` (RFC 9110, 12.5.4): the best of zh and en, else Chinese."""
    best: tuple[float, Language] = (0.0, DEFAULT)
    for choice in (accept_language or "").split(","):
        tag, _, parameters = choice.strip().partition(";")
        primary = tag.strip().lower().split("-")[0]
        if primary not in ("zh", "en"):
            continue
        try:
            weight = float(parameters.partition("q=")[2] or 1)
        except ValueError:
            continue
        if weight > best[0]:
            best = (weight, "zh" if primary == "zh" else "en")
    return best[1]
