import io

import pytest
from PIL import Image

from portal.files.picture import LONGEST_SIDE, Unusable, clean, cover
from tests.support.photos import PAYLOAD, SECRET, animated, located_photo, opened, photo, png_bomb


def nearly(pixel: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(have - want) < 25 for have, want in zip(pixel, wanted, strict=True))


def test_nothing_of_the_notes_is_left() -> None:
    raw = located_photo()
    assert b"CameraMaker" in raw
    assert raw.count(SECRET) == 3
    assert dict(Image.open(io.BytesIO(raw)).getexif().get_ifd(0x8825))
    cleaned = clean(raw)
    image = opened(cleaned)
    assert not dict(image.getexif())
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    for trace in (SECRET, b"CameraMaker", b"Exif", b"ICC_PROFILE", b"xmpmeta", b"adobe"):
        assert trace not in cleaned


@pytest.mark.parametrize(
    ("orientation", "size", "top_left"),
    [
        (1, (640, 480), (200, 30, 30)),
        (2, (640, 480), (30, 30, 200)),
        (3, (640, 480), (30, 30, 200)),
        (6, (480, 640), (200, 30, 30)),
        (8, (480, 640), (30, 30, 200)),
    ],
)
def test_photo_stands_upright_without_its_notes(
    orientation: int, size: tuple[int, int], top_left: tuple[int, int, int]
) -> None:
    image = opened(clean(located_photo(orientation=orientation)))
    assert image.size == size
    assert nearly(image.getpixel((5, 5)), top_left)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_large_photo_becomes_smaller_in_proportion(form: str) -> None:
    image = opened(clean(photo(form, size=(3000, 1500))))
    assert image.size == (LONGEST_SIDE, LONGEST_SIDE // 2)
    assert (image.format, image.mode) == ("JPEG", "RGB")


def test_small_photo_keeps_its_size() -> None:
    assert opened(clean(photo(size=(64, 40)))).size == (64, 40)


@pytest.mark.parametrize(
    ("raw", "colour"),
    [
        (photo("PNG", mode="RGBA", colour=(255, 0, 0, 0)), (255, 255, 255)),
        (photo("PNG", mode="RGBA", colour=(255, 0, 0, 255)), (255, 0, 0)),
        (photo("WEBP", mode="RGBA", colour=(0, 0, 255, 0)), (255, 255, 255)),
        (photo("PNG", mode="LA", colour=(0, 0)), (255, 255, 255)),
        (photo("PNG", mode="I;16", colour=32768), (128, 128, 128)),
        (photo("PNG", mode="I;16", colour=65535), (255, 255, 255)),
        (photo("PNG", mode="1", colour=1), (255, 255, 255)),
        (photo("PNG", mode="P", colour=0, transparency=0), (255, 255, 255)),
        (photo("JPEG", mode="CMYK", colour=(0, 255, 255, 0)), (255, 0, 0)),
        (photo("JPEG", mode="L", colour=100), (100, 100, 100)),
        (animated("PNG"), (255, 0, 0)),
        (animated("WEBP"), (255, 0, 0)),
        (animated("MPO"), (255, 0, 0)),  # what many telephones write under the name of JPEG
    ],
)
def test_every_kind_of_pixel_ends_as_plain_colour(raw: bytes, colour: tuple[int, int, int]) -> None:
    image = opened(clean(raw))
    assert (image.format, image.mode, getattr(image, "n_frames", 1)) == ("JPEG", "RGB", 1)
    assert nearly(image.getpixel((30, 30)), colour)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_second_file_behind_or_within_the_photo_does_not_come_along(form: str) -> None:
    cleaned = clean(photo(form) + PAYLOAD + b"PK\x03\x04")
    assert PAYLOAD not in cleaned
    assert b"PK\x03\x04" not in cleaned
    assert PAYLOAD not in clean(photo("JPEG", comment=PAYLOAD))


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_truncated_photo_is_broken(form: str) -> None:
    whole = photo(form, size=(800, 800))
    with pytest.raises(Unusable, match="broken"):
        clean(whole[: len(whole) // 2])


def test_png_damaged_in_the_middle_is_broken_and_not_black() -> None:
    whole = photo("PNG")
    at = whole.index(b"IDAT")
    with pytest.raises(Unusable, match="broken"):
        clean(whole[: at + 10] + b"\x00" * 200 + whole[at + 210 :])


@pytest.mark.parametrize("raw", [b"", b"x", b"<svg/>", photo("GIF", mode="L"), photo("TIFF"), photo("BMP")])
def test_other_formats_are_not_even_tried(raw: bytes) -> None:
    with pytest.raises(Unusable, match="broken"):
        clean(raw)


@pytest.mark.parametrize("size", [(50_000, 50_000), (11_000, 11_000), (9_000, 9_000)])
def test_bomb_is_refused_before_it_unpacks(size: tuple[int, int]) -> None:
    with pytest.raises(Unusable, match="too_many_pixels"):
        clean(png_bomb(*size))


def test_profile_that_makes_no_sense_does_not_cost_the_photo() -> None:
    assert opened(clean(photo(icc_profile=b"not a profile at all"))).size == (640, 480)


def test_what_is_covered_is_black_and_the_rest_as_it_was() -> None:
    whole = clean(photo())
    covered = opened(cover(whole, ["0,0,250,500"]))
    assert covered.size == (640, 480)
    for place, wanted in (((80, 120), (0, 0, 0)), ((80, 300), (200, 30, 30)), ((500, 120), (30, 30, 200))):
        assert nearly(covered.getpixel(place), wanted)


@pytest.mark.parametrize(
    ("raw", "part"), [(b"nothing", "0,0,9,9"), (photo("PNG"), "0,0,9,9"), (photo(), "0,0,9"), (photo(), "a,b,c,d")]
)
def test_only_a_photo_of_ours_is_covered_and_only_where_it_is_said_how(raw: bytes, part: str) -> None:
    with pytest.raises(Unusable, match="broken"):
        cover(raw, [part])
