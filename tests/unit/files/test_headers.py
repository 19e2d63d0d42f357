import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.files.headers import Header, judge_photo
from portal.files.values import REASONS, Unfit
from tests.support.photos import animated, located_photo, photo, png_bomb


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (photo("JPEG"), "image/jpeg"),
        (photo("JPEG", progressive=True), "image/jpeg"),
        (photo("JPEG", mode="CMYK"), "image/jpeg"),
        (photo("JPEG", mode="L"), "image/jpeg"),
        (located_photo(), "image/jpeg"),
        (photo("PNG"), "image/png"),
        (photo("PNG", mode="I;16"), "image/png"),
        (photo("WEBP"), "image/webp"),
        (photo("WEBP", lossless=True), "image/webp"),
        (photo("WEBP", mode="RGBA"), "image/webp"),
        (photo("WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"), "image/webp"),
    ],
)
def test_photo_is_known_by_its_content(data: bytes, media_type: str) -> None:
    assert judge_photo(data) == Header(media_type, 640, 480)


def test_moving_pictures_and_what_follows_the_end_are_left_to_the_cleaning() -> None:
    assert judge_photo(animated("WEBP")) == Header("image/webp", 100, 80)
    assert judge_photo(animated("PNG")) == Header("image/png", 100, 80)
    assert judge_photo(animated("MPO")) == Header("image/jpeg", 100, 80)
    assert judge_photo(photo() + b"PK\x03\x04 a second file").media_type == "image/jpeg"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"hello", "not_a_photo"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "not_a_photo"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_a_photo"),
        (b"<html><script>alert(1)</script>", "not_a_photo"),
        (b"%PDF-1.7", "not_a_photo"),
        (b"MZ\x90\x00", "not_a_photo"),
        (photo("GIF", mode="L"), "not_a_photo"),
        (photo("BMP"), "not_a_photo"),
        (photo("TIFF"), "not_a_photo"),
        (b"GIF89a/*" + photo(), "not_a_photo"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "heic"),
        (b"\xff\xd8\xff", "broken"),
        (b"\xff\xd8\xff\xe0", "broken"),
        (b"\xff\xd8\xff" + b"\x00" * 100, "broken"),
        (b"\x89PNG\r\n\x1a\n", "broken"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "broken"),
        (b"RIFF\x04\x00\x00\x00WEBP", "broken"),
        (b"RIFF\xff\xff\xff\xffWEBPVP8 ", "broken"),
        (b"RIFF\x20\x00\x00\x00WEBPVP8?" + b"\x00" * 40, "broken"),
        (photo(size=(10, 10)), "too_small"),
        (photo("PNG", size=(20_001, 100)), "odd_shape"),
        (photo("PNG", mode="1", size=(11_000, 11_000)), "too_many_pixels"),
    ],
)
def test_what_is_no_photo_or_out_of_measure_is_refused_for_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Unfit) as refused:
        judge_photo(data)
    assert refused.value.reason == reason
    assert str(REASONS[reason]).endswith(".")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.95])
def test_photo_that_did_not_arrive_whole_is_refused(form: str, part: float) -> None:
    whole = photo(form)
    with pytest.raises(Unfit) as refused:
        judge_photo(whole[: int(len(whole) * part)])
    assert refused.value.reason in ("broken", "not_a_photo")


def test_bombs_are_refused_by_what_they_say_of_themselves() -> None:
    bomb = png_bomb(50_000, 50_000)
    assert len(bomb) < 400_000
    for data in (bomb, png_bomb(11_000, 11_000)):
        with pytest.raises(Unfit, match="too_many_pixels"):
            judge_photo(data)


def test_jpeg_with_two_sizes_is_refused() -> None:
    data = photo()
    at = data.index(b"\xff\xc0")
    frame = data[at : at + 19]
    with pytest.raises(Unfit, match="broken"):
        judge_photo(data[:at] + frame + data[at:])


def judged(data: bytes) -> str:
    try:
        return judge_photo(data).media_type
    except Unfit as unfit:
        return unfit.reason


@settings(max_examples=300)
@given(st.sampled_from([photo("JPEG"), photo("PNG"), photo("WEBP")]), st.data())
def test_damaged_bytes_are_judged_and_never_crash(whole: bytes, draw: st.DataObject) -> None:
    data = bytearray(whole)
    for _ in range(draw.draw(st.integers(1, 6))):
        data[draw.draw(st.integers(0, min(len(data) - 1, 200)))] = draw.draw(st.integers(0, 255))
    assert judged(bytes(data)) in (*REASONS, "image/jpeg", "image/png", "image/webp")


@pytest.mark.parametrize("start", [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x90\x01\x00\x00WEBP"])
@given(data=st.binary(max_size=400))
def test_any_bytes_are_judged(start: bytes, data: bytes) -> None:
    assert judged(start + data) in (*REASONS, "image/jpeg", "image/png", "image/webp")
