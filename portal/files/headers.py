"""Judge a file by its bytes, without decoding it: what it is, how large a photo would be, whether it is whole.

Done by hand on purpose. The web process decodes nothing that strangers send; the worker does, in a process of its own.
"""

from dataclasses import dataclass
from typing import Final

from portal.files.values import Unfit

MOST_PIXELS: Final = 50_000_000
LONGEST_SIDE: Final = 20_000
SHORTEST_SIDE: Final = 32
PDF: Final = "application/pdf"

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_HEIF_BRANDS: Final = frozenset((b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"))
_JPEG_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # of these three none starts a frame
_JPEG_BARE: Final = frozenset((0x01, *range(0xD0, 0xD8)))  # markers without a length
_MOST_PARTS: Final = 100_000
_END_OF_PDF: Final = 2048
"""How far from its end a PDF may have its last mark: some programs write padding after it."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a photo says about itself."""

    media_type: str
    width: int
    height: int


def judge_photo(data: bytes) -> Header:
    """What the photo is. Raises Unfit when it is no JPEG, PNG or WebP, is not whole, or is out of measure."""
    header = read_header(data)
    if header.width * header.height > MOST_PIXELS:
        raise Unfit("too_many_pixels")
    if min(header.width, header.height) < SHORTEST_SIDE:
        raise Unfit("too_small")
    if max(header.width, header.height) > LONGEST_SIDE:
        raise Unfit("odd_shape")
    return header


def judge_document(data: bytes) -> Header:
    """As `judge_photo`, but a PDF will do too, and must look whole. What is inside it the worker looks at."""
    if data.startswith(b"%PDF-"):
        if b"%%EOF" not in data[-_END_OF_PDF:]:
            raise Unfit("broken_pdf")
        return Header(PDF, 0, 0)
    try:
        return judge_photo(data)
    except Unfit as unfit:
        raise Unfit("not_a_document" if unfit.reason == "not_a_photo" else unfit.reason) from None


def read_header(data: bytes) -> Header:
    """Type and measures by content; the file's name and what the browser said of it count for nothing."""
    if not data:
        raise Unfit("empty")
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return Header("image/jpeg", *_jpeg(data))
        if data.startswith(_PNG):
            return Header("image/png", *_png(data))
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return Header("image/webp", *_webp(data))
    except IndexError:  # it ends where more was announced
        raise Unfit("broken") from None
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        raise Unfit("heic")
    raise Unfit("not_a_photo")


def _jpeg(data: bytes) -> tuple[int, int]:
    """Walk from marker to marker up to the first scan; after it there must be an end of image."""
    at = 2
    size: tuple[int, int] | None = None
    for _part in range(_MOST_PARTS):
        if data[at] != 0xFF:
            raise Unfit("broken")
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker in _JPEG_BARE:
            continue
        if marker == 0xDA and size and data.find(b"\xff\xd9", at) != -1:
            return size
        if marker in (0x00, 0xD8, 0xD9, 0xDA):
            raise Unfit("broken")
        if marker in _JPEG_FRAMES:
            if size:  # a second frame, of another size perhaps
                raise Unfit("broken")
            size = _big(data, at + 5, 2), _big(data, at + 3, 2)
        length = _big(data, at, 2)
        if length < 2:
            raise Unfit("broken")
        at += length
    raise Unfit("broken")


def _png(data: bytes) -> tuple[int, int]:
    """The first chunk has the measures; the chunks must follow one another up to the last."""
    if data[12:16] != b"IHDR" or _big(data, 8, 4) != 13:
        raise Unfit("broken")
    at = len(_PNG)
    for _part in range(_MOST_PARTS):
        kind = data[at + 4 : at + 8]
        at += 12 + _big(data, at, 4)
        if kind == b"IEND":
            if at > len(data):
                raise Unfit("broken")
            return _big(data, 16, 4), _big(data, 20, 4)
    raise Unfit("broken")


def _webp(data: bytes) -> tuple[int, int]:
    """Three kinds: extended with a canvas, lossless, lossy. The length of the whole stands at the beginning."""
    if len(data) < _little(data, 4, 4) + 8:
        raise Unfit("broken")
    kind = data[12:16]
    if kind == b"VP8X":
        return _little(data, 24, 3) + 1, _little(data, 27, 3) + 1
    if kind == b"VP8L" and data[20] == 0x2F:
        bits = _little(data, 21, 4)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        return _little(data, 26, 2) & 0x3FFF, _little(data, 28, 2) & 0x3FFF
    raise Unfit("broken")


def _big(data: bytes, at: int, length: int) -> int:
    return int.from_bytes(_exactly(data, at, length), "big")


def _little(data: bytes, at: int, length: int) -> int:
    return int.from_bytes(_exactly(data, at, length), "little")


def _exactly(data: bytes, at: int, length: int) -> bytes:
    part = data[at : at + length]
    if len(part) < length:
        raise IndexError
    return part
