"""Which texts the code has, and which of them the Welsh catalogues lack.

    .venv/bin/python -m tests.support.catalogues

brings the catalogues up to date: new texts are added with no translation, unused ones are dropped.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.pofile import write_po

from portal.conformance.catalogues import read, texts_of

ROOT = Path(__file__).parents[2]


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


def update() -> None:
    """Bring every catalogue up to date with the code and say how many texts wait for Welsh."""
    for each in owned():
        catalogue = read(each.catalogue)
        known = {message.id: message.string for message in catalogue if message.id}
        fresh = texts_of(each.code, ROOT)
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
