"""Decode a photo and write it anew. Run by `confined.py`; imports Pillow and the standard library alone."""

import io
import warnings
from collections.abc import Sequence

from PIL import Image, ImageCms

MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2560
QUALITY = 85

# Between the limit and its double Pillow only warns, and `clean` refuses; beyond, Pillow raises.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Unusable(Exception):
    """The photo cannot be taken, for this reason."""


def clean(raw: bytes) -> bytes:
    """The photo upright, at most 2,560 pixels long, as a JPEG that holds pixels and nothing else.

    Of a moving picture, the first frame. What is transparent becomes white. Raises Unusable.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            photo = Image.open(io.BytesIO(raw), formats=("JPEG", "PNG", "WEBP"))
        with photo:
            if photo.width * photo.height > MOST_PIXELS:
                raise Unusable("too_many_pixels")
            photo.draft(None, (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG can be decoded at half its size or less
            photo.load()
            # Only now: reading the notes of a PNG loads it too, and would swallow the error of a damaged one.
            turn = _TURNS.get(_orientation(photo))
            profile = photo.info.get("icc_profile")
            small = _resizable(photo)
            small.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
            plain = _plain(small, profile)
        if turn is not None:
            plain = plain.transpose(turn)
        # Pasted into a picture that was never open: what Pillow carries along with one does not reach the file.
        fresh = Image.new("RGB", plain.size)
        fresh.paste(plain)
        return _written(fresh)
    except (Unusable, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unusable("too_many_pixels") from None
    except Exception as error:  # decoders raise whatever they please at a damaged file
        raise Unusable("broken") from error


def cover(raw: bytes, parts: Sequence[str]) -> bytes:
    """A photo that `clean` has written, with these parts painted black: nothing of what was there is left in them.

    A part is `left,top,right,bottom` in thousandths of width and height. Raises Unusable.
    """
    try:
        with Image.open(io.BytesIO(raw), formats=("JPEG",)) as photo:
            plain = photo.convert("RGB")
        for part in parts:
            left, top, right, bottom = (int(edge) for edge in part.split(","))
            wide, high = plain.size
            plain.paste(
                "black", (wide * left // 1000, high * top // 1000, -(-wide * right // 1000), -(-high * bottom // 1000))
            )
        return _written(plain)
    except MemoryError:
        raise
    except Exception as error:  # decoders raise whatever they please at a damaged file
        raise Unusable("broken") from error


def _written(photo: Image.Image) -> bytes:
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()


def _orientation(photo: Image.Image) -> int:
    """How the camera was held; upright when its notes cannot be read."""
    try:
        held = photo.getexif().get(0x0112, 1)
    except Exception:  # noqa: BLE001  # notes of any damaged kind must not cost the photo
        return 1
    return held if isinstance(held, int) else 1


def _resizable(photo: Image.Image) -> Image.Image:
    """The photo in a mode that can be made smaller without spoiling its colours."""
    if photo.mode.startswith("I"):  # 16 bits of grey
        return photo.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    transparent = photo.mode in ("LA", "PA", "RGBa") or "transparency" in photo.info
    if transparent and photo.mode != "RGBA":
        return photo.convert("RGBA")
    return photo if photo.mode in ("L", "RGB", "RGBA", "CMYK") else photo.convert("RGB")


def _plain(photo: Image.Image, profile: object) -> Image.Image:
    """The photo in the colours of every screen, on white where one could look through it."""
    alpha = photo.getchannel("A") if photo.mode == "RGBA" else None
    flat = photo.convert("RGB") if alpha else photo
    flat = _in_srgb(flat, profile) if isinstance(profile, bytes) else flat.convert("RGB")
    if alpha is None:
        return flat
    paper = Image.new("RGB", flat.size, "white")
    paper.paste(flat, mask=alpha)
    return paper


def _in_srgb(photo: Image.Image, profile: bytes) -> Image.Image:
    """Colours by the profile that came along; as they are when the profile is of no use."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        turned = ImageCms.profileToProfile(photo, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except Exception:  # noqa: BLE001  # a damaged profile must not cost the photo
        return photo.convert("RGB")
    return turned if turned is not None else photo.convert("RGB")
