"""Our component macros against the fixtures that govuk-frontend ships: same options in, same HTML out.

Each fixture's options are put into our keyword arguments by a table. A fixture that uses an option which we leave out
is not compared; every such option is listed in `LEFT_OUT` with its reason, and the list is held against the fixtures
both ways, so that nothing is passed over unseen.
"""

import json
from pathlib import Path
from typing import Any

import html5lib
import pytest
from flask import Flask
from markupsafe import Markup

from portal.settings.reading import load_settings
from portal.web import setup
from tests.support.govuk.items import SPECIAL, NotDrawn, Options, flat, parts_as_items, short
from tests.support.govuk.keywords import KEYWORDS
from tests.support.govuk.left_out import LEFT_OUT

FOLDER = Path(__file__).parents[1] / "support" / "govuk"
LEGENDED = ("date-input", "radios", "checkboxes", "fieldset")


def keywords(component: str, options: Options) -> Options:
    """The fixture's options as our keyword arguments. Raises NotDrawn."""
    known = KEYWORDS[component]
    ours: Options = {}
    given = flat(parts_as_items(options) if component == "date-input" else options)
    marked = {path[: -len("html")] for path, value in given if path.endswith("html") and value}
    for path, value in given:
        if path.endswith("text") and path[: -len("text")] in marked:
            continue  # where both are given, govuk-frontend takes the markup
        keyword = known.get(path)
        if keyword is None:
            raise NotDrawn(short(path))
        ours[keyword.rstrip("!")] = Markup(value) if keyword.endswith("!") else value
    if component in SPECIAL:
        SPECIAL[component](ours)
    if ours.get("page_heading"):
        # Ours is drawn large where no class says otherwise; a blank one leaves it as theirs.
        name = "legend_classes" if component in LEGENDED else "classes" if component == "label" else "label_classes"
        ours.setdefault(name, " ")
    return ours


def drawn(app: Flask, component: str, values: Options) -> str:
    """Our macro's HTML."""
    name = component.replace("-", "_")
    with app.test_request_context("/"):
        return str(getattr(app.jinja_env.get_template(f"web/components/{name}.html").module, name)(**values))


def tree(html: str) -> Any:
    """The HTML without what makes no difference: order of attributes and classes, white space, our own data-*."""

    def node(element: Any) -> Any:
        attributes = sorted(
            (name, " ".join(sorted(value.split())) if name in ("class", "aria-describedby") else value)
            for name, value in element.attrib.items()
            if not (name.startswith("data-") and name not in THEIR_DATA) and not (name == "class" and not value.strip())
        )
        inside: list[Any] = [text(element.text)]
        for child in element:
            inside += [node(child), text(child.tail)]
        return (element.tag, attributes, [one for one in inside if one])

    def text(value: str | None) -> str:
        return " ".join((value or "").split())

    fragment = html5lib.parseFragment(html, namespaceHTMLElements=False)
    top = [text(fragment.text)]
    for child in fragment:
        top += [node(child), text(child.tail)]
    return [one for one in top if one]


THEIR_DATA = ("data-module", "data-maxlength", "data-prevent-double-click", "data-disable-auto-focus")


def fixtures() -> list[tuple[str, str, Options, str]]:
    """Every vendored fixture: component, name, options, HTML."""
    return [
        (component, one["name"], one["options"], one["html"])
        for component in sorted(KEYWORDS)
        for one in json.loads((FOLDER / f"{component}.json").read_text())
    ]


@pytest.fixture(scope="module")
def app() -> Flask:
    made = Flask("components", static_folder=None)
    setup.install(made, load_settings({}, secret_key="c" * 32, demo=True), name="moothall")
    return made


@pytest.mark.parametrize("component", sorted(KEYWORDS))
def test_the_macro_draws_what_govuk_frontend_draws(app: Flask, component: str) -> None:
    compared = 0
    for name, options, html in [row[1:] for row in fixtures() if row[0] == component]:
        try:
            values = keywords(component, options)
        except NotDrawn:
            continue
        compared += 1
        assert tree(drawn(app, component, values)) == tree(html), f"{component}: {name}"
    assert compared, "nothing of this component is compared"


def test_every_option_that_is_left_out_is_named_with_its_reason() -> None:
    met: dict[str, set[str]] = {}
    compared = 0
    for component, _name, options, _html in fixtures():
        try:
            keywords(component, options)
            compared += 1
        except NotDrawn as left:
            met.setdefault(component, set()).add(str(left))
    named = {component: set(options) for component, options in LEFT_OUT.items()}
    assert met == named
    assert all(reason for options in LEFT_OUT.values() for reason in options.values())
    assert (compared, len(fixtures())) == (389, 568)


def test_the_comparison_can_fail(app: Flask) -> None:
    right = drawn(app, "button", {"text": "Save"})
    for wrong in (
        right.replace("Save", "Send"),
        right.replace("govuk-button", "button", 1),
        right.replace('type="submit"', 'type="button"'),
        right.replace("button", "a"),
        right + "<p>more</p>",
    ):
        assert tree(wrong) != tree(right)
    assert tree(right.replace(" class", "  class").replace(">Save", ">\n  Save ")) == tree(right)
