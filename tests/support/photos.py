"""Photos, and things that only look like photos, made by the tests themselves."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms

PAYLOAD = b"<script>alert(1)</script>"
SECRET = b"Flat 3, the secret place"


def photo(
    form: str = "JPEG", *, size: tuple[int, int] = (640, 480), mode: str = "RGB", colour: Any = None, **options: Any
) -> bytes:
    """A plain photo: left half one colour, right half another, so that turning shows."""
    image = Image.new(mode, size, colour)
    if colour is None and mode == "RGB":
        image.paste((200, 30, 30), (0, 0, size[0] // 2, size[1]))
        image.paste((30, 30, 200), (size[0] // 2, 0, size[0], size[1]))
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def located_photo(*, orientation: int = 1) -> bytes:
    """A JPEG with position, camera, comment, thumbnail text and colour profile in its notes."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "CameraMaker"
    exif[0x010E] = SECRET.decode()
    position = exif.get_ifd(0x8825)
    position[1], position[2] = "N", (51.0, 29.0, 33.0)
    position[3], position[4] = "W", (0.0, 13.0, 25.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
    return photo(exif=exif.tobytes(), icc_profile=profile, comment=SECRET, xmp=xmp)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk with its length and checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb(width: int, height: int) -> bytes:
    """A small PNG that says that it unpacks to `width` by `height` pixels of true colour."""
    packer = zlib.compressobj(9)
    row = b"\x00" * (1 + 3 * width)
    packed = b"".join(packer.compress(row) for _ in range(min(height, 200))) + packer.flush()
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + png_chunk(b"IDAT", packed)
        + png_chunk(b"IEND", b"")
    )


def animated(form: str) -> bytes:
    """Three frames: red, green, blue."""
    frames = [Image.new("RGB", (100, 80), colour) for colour in ("red", "lime", "blue")]
    out = io.BytesIO()
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    """The photo as somebody who receives it sees it."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
