"""The README's pictures, taken from a running demo:

.venv/bin/python -m tests.journeys.pictures http://localhost:8000
"""

import io
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser

from portal.conformance.chromium import chromium
from tests.journeys.visitor import Visitor

FOLDER = Path(__file__).with_name("pictures")
LARGEST = 120 * 1024
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}
NARROW: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True}


def main(address: str) -> None:
    """Take all pictures. What is begun for one of them is thrown away again."""
    FOLDER.mkdir(exist_ok=True)
    with chromium() as browser:
        _wide(browser, address)
        _narrow(browser, address)
        for width, window in (("1280", WIDE), ("390", NARROW)):
            _public(browser, address, width, window)


def _wide(browser: Browser, address: str) -> None:
    ada = Visitor(browser, address, **WIDE)
    ada.page.goto("/sign-in")
    ada.page.locator("main form button").first.click()
    ada.sees("Sign in to your council account")
    _take(ada, "sign-in-1280")
    ada.sign_in("Ada Example")
    ada.sees("Your services")
    _take(ada, "home-1280")
    ada.page.goto("/services/reporting/reports")
    ada.page.locator(".moot-card__link").first.click()
    ada.page.wait_for_load_state("networkidle")
    _take(ada, "report-1280")
    ada.close()


def _narrow(browser: Browser, address: str) -> None:
    ada = Visitor(browser, address, **NARROW)
    ada.sign_in("Ada Example")
    _take(ada, "home-390")
    ada.page.goto("/profile")
    _take(ada, "profile-390")
    ada.begin_report()
    ada.choose("Pothole")
    _take(ada, "question-390")
    ada.press("Continue")
    ada.page.goto("/services/reporting/")
    ada.follow("Delete your unsent report")
    ada.press("Yes, delete it")
    ada.close()


def _public(browser: Browser, address: str, width: str, window: dict[str, Any]) -> None:
    """What everybody sees of reports: the list, the map and one report."""
    anybody = Visitor(browser, address, **window)
    anybody.page.goto("/services/reporting/problems")
    _take(anybody, f"problems-list-{width}")
    anybody.page.goto("/services/reporting/problems/map")
    anybody.page.wait_for_load_state("networkidle")
    anybody.page.locator(".moot-map").scroll_into_view_if_needed()
    _take(anybody, f"problems-map-{width}")
    anybody.page.goto("/services/reporting/problems")
    anybody.page.locator(".moot-cases__item a").first.click()
    _take(anybody, f"problem-{width}")
    anybody.close()


def _take(visitor: Visitor, name: str) -> None:
    """What the window shows, in as few colours as keep it small."""
    visitor.page.mouse.move(0, 0)
    shot = Image.open(io.BytesIO(visitor.page.screenshot())).convert("RGB")
    for colours in (256, 128, 64, 32):
        written = io.BytesIO()
        shot.quantize(colours, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
        if written.tell() <= LARGEST:
            break
    path = FOLDER / f"{name}.png"
    path.write_bytes(written.getvalue())
    print(f"{path.name}: {len(written.getvalue()) / 1024:.0f} KB, {colours} colours")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m tests.journeys.pictures http://localhost:8000")
    main(sys.argv[1].rstrip("/"))
