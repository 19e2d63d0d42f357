"""Welsh: the catalogue has every text of the service, and its pages in Welsh say nothing in English."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import text

from portal.conformance.browsing import Shown
from portal.conformance.catalogues import complaints, read, texts_of
from portal.conformance.check import Check
from portal.conformance.findings import Finding, Look
from portal.conformance.house import House
from portal.conformance.pages import Page
from portal.conformance.walking import STAFF, STRANGER, walked

ENGLISH: Final = re.compile(r"\b(the|your|you|is|are|of|and|to|this|we|our|with|not|has|have|for)\b", re.I)
SPACE: Final = re.compile(r"\s+")
MOST: Final = 3
_TABLES: Final = text(
    "select schemaname, tablename from pg_tables where schemaname = any(:schemas) and tablename <> 'alembic_version'"
)


def judge(house: House) -> Iterable[Look]:
    """One look at the catalogue, then one at each page that could be fetched."""
    yield Look("translations/cy.po", tuple(_of_catalogue(house)))
    yield from _pages(house)


def _of_catalogue(house: House) -> Iterator[Finding]:
    folder = house.mounted.folder
    path = folder / "translations" / "cy.po"
    for each in complaints(texts_of(folder, folder), read(path)):
        yield Finding(each, "Write its Welsh in the catalogue; drop what is not used.", house.short(str(path)))


def _pages(house: House) -> Iterator[Look]:
    data = house.once(_data)
    for (who, _endpoint), (english, welsh) in house.once(walked).welsh.items():
        if who not in (STRANGER, STAFF):
            yield Look(english.address, tuple(_said_in_english(house, english, welsh, data)))


def _said_in_english(house: House, english: Shown, welsh: Shown, data: str) -> Iterator[Finding]:
    if welsh.status != 200 or not welsh.is_page:
        return
    place = house.place_of(english.endpoint)
    if welsh.page.root.get("lang") != "cy":
        yield Finding("asked for in Welsh, it says that it is in English", "Build it on web/page.html.", place)
        return
    for said in sorted(_texts(english.page) & _texts(welsh.page))[:MOST]:
        if ENGLISH.search(said) and len(said.split()) > 1 and said not in data:
            what = f"it says in Welsh too: {said[:80]!r}"
            yield Finding(what, "Mark it with _() where it is written, and translate it.", place)


def _texts(page: Page) -> set[str]:
    """Each run of text in the main part, as it is shown."""
    found = set()
    for main in page.all("main"):
        for one in main.iter():
            for said in ((one.text or ""), (one.tail or "")):
                if one.get("lang") is None and (shown := SPACE.sub(" ", said).strip()):
                    found.add(shown)
    return found


def _data(house: House) -> str:
    """Everything that the tables hold: what people typed and offices said is shown as it is."""
    parts = []
    with house.engine.connect() as connection:
        for schema, table in connection.execute(_TABLES, {"schemas": ["portal", house.slug]}):
            rows = connection.execute(text(f'select row_to_json(t) from "{schema}"."{table}" t limit 5000')).scalars()  # noqa: S608  # names from the catalogue
            parts += [json.dumps(row, ensure_ascii=False) for row in rows]
    return "\n".join(parts)


CHECK: Final = Check(
    name="welsh",
    holds="The catalogue has every text, and pages in Welsh say nothing in English.",
    mend="Mark texts with _() and translate them in translations/cy.po.",
    judge=judge,
)
