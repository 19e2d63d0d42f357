"""Which texts the code has, and which of them the Welsh catalogues lack.

    .venv/bin/python -m tests.support.catalogues

brings the catalogues up to date: new texts are added with no translation, unused ones are dropped.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
METHODS = [
    ("**/tests/**", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
    ("**/templates/**.txt", "jinja2"),
]
OPTIONS = {f"**/templates/**.{ending}": {"trimmed": "true", "silent": "false"} for ending in ("html", "txt")}
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "_n": (1, 2)}
HEADER = """\
# Welsh translations of PROJECT.
# Made by the project; they await the review of a Welsh speaker before residents rely on them.
#"""


@dataclass(frozen=True, slots=True)
class Owned:
    """A folder of code and the catalogue that serves it."""

    code: Path
    catalogue: Path


def owned() -> Iterator[Owned]:
    """The portal's own, then each service's."""
    yield Owned(ROOT / "portal", ROOT / "portal" / "web" / "translations" / "cy.po")
    for manifest in sorted((ROOT / "services").glob("*/service.py")):
        yield Owned(manifest.parent, manifest.parent / "translations" / "cy.po")


def texts_of(code: Path) -> Catalog:
    """Every text in the code below a folder, with the places where it stands."""
    catalogue = Catalog(locale="cy", project="Moothall", header_comment=HEADER, fuzzy=False)
    found = extract_from_dir(
        code, method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS, comment_tags=("Translators:",)
    )
    for filename, _line, message, comments, _context in found:
        catalogue.add(message, locations=[((code / filename).relative_to(ROOT).as_posix(), 0)], auto_comments=comments)
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


def update() -> None:
    """Bring every catalogue up to date with the code and say how many texts wait for Welsh."""
    for each in owned():
        catalogue = read(each.catalogue)
        known = {message.id: message.string for message in catalogue if message.id}
        fresh = texts_of(each.code)
        for message in fresh:
            if message.id in known:
                message.string = known[message.id]
        fresh.revision_date = fresh.creation_date = datetime(2026, 1, 1, tzinfo=UTC)
        each.catalogue.parent.mkdir(exist_ok=True)
        with each.catalogue.open("wb") as file:
            write_po(file, fresh, width=110, sort_output=True, include_lineno=False)
        waiting = sum(1 for message in fresh if message.id and not any(message.string or ()))
        print(f"{each.catalogue.relative_to(ROOT)}: {len(fresh)} texts, {waiting} wait for Welsh")


if __name__ == "__main__":
    update()
