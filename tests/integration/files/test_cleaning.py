import subprocess
import sys
from pathlib import Path

import pytest

from portal.files import cleaning, confined, headers, picture
from portal.files.cleaning import clean_apart
from portal.files.values import Unfit
from tests.support.photos import located_photo, opened, photo, png_bomb


def test_child_gives_what_the_function_gives() -> None:
    raw = located_photo(orientation=6)
    assert opened(clean_apart(raw, "image/jpeg")).size == (480, 640)
    assert (confined.REFUSED, picture.MOST_PIXELS) == (cleaning.REFUSED, headers.MOST_PIXELS)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [(b"nothing", "broken"), (photo()[:2000], "broken"), (png_bomb(50_000, 50_000), "too_many_pixels")],
)
def test_child_says_why_a_photo_cannot_be_taken(raw: bytes, reason: str) -> None:
    with pytest.raises(Unfit, match=reason):
        clean_apart(raw, "image/jpeg")


def test_damaged_notes_that_pillow_warns_of_do_not_cost_the_photo() -> None:
    damaged = photo(exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01\x03\0" * 20)
    assert opened(clean_apart(damaged, "image/jpeg")).size == (640, 480)


def program(folder: Path, text: str) -> Path:
    path = folder / "program.py"
    path.write_text(text)
    return path


def test_crash_over_a_photo_costs_that_photo_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "PROGRAM", program(tmp_path, "import os; os.kill(os.getpid(), 11)"))
    with pytest.raises(Unfit, match="broken"):
        clean_apart(photo(), "image/jpeg")


def test_photo_that_takes_for_ever_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "PROGRAM", program(tmp_path, "while True: pass"))
    monkeypatch.setattr(cleaning, "SECONDS", 0.2)
    with pytest.raises(Unfit, match="broken"):
        clean_apart(photo(), "image/jpeg")


@pytest.mark.parametrize("text", ["import os; os.kill(os.getpid(), 9)", "raise SystemExit(1)"])
def test_child_that_was_ended_or_did_not_start_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(cleaning, "PROGRAM", program(tmp_path, text))
    with pytest.raises(RuntimeError):
        clean_apart(photo(), "image/jpeg")


def test_child_cannot_take_more_memory_than_its_share() -> None:
    limits = (
        f"import sys; sys.path.insert(0, {str(cleaning.PROGRAM.parent)!r}); import confined\n"
        "confined.limit_ourselves()\n"
        "try:\n    bytearray(confined.MEMORY)\nexcept MemoryError:\n    sys.exit(7)\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", limits], check=False, capture_output=True)
    assert done.returncode == 7


@pytest.mark.parametrize(
    ("form", "mode", "options"),
    [("JPEG", "RGB", {}), ("PNG", "RGBA", {"compress_level": 1}), ("WEBP", "RGBA", {"method": 0, "quality": 1})],
)
def test_largest_photos_fit_into_that_share(form: str, mode: str, options: dict[str, int]) -> None:
    raw = photo(form, size=(8000, 6250), mode=mode, colour=0, **options)
    assert max(opened(clean_apart(raw, "image/jpeg")).size) == picture.LONGEST_SIDE
