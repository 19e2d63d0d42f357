"""A resident with one browser, at a portal and a provider that both listen on loopback."""

import re
from urllib.parse import urljoin

import requests


class Resident:
    """One browser. `seen` are the addresses that it went to, redirects included; nobody listens at `stops_at`."""

    def __init__(self, address: str, stops_at: str = "") -> None:
        self.address, self.browser, self.seen = address, requests.Session(), list[str]()
        self.stops_at = stops_at

    def get(self, path: str) -> requests.Response:
        """A page of the portal."""
        return self.browser.get(urljoin(self.address, path), timeout=20)

    def press(self, page: requests.Response, action: str, **fields: str) -> requests.Response:
        """Send the form of the page that mentions `action`, and follow where it leads."""
        form = next(each for each in re.findall(r"<form.*?</form>", page.text, re.S) if action in each)
        inputs = (dict(re.findall(r'(\w+)="([^"]*)"', each)) for each in re.findall(r"<input[^>]*>", form))
        hidden = {each["name"]: each.get("value", "") for each in inputs if each.get("type") == "hidden"}
        target = re.search(r'<form[^>]* action="([^"]*)"', form)
        address = urljoin(page.url, target[1].replace("&amp;", "&") if target else page.url)
        return self._follow("POST", address, hidden | fields, page.url)

    def _follow(self, method: str, address: str, fields: dict[str, str], referrer: str) -> requests.Response:
        """Send, and go where it leads, until a page or an address of `stops_at`."""
        answer = self.browser.request(
            method, address, data=fields, timeout=20, headers={"Referer": referrer}, allow_redirects=False
        )
        self.seen.append(answer.url)
        if answer.status_code not in (301, 302, 303, 307, 308):
            return answer
        onward = urljoin(answer.url, answer.headers["Location"])
        if self.stops_at and onward.startswith(self.stops_at):
            self.seen.append(onward)
            return answer
        return self._follow("GET", onward, {}, answer.url)

    def is_signed_in(self) -> bool:
        """Whether a page of theirs opens."""
        return self.browser.get(urljoin(self.address, "/profile"), allow_redirects=False, timeout=20).status_code == 200
