"""A fetched page, read as a person or a screen reader would, and what must be true of every one."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import html5lib

CONTROLS = ("input", "select", "textarea")
NOT_TYPED = ("hidden", "submit", "button", "image", "reset")


@dataclass
class Page:
    """The HTML of one page."""

    html: str
    parse_errors: list[str] = field(default_factory=list)

    @cached_property
    def root(self) -> Any:
        """The `html` element."""
        parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
        root = parser.parse(self.html)
        self.parse_errors = [f"line {where[0]}: {what} {more or ''}".strip() for where, what, more in parser.errors]
        return root

    def all(self, tag: str, **attributes: str) -> list[Any]:
        """Elements by tag and attributes; `class_` and `for_` lose their underscore, `_` becomes `-`."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            one
            for one in self.root.iter(tag)
            if all(
                value in one.get(name, "").split() if name == "class" else one.get(name) == value
                for name, value in wanted.items()
            )
        ]

    @property
    def h1(self) -> str:
        """The text of the heading."""
        return words(self.all("h1")[0])

    @property
    def title(self) -> str:
        """The text of the title."""
        return words(self.all("title")[0])

    @property
    def main(self) -> str:
        """The text of the main part."""
        return words(self.all("main")[0])

    @property
    def errors(self) -> list[tuple[str, str]]:
        """The error summary: (where each link leads, its sentence)."""
        summaries = self.all("div", class_="govuk-error-summary")
        return [
            (next((link.get("href", "") for link in item.iter("a")), ""), words(item))
            for summary in summaries
            for item in summary.iter("li")
        ]

    @property
    def notice(self) -> str:
        """The text of the banner that says what has been done, or ""."""
        banners = self.all("div", class_="govuk-notification-banner__content")
        return words(banners[0]) if banners else ""

    def links(self) -> dict[str, str]:
        """Where each link text leads."""
        return {words(link): link.get("href", "") for link in self.all("a")}

    def forms(self) -> list["PageForm"]:
        """The forms, the one in the main part first."""
        inside = {id(one) for main in self.all("main") for one in main.iter("form")}
        forms = sorted(self.all("form"), key=lambda one: id(one) not in inside)
        return [PageForm(one) for one in forms]

    def form_with(self, *names: str) -> "PageForm":
        """The first form that has controls of these names."""
        for form in self.forms():
            if set(names) <= form.names:
                return form
        raise AssertionError(f"No form with {names} among {[sorted(form.names) for form in self.forms()]}")


@dataclass
class PageForm:
    """A form as a browser would send it."""

    element: Any

    @property
    def action(self) -> str:
        """Where it is sent; "" is the page's own address."""
        return str(self.element.get("action", ""))

    @property
    def names(self) -> set[str]:
        """The names of its controls and buttons."""
        return {one.get("name", "") for one in self.element.iter() if one.get("name")}

    @property
    def values(self) -> dict[str, list[str]]:
        """What a browser would send if nothing were changed, without buttons."""
        values: dict[str, list[str]] = {}
        for control in self.element.iter():
            name = control.get("name")
            if not name or control.tag not in CONTROLS or control.get("disabled") is not None:
                continue
            for value in _sent(control):
                values.setdefault(name, []).append(value)
        return values


def _sent(control: Any) -> Iterator[str]:
    kind = control.get("type", "text")
    if control.tag == "textarea":
        yield "".join(control.itertext())
    elif control.tag == "select":
        options = list(control.iter("option"))
        chosen = [one for one in options if one.get("selected") is not None] or options[:1]
        for one in chosen:
            yield one.get("value", words(one))
    elif kind in ("checkbox", "radio"):
        if control.get("checked") is not None:
            yield control.get("value", "on")
    elif kind not in ("submit", "button", "image", "reset", "file"):
        yield control.get("value", "")


def words(element: Any) -> str:
    """The element's text, white space as it is shown."""
    return " ".join("".join(element.itertext()).split())


def faults(page: Page) -> list[str]:
    """What is wrong with a page, as sentences. Empty when nothing is."""
    root = page.root
    found = [f"HTML: {one}" for one in page.parse_errors]
    if root.get("lang") not in ("en", "cy"):
        found.append("the page does not say its language")
    headings, titles = page.all("h1"), page.all("title")
    if len(headings) != 1:
        found.append(f"{len(headings)} h1 instead of one")
    elif not titles or not page.title.removeprefix("Error: ").removeprefix("Gwall: ").startswith(page.h1):
        found.append(f"the title {page.title!r} does not start with the heading {page.h1!r}")
    if len(page.all("main")) != 1:
        found.append("not exactly one main part")
    return found + _id_faults(page) + _label_faults(page) + _safety_faults(page)


def _id_faults(page: Page) -> list[str]:
    ids = Counter(one.get("id") for one in page.root.iter() if one.get("id"))
    found = [f"id {name!r} is used {count} times" for name, count in ids.items() if count > 1]
    for element in page.root.iter():
        for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
            found += [
                f"{name} of <{element.tag}> names {target!r}, which is not there"
                for target in (element.get(name) or "").split()
                if target not in ids
            ]
    # A link inside the page leads to something that is there.
    return found + [
        f"the link to {link.get('href')} leads nowhere"
        for link in page.all("a")
        if link.get("href", "").startswith("#") and link.get("href")[1:] not in ids
    ]


def _label_faults(page: Page) -> list[str]:
    labelled = {label.get("for") for label in page.all("label") if words(label)}
    found = []
    for tag in CONTROLS:
        for control in page.root.iter(tag):
            if control.get("type") in NOT_TYPED or control.get("aria-label") or control.get("aria-labelledby"):
                continue
            if control.get("id") not in labelled:
                found.append(f"<{tag} name={control.get('name')!r}> has no label")
    found += ["a fieldset without a legend" for one in page.all("fieldset") if one.find("legend") is None]
    found += [f"<img src={one.get('src')!r}> has no alt" for one in page.all("img") if one.get("alt") is None]
    found += [
        f"<{one.tag}> to {one.get('href')!r} has no text"
        for one in [*page.all("a"), *page.all("button")]
        if not words(one) and not one.get("aria-label")
    ]
    return found


def _safety_faults(page: Page) -> list[str]:
    found = [f"<{one.tag}> has a style of its own" for one in page.root.iter() if one.get("style") is not None]
    found += ["a style element" for _ in page.all("style")]
    found += [
        f"<{one.tag}> has the handler {name}"
        for one in page.root.iter()
        for name in one.attrib
        if name.startswith("on")
    ]
    found += ["a script without nonce" for one in page.all("script") if not one.get("nonce")]
    found += ["a script in the page" for one in page.all("script") if words(one)]
    found += [
        f"a link to {one.get('href')[:30]!r}"
        for one in page.all("a")
        if one.get("href", "").lower().startswith(("javascript:", "data:"))
    ]
    for form in page.all("form"):
        has_token = any(one.get("name") == "csrf_token" for one in form.iter("input"))
        leaves_us = form.get("action", "").startswith(("https://", "http://"))
        if form.get("method", "get").lower() == "post":
            if has_token and leaves_us:
                found.append(f"the form to {form.get('action', '')!r} gives our token away")
            if not has_token and not leaves_us:
                found.append(f"the form to {form.get('action', '')!r} has no token")
            if form.get("novalidate") is None:
                found.append(f"the form to {form.get('action', '')!r} lets the browser judge in its own words")
        elif has_token:
            found.append("a form that is sent in the address has a token")
    found += [f"{word!r} is shown" for word in ("None", "Undefined") if f">{word}<" in page.html]
    return found
