"""PDFs as strangers send them, written by hand: sound ones, and such as do more than be read."""

import io
import zlib

from pypdf import PdfReader, PdfWriter

WORDS = "Council tax bill for 1 Example Road"
LETTERS = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def written(objects: list[bytes], *, trailer: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1; the first is its catalogue."""
    out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + each + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(out)


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A stream with its length."""
    return b"<< /Length %d %s >>\nstream\n" % (len(data), entries) + data + b"\nendstream"


def page_saying(words: str) -> bytes:
    """The content of a page, in the font that is called F."""
    return stream(b"BT /F 24 Tf 72 700 Td (" + words.encode("latin-1") + b") Tj ET")


def pdf(
    words: str = WORDS,
    *more: bytes,
    catalogue: bytes = b"",
    page: bytes = b"",
    resources: bytes = b"",
    trailer: bytes = b"",
) -> bytes:
    """One page with words. `more` are objects from 6 on; the rest is put into what it is called after."""
    return written(
        [
            b"<< /Type /Catalog /Pages 2 0 R " + catalogue + b" >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 595 842] >>",
            b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F 5 0 R >> "
            + resources
            + b" >> "
            + page
            + b" >>",
            page_saying(words),
            LETTERS,
            *more,
        ],
        trailer=trailer,
    )


def with_pages(many: int) -> bytes:
    """So many pages, all the same."""
    kids = b" ".join(b"%d 0 R" % (5 + number) for number in range(many))
    page = b"<< /Type /Page /Parent 2 0 R /Contents 3 0 R /Resources << /Font << /F 4 0 R >> >> >>"
    catalogue = b"<< /Type /Catalog /Pages 2 0 R >>"
    pages = b"<< /Type /Pages /Count %d /MediaBox [0 0 595 842] /Kids [%s] >>" % (many, kids)
    return written([catalogue, pages, page_saying(WORDS), LETTERS, *[page] * many])


def locked(user_password: str, algorithm: str = "AES-256") -> bytes:
    """The same page, closed: with an empty password readers open it unasked."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf()))
    writer.encrypt(user_password, "the owner's", algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def picture(width: int, height: int, data: bytes, filters: bytes = b"/FlateDecode", more: bytes = b"") -> bytes:
    """A picture that a page can draw as `/P Do`."""
    says = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8 "
    return stream(data, says % (width, height) + b"/Filter " + filters + b" " + more)


def bomb(megabytes: int, times: int = 1) -> bytes:
    """So many megabytes of nothing, packed, and packed again. One is packed, and said so often: that costs nothing."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    one = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)  # refers to nothing before it
    checksum = (megabytes << 20) % 65_521 << 16 | 1  # Adler-32 of so many zeros
    data = b"\x78\xda" + one * megabytes + packer.flush() + checksum.to_bytes(4, "big")
    for _again in range(times - 1):
        data = zlib.compress(data, 9)
    return data


def words_of(data: bytes) -> str:
    """What can be read in a PDF."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
