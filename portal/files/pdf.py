"""Write a PDF anew with its pages and nothing else. Run by `confined.py`; imports nothing of ours, pypdf and Pillow.

Nothing is taken out of the sender's file: a new file is begun, and what pages need to look as they do is carried over.
So scripts, actions, links, attached files, forms, notes of who wrote it, and whatever will be invented next stay behind
without being looked for. Layers that were switched off are seen. Fonts and pictures are carried over as they are: only
drawing each page as a picture would rid us of those that lead a reader astray, and would take the words from those who
have them read out. pypdf and not qpdf, which is faster: what parses strangers' bytes here is Python, where a slip is an
exception.
"""

import io
import warnings
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

from PIL import Image
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import LimitReachedError
from pypdf.filters import decode_stream_data
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    EncodedStreamObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

MOST_PAGES: Final = 300
MOST_PIXELS: Final = 100_000_000
"""Of one picture on a page: A3 at 600 dots to the inch has 70 million, in black and white most often."""
MOST_UNPACKED: Final = 600_000_000
"""Bytes of all that is packed in the file, together."""
MOST_AT_ANY_SIZE: Final = 100_000_000
MOST_TIMES: Final = 100
"""However small the file, one large picture, mostly white, is believed; beyond that, no more than so many times its
size. What scanners and programs write unpacks to 50 times at most; a bomb, to a thousand times."""
MOST_OBJECTS: Final = 100_000

# Where a stream says that its content is another file; what pictures and forms carry beside their looks.
_NOT_OF_STREAMS: Final = frozenset(
    (
        *("/F", "/FFilter", "/FDecodeParms", "/Metadata", "/Alternates", "/OPI", "/Ref", "/PieceInfo", "/AF", "/OC"),
        *("/StructParent", "/LastModified", "/ID", "/Measure", "/PtData", "/DL", "/Length"),
    )
)
_OF_RESOURCES: Final = ("/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/XObject", "/Font")
_OF_A_PAGE: Final = ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Group", "/StructParents", "/Tabs")
_OF_TAGS: Final = (
    *("/Type", "/S", "/P", "/K", "/Pg", "/MCID", "/R", "/ID", "/T", "/E", "/Alt", "/ActualText", "/Lang"),
    *("/ParentTree", "/ParentTreeNextKey", "/IDTree", "/Kids", "/Limits", "/Nums", "/Names"),
)
_ABOUT_TAGS: Final = ("/A", "/C", "/RoleMap", "/ClassMap")
_NEVER: Final = frozenset(
    (
        *("/Action", "/Annot", "/Catalog", "/EmbeddedFile", "/Filespec", "/F", "/Metadata", "/ObjStm", "/OCG", "/OCMD"),
        *("/Outlines", "/Page", "/Pages", "/Sig", "/StructElem", "/StructTreeRoot", "/XRef"),
    )
)
"""Types of what no page needs to be drawn."""
_LOOKS: Final = frozenset(("/Alpha", "/Luminosity", "/Transparency"))
"""What `/S` may say in what a page is drawn with. Anything else with an `/S` is an action."""
_PICTURES: Final = frozenset(("/DCTDecode", "/DCT", "/JPXDecode", "/CCITTFaxDecode", "/CCF", "/JBIG2Decode"))
_FLATE: Final = (["/FlateDecode"], ["/Fl"])
_UNSEEN: Final = 2 | 32
"""Flags of an annotation: hidden, not to be viewed."""
_FIXED: Final = 4 | 64 | 128
"""Flags of an annotation: to be printed, read only, locked."""
_CHUNK: Final = 1 << 20


class Unusable(Exception):
    """The document cannot be taken, for this reason."""


def clean(raw: bytes) -> bytes:
    """The document with its pages and tags, and on them what was filled in, stamped or drawn. Raises Unusable."""
    try:
        reader = PdfReader(io.BytesIO(raw), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unusable("locked")
        _refuse_live_form(reader)
        pages = reader.pages
        if not len(pages):
            raise Unusable("broken_pdf")
        if len(pages) > MOST_PAGES:
            raise Unusable("too_many_pages")
        copy = _Copy(min(MOST_UNPACKED, max(MOST_AT_ANY_SIZE, MOST_TIMES * len(raw))))
        for page in pages:
            copy.add(page)
        copy.add_tags(reader.root_object)
        return copy.written()
    except (Unusable, MemoryError):
        raise
    except LimitReachedError:
        raise Unusable("unpacks") from None
    except Exception as error:  # a parser raises whatever it pleases at a damaged file
        raise Unusable("broken_pdf") from error


def _refuse_live_form(reader: PdfReader) -> None:
    """A form that a program draws while it is open: without that program its pages would come out empty."""
    root = reader.root_object
    form = _resolved(root.get("/AcroForm"))
    waits = isinstance(form, DictionaryObject) and bool(_resolved(form.get("/NeedAppearances")))
    if bool(_resolved(root.get("/NeedsRendering"))) or (waits and _filled_unseen(reader)):
        raise Unusable("broken_pdf")


def _filled_unseen(reader: PdfReader) -> bool:
    return any(
        "/AP" not in each and str(_resolved(each.get("/V")) or "").strip() not in ("", "/Off")
        for page in reader.pages
        for each in map(_resolved, _resolved(page.get("/Annots")) or ())
        if isinstance(each, DictionaryObject)
    )


class _Copy:
    """The new file, and what of the old one is in it already."""

    def __init__(self, most_unpacked: int) -> None:
        self._most_unpacked = most_unpacked
        self._writer = PdfWriter()
        self._writer.metadata = None
        self._writer.pdf_header = "%PDF-1.7"
        self._known: dict[tuple[int, int], PdfObject] = {}
        self._unpacked = 0
        self._objects = 0

    def add(self, page: PageObject) -> None:
        """Carry one page over."""
        box = page.mediabox
        new = self._writer.add_blank_page(float(box.width), float(box.height))
        if page.indirect_reference is not None and new.indirect_reference is not None:
            self._known[page.indirect_reference.idnum, page.indirect_reference.generation] = new.indirect_reference
        for name in _OF_A_PAGE:
            if name in page:
                new[NameObject(name)] = self._copied(page.raw_get(name))
        new[NameObject("/Resources")] = self._resources(_resolved(page.get("/Resources")))
        if "/Contents" in page:
            new[NameObject("/Contents")] = self._copied(page.raw_get("/Contents"))
        stamps = [stamp for each in _resolved(page.get("/Annots")) or () if (stamp := self._stamp(_resolved(each)))]
        if stamps:
            new[NameObject("/Annots")] = ArrayObject(map(self._kept, stamps))

    def add_tags(self, root: DictionaryObject) -> None:
        """Which words are headings and cells, what pictures show, and in which language: for who has it read out."""
        new, language = self._writer.root_object, _resolved(root.get("/Lang"))
        if "/StructTreeRoot" in root:
            new[NameObject("/StructTreeRoot")] = self._tag(root.raw_get("/StructTreeRoot"))
            new[NameObject("/MarkInfo")] = DictionaryObject({NameObject("/Marked"): BooleanObject(True)})
        if isinstance(language, TextStringObject):
            new[NameObject("/Lang")] = TextStringObject(language)

    def written(self) -> bytes:
        """The new file."""
        out = io.BytesIO()
        self._writer.write(out)
        return out.getvalue()

    def _stamp(self, note: Any) -> DictionaryObject | None:  # whatever stands in the file
        """What somebody filled in, signed or drew on the page, as a stamp that does nothing; None for the rest."""
        if not isinstance(note, DictionaryObject) or note.get("/Subtype") in ("/Link", "/Popup", "/FileAttachment"):
            return None
        flags = _resolved(note.get("/F"))
        looks = _resolved(note.get("/AP"))
        seen = looks.raw_get("/N") if isinstance(looks, DictionaryObject) and "/N" in looks else None
        chosen = _resolved(seen)
        if isinstance(chosen, DictionaryObject) and not isinstance(
            chosen, StreamObject
        ):  # a tick box: one for each state
            state = note.get("/AS")
            seen = chosen.raw_get(state) if state in chosen else None
        hidden = isinstance(flags, int) and flags & _UNSEEN
        if hidden or "/Rect" not in note or not isinstance(_resolved(seen), StreamObject):
            return None
        stamp = DictionaryObject()
        stamp[NameObject("/Type")] = NameObject("/Annot")
        stamp[NameObject("/Subtype")] = NameObject("/Stamp")
        stamp[NameObject("/Rect")] = self._copied(note.raw_get("/Rect"))
        stamp[NameObject("/F")] = NumberObject(_FIXED)
        stamp[NameObject("/AP")] = DictionaryObject({NameObject("/N"): self._copied(seen)})
        return stamp

    def _tag(self, value: Any) -> PdfObject:  # whatever stands in the file
        """A tag with those below it; a page that it names is the new one."""
        if isinstance(value, IndirectObject):
            known = (value.idnum, value.generation)
            if known not in self._known:
                place = self._kept(NullObject())
                self._known[known] = place
                self._writer._replace_object(place, self._tag(value.get_object()))
            return self._known[known]
        if isinstance(value, ArrayObject):
            return ArrayObject([self._tag(each) for each in value if not _is_of_an_annotation(each)])
        if isinstance(value, StreamObject) or _is_of_an_annotation(value):
            return NullObject()
        if not isinstance(value, DictionaryObject):
            return self._inside(value)
        self._count()
        kept = DictionaryObject()
        kept |= {NameObject(name): self._tag(value.raw_get(name)) for name in _OF_TAGS if name in value}
        kept |= {NameObject(name): self._copied(value.raw_get(name)) for name in _ABOUT_TAGS if name in value}
        return kept

    def _count(self) -> None:
        self._objects += 1
        if self._objects > MOST_OBJECTS:
            raise Unusable("unpacks")

    def _resources(self, found: Any) -> DictionaryObject:  # whatever stands in the file
        """The fonts, pictures and colours of a page or form, by the names that its content uses."""
        kept = DictionaryObject()
        for kind in _OF_RESOURCES:
            named = _resolved(found.get(kind)) if isinstance(found, DictionaryObject) else None
            if isinstance(named, DictionaryObject):
                kept[NameObject(kind)] = self._plain(named)
        return kept

    def _copied(self, value: Any) -> PdfObject:  # whatever stands in the file
        """The value in the new file; what several share is there once."""
        if isinstance(value, IndirectObject):
            known = (value.idnum, value.generation)
            if known not in self._known:
                self._known[known] = NullObject()  # until we know: something that holds itself ends here
                target = value.get_object()
                if isinstance(target, DictionaryObject | ArrayObject):
                    place = self._kept(NullObject())
                    self._known[known] = place
                    self._writer._replace_object(place, self._inside(target))
                else:
                    self._known[known] = self._inside(target)
            return self._known[known]
        return self._inside(value)

    def _inside(self, value: Any) -> PdfObject:  # whatever stands in the file
        if isinstance(value, StreamObject):
            return self._stream(value)
        if isinstance(value, DictionaryObject):
            return NullObject() if _is_strange(value) else self._plain(value)
        if isinstance(value, ArrayObject):
            return ArrayObject([self._copied(each) for each in value])
        if isinstance(value, NameObject) and "\0" in value:
            raise Unusable("broken_pdf")  # pypdf reads two words as one there, and a picture would be lost
        return value if isinstance(value, PdfObject) else NullObject()

    def _plain(self, values: DictionaryObject, without: frozenset[str] = frozenset()) -> DictionaryObject:
        self._count()
        kept = DictionaryObject()
        for name in values:
            if name not in without and name != "/Resources":
                kept[NameObject(name)] = self._copied(values.raw_get(name))
        if "/Resources" in values:
            kept[NameObject("/Resources")] = self._resources(_resolved(values["/Resources"]))
        return kept

    def _stream(self, stream: StreamObject) -> PdfObject:
        if _is_strange(stream) or _resolved(stream.get("/Subtype")) == "/PS":
            return NullObject()
        self._measure(stream)
        kept = EncodedStreamObject()
        kept.update(self._plain(stream, _NOT_OF_STREAMS))
        kept._data = stream._data  # packed as it is: there is no other way to it
        return kept

    def _measure(self, stream: StreamObject) -> None:
        """Refuse what is small here and would be vast wherever it is opened."""
        width, height = (_resolved(stream.get(name)) for name in ("/Width", "/Height"))
        pixels = int(width) * int(height) if isinstance(width, int) and isinstance(height, int) else 0
        filters = _filters(stream)
        if filters and filters[-1] in _PICTURES:
            pixels = max(pixels, _pixels(stream._data) if len(filters) == 1 else 0)
        if pixels > MOST_PIXELS:
            raise Unusable("too_many_pixels_inside")
        for length in _lengths(stream, filters):
            self._unpacked += length
            if self._unpacked > self._most_unpacked:
                raise Unusable("unpacks")

    def _kept(self, value: PdfObject) -> IndirectObject:
        return self._writer._add_object(value)  # pypdf has no public name for it, and would copy a whole page instead


def _is_strange(values: DictionaryObject) -> bool:
    """Whether it is something that no page is drawn with: an action, another page, an attached file."""
    kind, act = _resolved(values.get("/Type")), _resolved(values.get("/S"))
    return kind in _NEVER or "/JS" in values or "/EF" in values or (isinstance(act, NameObject) and act not in _LOOKS)


def _is_of_an_annotation(tag: Any) -> bool:  # whatever stands in the file
    """Whether a tag stands for a link or a field, which stays behind."""
    found = _resolved(tag)
    return isinstance(found, DictionaryObject) and _resolved(found.get("/Type")) == "/OBJR"


def _filters(stream: StreamObject) -> list[str]:
    """The names of what a stream is packed with, in the order in which it is unpacked."""
    found = _resolved(stream.get("/Filter"))
    if isinstance(found, ArrayObject):
        return [str(_resolved(each)) for each in found]
    return [str(found)] if isinstance(found, NameObject) else []


def _lengths(stream: StreamObject, filters: Sequence[str]) -> Iterator[int]:
    """How much a stream unpacks to, in parts, up to what is a picture in it. Raises LimitReachedError."""
    packed = [each for each in filters if each not in _PICTURES]
    if not packed:
        yield len(stream._data)
    elif packed in _FLATE and len(filters) == 1:
        yield from _inflated(stream._data)
    else:  # seldom, and pypdf bounds each: 75 MB
        plain = EncodedStreamObject()
        plain._data = stream._data
        plain[NameObject("/Filter")] = ArrayObject(map(NameObject, packed))
        yield len(decode_stream_data(plain))


def _inflated(data: bytes) -> Iterator[int]:
    """The lengths of what is unpacked, part by part, none of which is kept."""
    unpacker = zlib.decompressobj()
    while data:
        try:
            yield len(unpacker.decompress(data, _CHUNK))
        except zlib.error:
            return  # whoever opens it gets no further either
        data = unpacker.unconsumed_tail


def _pixels(picture: bytes) -> int:
    """What a picture says of itself, which may be more than what the page says of it; 0 where it says nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its size, which is compared here
            with Image.open(io.BytesIO(picture), formats=("JPEG", "JPEG2000")) as found:
                return found.width * found.height
    except Image.DecompressionBombError:
        return MOST_PIXELS + 1
    except Exception:  # noqa: BLE001  # another kind of picture, or a damaged one: the page's own figures count
        return 0


def _resolved(value: Any) -> Any:  # whatever stands in the file
    """What a reference leads to; None for a null."""
    found = value.get_object() if isinstance(value, IndirectObject) else value
    return None if isinstance(found, NullObject) else found
