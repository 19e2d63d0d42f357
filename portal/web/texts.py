"""What a typed text may hold. Nothing that arrives here can make a page, a query or a log line fail."""

import unicodedata
from typing import Final

# Marks that turn the direction of writing: in a name or an address they only serve to deceive the reader.
TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
UNREADABLE: Final = "\N{REPLACEMENT CHARACTER}"
# What is pasted unseen from word processors and web pages.
UNSEEN: Final = dict.fromkeys(map(ord, "\ufeff\u200b\u2060\u00ad"), None) | {0x00A0: " ", 0x202F: " "}


_TURNING: Final = dict.fromkeys(map(ord, TURNING))


class UnusableText(ValueError):
    """The text holds characters that nobody can type or see."""


def clean(text: str, *, multiline: bool = False, strip: bool = True) -> str:
    """The text in NFC, with plain line ends and spaces. Raises UnusableText for control characters and the like."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if strip:
        text = text.translate(UNSEEN).strip()
    for letter in set(text):
        if letter in ("\n", "\t") and multiline:
            continue
        # Cc: control. Cs: half of a pair, which cannot be encoded. Cn: not a character at all.
        # What stands for bytes that could not be read would be stored in the place of what was meant.
        if letter in TURNING or letter == UNREADABLE or unicodedata.category(letter) in ("Cc", "Cs", "Cn"):
            raise UnusableText
    text = unicodedata.normalize("NFC", text)
    if strip and not multiline:
        text = " ".join(word for word in text.split(" ") if word)
    return text


def unturned(text: str) -> str:
    """The text without marks that turn the direction of writing: nobody sees one that they pasted."""
    return text if text.isascii() else text.translate(_TURNING)


def showable(text: str) -> str:
    """The text as it can be put back on a page, whatever it holds."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs", "Cn")
    )
