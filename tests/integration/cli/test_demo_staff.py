"""The demo's staff sign in at the desk by one click, over real HTTP, and are offered to no resident."""

import re
from collections.abc import Callable
from urllib.parse import urljoin

import requests

from portal.cli.demo_people import PEOPLE
from portal.cli.demo_staff import COLLEAGUES
from tests.integration.cli.conftest import Demo

Start = Callable[..., Demo]
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Visitor:
    """A browser without script: keeps cookies, follows redirects, presses buttons."""

    def __init__(self, demo: Demo) -> None:
        self.origin = f"http://localhost:{demo.port}"
        self.web = requests.Session()
        self.web.headers["Origin"] = self.origin
        self.page = requests.Response()

    def open(self, path: str) -> str:
        self.page = self.web.get(urljoin(self.origin, path), timeout=20)
        return self.page.text

    def press(self, action: str, **fields: str) -> str:
        """Send the form that leads there."""
        token = TOKEN.search(self.page.text)
        assert token, self.page.text
        self.page = self.web.post(urljoin(self.page.url, action), data={"csrf_token": token[1], **fields}, timeout=20)
        return self.page.text

    def sign_in_as(self, name: str, begin: str) -> str:
        """Press the provider's button, then the one with this name."""
        self.press(begin)
        forms = re.findall(r'<form method="post" action="([^"]+)".*?</form>', self.page.text, re.DOTALL)
        names = re.findall(r"Sign in as ([A-Za-z ]+?)\s*<", self.page.text)
        return self.press(dict(zip(names, forms, strict=False))[name].replace("&amp;", "&"))


def test_staff_sign_in_at_the_desk_and_do_what_their_groups_may(run_demo: Start) -> None:
    demo = run_demo().ready()
    try:
        for colleague in COLLEAGUES:
            assert f"{colleague.given_name} {colleague.family_name}" in demo.said
        ruth = Visitor(demo)
        assert "Staff sign-in" in ruth.open("/desk/rights")
        ruth.press("/desk/sign-in/desk", next="/desk/rights")
        assert "Ruth Rightskeeper" in ruth.page.text
        assert not any(person.name in ruth.page.text for person in PEOPLE)
        ruth.open("/desk/rights")
        assert "Rights in force" in ruth.sign_in_as("Ruth Rightskeeper", "/desk/sign-in/desk") or ruth.open(
            "/desk/rights"
        )
        assert "street-services" in ruth.open("/desk/rights")

        sunita = Visitor(demo)
        sunita.open("/desk")
        sunita.sign_in_as("Sunita Deskworker", "/desk/sign-in/desk")
        assert sunita.page.url.startswith(f"{sunita.origin}/desk")
        assert sunita.page.status_code == 200, sunita.page.text
        assert "Sunita Deskworker" in sunita.page.text
        assert "You may not do this" in sunita.open("/desk/rights")
        assert "/sign-in" in sunita.web.get(f"{sunita.origin}/home", timeout=20).url

        ada = Visitor(demo)
        ada.open("/sign-in")
        ada.press("/sign-in/moothall", next="/home")
        assert "Ada Example" in ada.page.text
        assert "Sunita" not in ada.page.text

        sunita.open("/desk/stay-signed-in")
        sunita.press("/desk/sign-out")
        assert "Staff sign-in" in sunita.open("/desk")
    finally:
        demo.end()
