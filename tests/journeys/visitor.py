"""Somebody at a browser: where they go, what they press, and what every page is held to on the way."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response, expect

from portal.conformance.seen import look, watch

POSTCODE = "W6 9JU"
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
GROUP_OF = {
    "Fly-tipping": "Rubbish and dirt",
    "Graffiti": "Graffiti and damage",
    "Pothole": "Roads and pavements",
    "Street light": "Lights and signals",
}


class Visitor:
    """One person at one browser window. Every page that they come to by these methods is judged."""

    def __init__(self, browser: Browser, url: str, *, scripted: bool = True, **options: Any) -> None:
        self.url = url
        self.context: BrowserContext = browser.new_context(
            base_url=url, java_script_enabled=scripted, **({"viewport": DESK, "locale": "en-GB"} | options)
        )
        self.context.set_default_timeout(10_000)
        watch(self.context, url, scripted=scripted)
        self.page: Page = self.context.new_page()

    # Going and seeing

    def go(self, path: str) -> Response:
        """Open an address and look at the page."""
        answer = self.page.goto(path)
        assert answer is not None
        look(self.page)
        return answer

    def sees(self, heading: str | re.Pattern[str]) -> None:
        """The page's h1 is, or matches, this; and the page is as every page must be."""
        expect(self.page.locator("h1")).to_have_text(heading)
        look(self.page)

    def reads(self, words: str | re.Pattern[str]) -> None:
        """These words are somewhere on the page."""
        expect(self.page.locator("body")).to_contain_text(words)

    def at(self, path: str) -> None:
        """The address bar shows this path."""
        expect(self.page).to_have_url(f"{self.url}{path}")

    @property
    def path(self) -> str:
        """What the address bar shows, after the host, without a fragment: a browser keeps that of a link followed."""
        return self.page.url.removeprefix(self.url).partition("#")[0]

    # Acting

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press a button, or a link that looks like one. The way out is in the header; all others in the page."""
        self.button(name).click()

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """A button by its words."""
        exact = isinstance(name, str)
        return self.page.get_by_role("button", name=name, exact=exact).or_(
            self.page.locator("a.govuk-button", has_text=name)
        )

    def follow(self, name: str | re.Pattern[str], *, within: str = "body") -> None:
        """Follow a link by its words; the first of several."""
        exact = isinstance(name, str)
        self.page.locator(within).get_by_role("link", name=name, exact=exact).first.click()

    def fill(self, label: str | re.Pattern[str], words: str) -> None:
        """Type into the field with this label."""
        self.page.get_by_label(label).first.fill(words)

    def choose(self, label: str) -> None:
        """Select one of some radios."""
        self.page.get_by_role("radio", name=label, exact=True).check()

    # Whole acts

    def sign_in(self, name: str, *, to: str = "/home") -> None:
        """Sign in as one of the demo's people, by one click at the provider."""
        self.page.goto(f"/sign-in?next={to}")
        self.press(re.compile("^(Sign in with|Mewngofnodi gyda) "))
        self.sign_in_at_provider(name)
        expect(self.page).to_have_url(re.compile(re.escape(self.url) + r"/(?!id/|auth/|sign-in)"))

    def sign_in_at_provider(self, name: str) -> None:
        """Choose one of the people, unless the provider knows us already."""
        if "/id/" in self.page.url:
            self.page.get_by_role("button", name=re.compile(name)).click()

    def begin_report(self, wrong: str = "A hole in the road, as wide as a bicycle wheel.") -> None:
        """Say in a new report what is wrong, and come to the question of which kind it is."""
        self.page.goto("/services/reporting/")
        self.press(re.compile("^(Start now|Start another report)$"))
        self.sees("What is wrong?")
        self.fill("What is wrong?", wrong)
        self.press("Continue")
        self.sees("What kind of problem is it?")

    def choose_kind(self, kind: str) -> None:
        """Select the kind, in its group where the words did not suggest it, and answer what has to be answered."""
        self.sees("What kind of problem is it?")
        if not self.page.get_by_role("radio", name=kind, exact=True).count():
            self.answer(GROUP_OF[kind])
            self.sees("Which of these is it?")
        self.answer(kind)
        self.page.wait_for_url(re.compile("/questions(#|$)"))
        self.page.get_by_role("radio").first.check()
        self.press("Continue")
        self.sees("How do you want to tell us where it is?")

    def answer(self, choice: str) -> None:
        """Select and go on."""
        self.choose(choice)
        self.press("Continue")

    def to_photos(self) -> None:
        """Go on from the place, past reports near by that other visitors have left."""
        self.press("Continue")
        self.sees(re.compile("Do you have photos|Has it been reported already"))
        if self.path.endswith("/nearby"):
            self.answer("None of these: go on with my report")
        self.sees("Do you have photos?")

    def place_by_street(self, street: str = "Mill Lane", where: str = "Outside the library") -> None:
        """Answer where it is, in words."""
        self.answer("By street and description")
        self.sees("Which street or place is it?")
        self.fill("Street, park or place", street)
        self.fill("Where exactly is the problem?", where)
        self.press("Continue")
        expect(self.page).to_have_title(re.compile("^(Error|Which street do you|Do you have photos|Has it been)"))
        if self.path.endswith("/street"):  # none of that name is on the map
            self.sees("Which street or place is it?")
            self.press("Continue")
            expect(self.page).not_to_have_title(re.compile("^(Error|Which street or place)"))
        self.sees(re.compile("^(Which street do you mean|Do you have photos|Has it been reported already)"))
        if self.path.endswith("/which"):  # a street of nearly that name is on the map
            self.answer(f"None of these: leave it as “{street}”")

    def report_to_check(self, *, kind: str = "Pothole", wrong: str = "A hole as wide as a bicycle wheel.") -> None:
        """All answers, up to the page that shows them again."""
        self.begin_report(wrong)
        self.choose_kind(kind)
        self.place_by_street()
        self.sees("Do you have photos?")
        self.press("Continue")
        self.sees("Check your answers")

    def send(self) -> str:
        """Send the report; its reference."""
        self.press("Send the report")
        self.sees("Report sent")
        return self.path.split("/")[-2]

    def eventually(self, words: str | re.Pattern[str], *, seconds: int = 20) -> None:
        """Reload until the words are there: somebody else is at work."""
        for _ in range(seconds * 2):
            if self.page.locator("main").get_by_text(words).count():
                return
            self.page.wait_for_timeout(500)
            self.page.reload()
        self.reads(words)

    def close(self) -> None:
        """Close the window."""
        self.context.close()


def photo_file(folder: Path) -> Path:
    """A photo as a phone would make it."""
    from tests.support.photos import located_photo

    path = folder / "pothole.jpg"
    path.write_bytes(located_photo())
    return path
