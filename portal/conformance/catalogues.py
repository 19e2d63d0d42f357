"""Which texts some code has, and which of them a Welsh catalogue lacks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

METHODS: Final = [
    ("**/tests/**", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
    ("**/templates/**.txt", "jinja2"),
]
OPTIONS: Final = {f"**/templates/**.{ending}": {"trimmed": "true", "silent": "false"} for ending in ("html", "txt")}
KEYWORDS: Final = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "_n": (1, 2)}
HEADER: Final = """\
# Welsh translations of PROJECT.
# Made by the project; they await the review of a Welsh speaker before residents rely on them.
#"""


def texts_of(code: Path, root: Path) -> Catalog:
    """Every text in the code below a folder, with the places where it stands, as seen from `root`."""
    catalogue = Catalog(locale="cy", project="Moothall", header_comment=HEADER, fuzzy=False)
    found = extract_from_dir(
        code, method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS, comment_tags=("Translators:",)
    )
    for filename, _line, message, comments, _context in found:
        catalogue.add(message, locations=[((code / filename).relative_to(root).as_posix(), 0)], auto_comments=comments)
    return catalogue


def read(path: Path) -> Catalog:
    """A catalogue from its file; an empty one where there is none."""
    if not path.exists():
        return Catalog(locale="cy", header_comment=HEADER, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale="cy")


def complaints(texts: Catalog, catalogue: Catalog) -> list[str]:
    """What is missing, empty, unsure, unused, or has other placeholders than the English."""
    found = [f"missing: {message.id!r}" for message in texts if message.id and message.id not in catalogue]
    for message in catalogue:
        if not message.id:
            continue
        if message.id not in texts:
            found.append(f"unused: {message.id!r}")
        found += _faults(message)
    return found


def _faults(message: Message) -> Iterator[str]:
    forms = message.string if isinstance(message.string, (tuple, list)) else [message.string]
    if not all(forms):
        yield f"not translated: {message.id!r}"
        return
    if message.fuzzy:
        yield f"unsure: {message.id!r}"
    for error in message.check():
        yield f"{error}: {message.id!r}"
