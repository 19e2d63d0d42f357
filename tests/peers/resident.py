"""A resident with one browser, at a portal and a provider that both listen on loopback."""

import re
from urllib.parse import urljoin

import requests


class Resident:
    """One browser. `seen` are the addresses that it went to, redirects included."""

    def __init__(self, address: str) -> None:
        self.address, self.browser, self.seen = address, requests.Session(), list[str]()

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
        answer = self.browser.post(address, data=hidden | fields, timeout=20, headers={"Referer": page.url})
        self.seen += [each.url for each in answer.history] + [answer.url]
        return answer

    def is_signed_in(self) -> bool:
        """Whether a page of theirs opens."""
        return self.browser.get(urljoin(self.address, "/profile"), allow_redirects=False, timeout=20).status_code == 200
