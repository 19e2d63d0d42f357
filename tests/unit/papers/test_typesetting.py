"""Papers are tagged PDFs, and what a person is called is never taken for source."""

from pathlib import Path
from typing import Literal

import pytest
import typst

from portal.errors import TooMany, Unavailable
from portal.papers import typesetting
from portal.papers.answers import safe_name
from portal.papers.typesetting import LARGEST, pdf
from portal.papers.values import Block, Boxed, Code, Facts, Heading, Lines, Paper, Points, Table, Text
from tests.support.pdf import read_pdf

NASTY = '#import "/etc/passwd"; #panic() $x$ *b* <label> @ref \\ // /* ` ŵ [y] = z #{'
EVERY_BLOCK: tuple[Block, ...] = (
    Heading("Amounts"),
    Text("In words."),
    Text("Strong words.", strong=True),
    Heading("Smaller", level=3),
    Points(["One", "Two"]),
    Lines(["Ada Lark", "1 Larkspur Lane"]),
    Facts([("Band", "D")]),
    Table("Parts", ["Part", "Amount"], [["Borough", "£900"], ["In all", "£900"]], numeric=(1,), total=True),
    Boxed("The Guarantee", [Text("Kept."), Points(["First", "Second"])]),
    Code("https://council.example/permits/1", "QR code of this permit"),
)


def test_a_paper_is_tagged_and_says_its_title_and_language() -> None:
    look = read_pdf(pdf(Paper("Your bill", EVERY_BLOCK, sender=("Marlowe", "020 7946 0100"), foot="Account 1")))
    assert (look.title, look.shows_title, look.language) == ("Your bill", True, "en-GB")
    assert (look.marked, look.conforms, look.embedded) == (True, "ua-1", True)
    assert look.tags.count("H1") == 1
    for tag in ("H2", "H3", "P", "L", "LI", "Table", "THead", "TH", "TBody", "TD", "Caption", "Figure"):
        assert tag in look.tags
    assert look.scopes == {"/Column"}
    assert "Page 1 of 1" in look.text


@pytest.mark.parametrize("language", ["en", "cy"])
def test_the_language_is_that_of_the_paper(language: Literal["en", "cy"]) -> None:
    assert read_pdf(pdf(Paper("Bil", (Text("Tŷ"),), language=language))).language == f"{language}-GB"


def test_a_name_is_never_source() -> None:
    blocks = (
        Heading(NASTY), Text(NASTY), Points([NASTY]), Lines([NASTY]), Facts([(NASTY, NASTY)]),
        Table(NASTY, [NASTY, "B"], [[NASTY, "1"]]), Boxed(NASTY, [Text(NASTY)]),
    )  # fmt: skip
    look = read_pdf(pdf(Paper(NASTY, blocks, sender=(NASTY,), foot=NASTY)))
    assert look.title == NASTY
    assert look.text.replace("\n", " ").count("#panic()") >= 11


@pytest.mark.parametrize("blank", ["", " ", "\x00", "\u200b\u00a0"], ids=["empty", "space", "nul", "unseen"])
def test_what_has_nothing_to_show_is_a_dash_and_no_fault(blank: str) -> None:
    blocks = (
        Heading(blank), Text(blank), Points([blank]), Lines([blank]), Facts([(blank, blank)]),
        Table(blank, [blank, "B"], [[blank, "1"]]), Boxed(blank, [Text(blank)]),
    )  # fmt: skip
    look = read_pdf(pdf(Paper(blank, blocks, sender=(blank,), foot=blank)))
    assert (look.title, look.conforms) == ("–", "ua-1")
    assert look.text.count("–") >= 4


def test_the_template_evaluates_and_reads_nothing() -> None:
    source = Path(typesetting.__file__).with_name("paper.typ").read_text()
    source = source.replace("image(bytes(it.drawing)", "")  # a code's drawing, which comes as a value
    for act in ("eval(", "read(", "#import", "#include", "image(", "plugin(", "@preview"):
        assert act not in source.replace("as source: a name such as `#import` is a name", "")


def test_twenty_pages_keep_the_heads_of_tables() -> None:
    rows = [[f"Payment {n}", "£12"] for n in range(700)]
    look = read_pdf(pdf(Paper("A long list", (Table("Payments", ["What", "How much"], rows, numeric=(1,)),))))
    assert look.pages >= 15
    assert look.text.count("How much") == look.pages


def test_a_paper_without_end_is_refused() -> None:
    with pytest.raises(Unavailable):
        pdf(Paper("Long", (Text("x" * LARGEST),)))


def test_whoever_would_wait_long_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "LONGEST_WAIT", 0.01)
    with typesetting._ONE_AT_A_TIME, pytest.raises(TooMany):
        pdf(Paper("Short", ()))
    assert pdf(Paper("Short", ()))


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("council-tax-bill-2026", "council-tax-bill-2026"),
        ('x"; filename="../../evil.exe\r\nSet-Cookie: a', "x-filename-evil-exe-Set-Cookie-a"),
        ("Tŷ", "T"),
        ("…", "paper"),
        ("a" * 200, "a" * 80),
    ],
    ids=["plain", "a header", "Welsh", "nothing left", "long"],
)
def test_the_name_of_the_file_is_safe(wanted: str, got: str) -> None:
    assert safe_name(wanted) == got


@pytest.mark.parametrize(
    "name", ["Łukasz Żółć", "Ελένη", "Ольга", "Siân Ŵyn"], ids=["Polish", "Greek", "Russian", "Welsh"]
)
def test_names_in_many_alphabets_are_shown(name: str) -> None:
    look = read_pdf(pdf(Paper("A bill", (Text(name),))))
    assert (look.conforms, name in look.text) == ("ua-1", True)


@pytest.mark.parametrize("name", ["李雷", "😀 Ada", "ਸਿੰਘ"], ids=["Chinese", "emoji", "Punjabi"])
def test_a_name_that_our_fonts_cannot_show_costs_the_claim_and_not_the_paper(name: str) -> None:
    look = read_pdf(pdf(Paper("A bill", (Text(name), Text("£12")))))
    assert (look.conforms, look.marked, look.language) == ("", True, "en-GB")
    assert "£12" in look.text


def test_what_no_page_can_show_is_left_out() -> None:
    look = read_pdf(pdf(Paper("A\x00 bill", (Text("a\x00b\ud800c\u202ed"),), foot="\x1f1")))
    assert look.title == "A bill"
    assert "abcd" in look.text


def test_a_fault_in_the_template_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "_source", lambda: b"#panic()")
    with pytest.raises(typst.TypstError, match="panic"):
        pdf(Paper("A bill", ()))
