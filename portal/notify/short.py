"""Texts for telephones: the letters that they cost least in, and how many they are paid as. Pure.

The networks count letters of the GSM alphabet (3GPP TS 23.038) at 160 to a text, 153 when there are several; one letter
beyond it, such as ŵ or a curly quotation mark, makes every text hold 70, or 67. GOV.UK Notify charges by these parts.
"""

from typing import Final

LONGEST: Final = 918
"""Letters that GOV.UK Notify takes in one message."""

GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
TWICE: Final = frozenset("^{}\\[~]|€\f")
"""Letters of the alphabet's second page, which count twice."""

PLAIN: Final = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "‐": "-",
        "‑": "-",
        "…": "...",
        "•": "-",
        "\u00a0": " ",
        "\u2009": " ",
        "\u202f": " ",
        "\u200b": "",
        "\t": " ",
    }
)


def plainly(text: str) -> str:
    """The same words with typewriter's marks in the place of a printer's. Letters stay as they are: Welsh needs ŵ."""
    return text.translate(PLAIN)


def parts(text: str) -> int:
    """How many texts the networks make of it, and Notify charges for."""
    if all(letter in GSM or letter in TWICE for letter in text):
        length, one, each = len(text) + sum(letter in TWICE for letter in text), 160, 153
    else:
        length, one, each = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= one else -(-length // each)
