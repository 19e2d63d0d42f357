"""Every text of the portal and of each service has its Welsh, with the same placeholders."""

import re

import pytest
from babel.messages.catalog import Catalog

from portal.conformance.catalogues import KEYWORDS, complaints, read, texts_of
from tests.support.catalogues import ROOT, Owned, owned


@pytest.mark.parametrize("each", list(owned()), ids=lambda each: each.code.name)
def test_welsh_is_complete(each: Owned) -> None:
    assert complaints(texts_of(each.code, ROOT), read(each.catalogue)) == []


@pytest.mark.parametrize("each", list(owned()), ids=lambda each: each.code.name)
def test_welsh_is_marked_as_awaiting_review(each: Owned) -> None:
    assert "await the review of a Welsh speaker" in read(each.catalogue).header_comment


def test_texts_are_marked_by_names_that_the_extraction_knows() -> None:
    marks = re.compile(r"import (?:n?gettext|lazy_gettext)(?: as (\w+))?$", re.MULTILINE)
    for each in owned():
        for path in each.code.rglob("*.py"):
            for alias in marks.findall(path.read_text()):
                assert not alias or alias in KEYWORDS, f"{path}: texts marked by {alias} are not extracted"


@pytest.mark.parametrize(
    ("english", "welsh", "flags", "complaint"),
    [
        ("Hello", None, (), "missing"),
        ("Hello", "", (), "not translated"),
        ("Hello", "Helo", ("fuzzy",), "unsure"),
        ("Hello %(name)s", "Helo %(enw)s", ("python-format",), "placeholder"),
    ],
)
def test_a_gap_is_seen(english: str, welsh: str | None, flags: tuple[str, ...], complaint: str) -> None:
    texts, catalogue = Catalog(locale="cy"), Catalog(locale="cy")
    texts.add(english, flags=flags)
    if welsh is not None:
        catalogue.add(english, welsh, flags=flags)
    assert complaint in " ".join(complaints(texts, catalogue))


def test_an_unused_text_is_seen() -> None:
    catalogue = Catalog(locale="cy")
    catalogue.add("Goodbye", "Hwyl")
    assert complaints(Catalog(locale="cy"), catalogue) == ["unused: 'Goodbye'"]
