"""Fill in a form of a service that nobody has told us about: by the kind of each field, its name, and its samples."""

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from PIL import Image
from pypdf import PdfWriter

from portal import clock
from portal.conformance.pages import CONTROLS, PageForm, words

Values = dict[str, Any]  # strings, lists of them, and files
Answers = Mapping[str, str | Sequence[str]]

WORDS: Final = "Some words that say what is wanted"
BY_NAME: Final = (
    ("postcode", ("W6 9JU",)),
    ("email", ("somebody@conformance.example",)),
    ("phone", ("020 7946 0018",)),
    ("mobile", ("07700 900018",)),
    ("vrm", ("AB12 CDE",)),
    ("registration", ("AB12 CDE",)),
    ("reference", ("2222-2222",)),
    ("amount", ("10.00",)),
    ("year", ("2026",)),
)
"""What is typed where a field's name has this in it and its sample does not say."""
TRIES: Final = 4
MOST_WAYS: Final = 8


def ways(form: PageForm, answers: Answers) -> Iterator[Values]:
    """Different ways of filling it in: each choice of its radios, lists and buttons once, the first ones together."""
    choices = max([1, *(len(each) for each in _choices(form).values()), len(_buttons(form))])
    for number in range(min(choices, MOST_WAYS)):
        yield filled(form, answers, number)


def filled(form: PageForm, answers: Answers, number: int = 0, attempt: int = 0) -> Values:
    """What a browser would send with every field filled in: the choice of that number, typed things by attempt."""
    values: Values = dict(form.values)
    for name, options in _choices(form).items():
        given = answers.get(name)
        values[name] = given if given is not None else options[(number + attempt) % len(options)]
    for control in _controls(form):
        name = control.get("name", "")
        if name in answers:
            values[name] = answers[name]
        elif not _is_chosen(control) and control.get("type") != "hidden":
            values[name] = _typed(control, name, attempt)
    buttons = _buttons(form)
    return values | (dict([buttons[number % len(buttons)]]) if buttons else {})


def bare(form: PageForm) -> Values:
    """What is sent when nothing is filled in: hidden fields and the first button alone."""
    inputs = [one for one in form.element.iter("input") if one.get("type") == "hidden"]
    hidden = {one.get("name"): one.get("value", "") for one in inputs}
    return {name: value for name, value in hidden.items() if name} | dict(_buttons(form)[:1])


def asks_something(form: PageForm) -> bool:
    """Whether there is anything to fill in."""
    return any(control.get("type") != "hidden" for control in _controls(form))


def is_sent_by_plain_html(form: PageForm) -> bool:
    """Whether a browser without script has a way to send it: a button."""
    element = form.element
    by_button = any(one.get("type", "submit") == "submit" for one in element.iter("button"))
    return by_button or any(one.get("type") in ("submit", "image") for one in element.iter("input"))


def _controls(form: PageForm) -> Iterator[Any]:
    for one in form.element.iter():
        can_be_filled = one.tag in CONTROLS and one.get("name") and one.get("disabled") is None
        if can_be_filled and one.get("type") not in ("submit", "button", "image", "reset"):
            yield one


def _is_chosen(control: Any) -> bool:
    return control.tag == "select" or control.get("type") in ("radio", "checkbox")


def _choices(form: PageForm) -> Mapping[str, Sequence[str]]:
    """What can be chosen, by the name of the field: an option that says nothing is none."""
    found: dict[str, list[str]] = {}
    for control in _controls(form):
        name = control.get("name", "")
        if control.tag == "select":
            options = [one.get("value", words(one)) for one in control.iter("option")]
            found.setdefault(name, []).extend(option for option in options if option)
        elif _is_chosen(control):
            found.setdefault(name, []).append(control.get("value", "on"))
    return {name: options for name, options in found.items() if options}


def _buttons(form: PageForm) -> Sequence[tuple[str, str]]:
    """The buttons that say by name which of them was pressed."""
    found = [one for tag in ("button", "input") for one in form.element.iter(tag)]
    pressed = (one for one in found if one.tag == "button" or one.get("type") == "submit")
    return [(one.get("name"), one.get("value", "")) for one in pressed if one.get("name")]


def _typed(control: Any, name: str, attempt: int) -> Any:  # a str, or a file
    kind = control.get("type", "text")
    if kind == "file":
        return _photo() if "image" in control.get("accept", "image") else (io.BytesIO(_pdf()), "paper.pdf")
    day = clock.today() + timedelta(days=(1, 30, -30, -4000)[attempt % TRIES])
    for part, value in (("day", day.day), ("month", day.month), ("year", day.year)):
        if name.endswith(f"-{part}"):
            return str(value)
    if kind == "date":
        return day.isoformat()
    for hint, typed in BY_NAME:
        if hint in name.lower() or hint in control.get("autocomplete", ""):
            return typed[attempt % len(typed)]
    if kind == "number" or control.get("inputmode") in ("numeric", "decimal"):
        return ("2", "10", "100", "1")[attempt % TRIES]
    longest = int(control.get("maxlength", "100"))
    return (WORDS, "Sample", "AB1234567", "12")[attempt % TRIES][:longest]


def _photo() -> tuple[io.BytesIO, str]:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 90)).save(file, "JPEG")
    file.seek(0)
    return file, "photo.jpg"


def _pdf() -> bytes:
    file = io.BytesIO()
    paper = PdfWriter()
    paper.add_blank_page(width=210, height=297)
    paper.write(file)
    return file.getvalue()
