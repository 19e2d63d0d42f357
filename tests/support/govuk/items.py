"""What the table cannot say of the fixtures' options: lists of items, parts of a date, values by another name."""

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

Options = dict[str, Any]


class NotDrawn(Exception):
    """The fixture uses an option that we leave out. Holds the option's path."""


def said(values: Options, **names: str) -> Options:
    """Some options of an item under our names. Raises NotDrawn for one that is not among them."""
    found: Options = {}
    for path, value in flat(values):
        name = names.get(path.replace(".", "_"))
        if name is None:
            raise NotDrawn(f"items.{short(path)}")
        found[name.rstrip("_")] = Markup(value) if path.endswith("html") else value
    return found


def short(path: str) -> str:
    """The path as `LEFT_OUT` names it: free attributes are one option, whichever they are."""
    before, found, _name = path.partition("attributes.")
    return f"{before}attributes" if found else path


def parts_as_items(options: Options) -> Options:
    """A date input's `day`, `month` and `year` said as `items`, which mean the same."""
    parts = ("day", "month", "year")
    if "items" in options or not any(part in options for part in parts):
        return options
    items = [{"name": part, **(options.get(part) or {})} for part in parts if options.get(part, True)]
    return {key: value for key, value in options.items() if key not in parts} | {"items": items}


def flat(options: Options, before: str = "") -> list[tuple[str, Any]]:
    """Each option as (path, value). What is null or an empty group says nothing."""
    found: list[tuple[str, Any]] = []
    for key, value in options.items():
        if isinstance(value, dict) and f"{before}{key}" != "values":
            found += flat(value, f"{before}{key}.")
        elif value is not None:
            found.append((f"{before}{key}", value))
    return found


def _boxes(ours: Options) -> None:
    chosen = ours.pop("values", None) or [ours.pop("value", None)]
    items = []
    for given in ours["items"]:
        if not given:
            raise NotDrawn("items.empty")
        item = said(
            given, value="value", text="text", html="text", hint_text="hint", hint_html="hint",
            checked="checked", disabled="disabled", divider="divider",
        )  # fmt: skip
        if "divider" not in item:
            item.setdefault("value", "")
            item.setdefault("checked", item["value"] in chosen and item["value"] != "")
        items.append(item)
    ours["items"] = items
    ours.setdefault("name", "")


def _select(ours: Options) -> None:
    if "items" not in ours:
        raise NotDrawn("without items")
    chosen = ours.pop("value", None)
    items = []
    for given in ours["items"]:
        if not given or type(given.get("value")) not in (str, int):
            raise NotDrawn("items.without a text as value")
        item = said(given, value="value", text="text", selected="checked", disabled="disabled")
        item.setdefault("checked", chosen is not None and item["value"] == chosen)
        items.append(item)
    ours["items"] = items
    _named(ours)


def _date(ours: Options) -> None:
    values = dict(ours.pop("values", {}))
    prefix = f"{ours['name']}-" if ours.get("name") else ""
    ours["values"] = {key.removeprefix(prefix): value for key, value in values.items()}
    items = ours.pop("items", None)
    if items:
        if [item.get("name") for item in items] != ["day", "month", "year"]:
            raise NotDrawn("items.other parts than day, month, year")
        wrong = set()
        for item in items:
            classes = set(item.get("classes", "").split())
            if item.get("error") or "govuk-input--error" in classes:
                wrong.add(item["name"])
            rest = set(item) - {"name", "classes", "value", "error"}
            if rest or classes - {"govuk-input--error", "govuk-input--width-2", "govuk-input--width-4"}:
                raise NotDrawn("items." + ", ".join(sorted(rest) or ["classes"]))
            if item.get("error") is False:
                raise NotDrawn("items.error=false")
            if "value" in item:
                ours["values"][item["name"]] = item["value"]
        if wrong:
            ours["wrong"] = wrong
            if "error" not in ours:
                raise NotDrawn("items.error without a message")
    ours.setdefault("name", "")


def _errors(ours: Options) -> None:
    pairs = []
    for item in ours.get("errors", []):
        one = said(item, href="href", text="text", html="text")
        href = one.get("href", "")
        if href and not href.startswith("#"):
            raise NotDrawn("errorList.href to another page")
        pairs.append((href[1:] or None, one["text"]))
    ours["errors"] = pairs


def _named(ours: Options) -> None:
    ours.setdefault("id", ours.get("name", ""))


def _count(ours: Options) -> None:
    _named(ours)
    if "max_length" not in ours:
        raise NotDrawn("without maxlength")


def _notice(ours: Options) -> None:
    if "success" in ours:
        ours["success"] = ours["success"] == "success"
    if "auto_focus" in ours:
        if ours["auto_focus"] is not True:
            raise NotDrawn("disableAutoFocus=false")
        ours["auto_focus"] = False


def _button(ours: Options) -> None:
    if ours.get("once") is False:
        raise NotDrawn("preventDoubleClick=false")
    if ours.get("start") and isinstance(ours.get("text"), Markup):
        raise NotDrawn("html of a start button")


def _fieldset(ours: Options) -> None:
    if "caller" in ours:
        inside = ours["caller"]
        ours["caller"] = lambda: inside


def _notice_inside(ours: Options) -> None:
    _notice(ours)
    _fieldset(ours)


def _action(given: Options) -> Options:
    return said(given, href="href", text="text", html="text", visuallyHiddenText="about")


def _summary(ours: Options) -> None:
    rows = []
    for given in ours["rows"]:
        if not given:
            continue
        row = said(
            given, key_text="key", key_html="key", value_text="value", value_html="value",
            actions_items="actions",
        )  # fmt: skip
        row.setdefault("value", "")
        row["actions"] = [_action(action) for action in row.get("actions", [])]
        rows.append(row)
    ours["rows"] = rows
    ours["card_actions"] = [_action(action) for action in ours.get("card_actions", [])]


def _table(ours: Options) -> None:
    numeric: set[int] = set()
    rows = [[_cell(cell, at, numeric) for at, cell in enumerate(row)] for row in ours["rows"] if row]
    head = [_cell(cell, at, numeric) for at, cell in enumerate(ours.get("head") or [])]
    ours.setdefault("caption_classes", "")
    ours |= {"rows": rows, "head": head, "numeric": numeric}


def _cell(given: Options, at: int, numeric: set[int]) -> str:
    cell = said(given, text="text", html="text", format="format")
    if cell.get("format"):
        numeric.add(at)
    return str(cell["text"]) if not isinstance(cell["text"], Markup) else cell["text"]


def _tasks(ours: Options) -> None:
    items = []
    for given in ours["items"]:
        if not given:
            raise NotDrawn("items.empty")
        item = said(
            given, title_text="title", title_html="title", hint_text="hint", hint_html="hint", href="href",
            status_text="status", status_html="status", status_tag_text="status", status_tag_html="status",
            status_tag_classes="tag_colour",
        )  # fmt: skip
        if "tag" in given.get("status", {}):
            item["tag_colour"] = item.get("tag_colour", "").removeprefix("govuk-tag--")
        items.append(item)
    ours["items"] = items


def _panel(ours: Options) -> None:
    if "interruption" in ours.get("classes", ""):
        raise NotDrawn("classes of an interruption")


def _needs(name: str) -> Callable[[Options], None]:
    def check(ours: Options) -> None:
        if name not in ours:
            raise NotDrawn(f"without {name}")

    return check


SPECIAL: dict[str, Callable[[Options], None]] = {
    "button": _button,
    "character-count": _count,
    "checkboxes": _boxes,
    "date-input": _date,
    "error-summary": _errors,
    "fieldset": _fieldset,
    "file-upload": _named,
    "input": _named,
    "notification-banner": _notice_inside,
    "label": _needs("text"),
    "panel": _panel,
    "password-input": _named,
    "phase-banner": _needs("tag"),
    "radios": _boxes,
    "select": _select,
    "summary-list": _summary,
    "table": _table,
    "task-list": _tasks,
    "textarea": _named,
    "warning-text": _needs("text"),
}
