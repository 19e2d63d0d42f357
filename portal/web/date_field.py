"""A date typed in three parts."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from wtforms.utils import unset_value
from wtforms.validators import StopValidation

from portal.web import texts
from portal.web.fields import ComponentField, Text, one_text
from portal.web.languages import gettext

PARTS: Final = ("day", "month", "year")
MONTHS: Final = (
    ("january", "ionawr"), ("february", "chwefror"), ("march", "mawrth"), ("april", "ebrill"),
    ("may", "mai"), ("june", "mehefin"), ("july", "gorffennaf"), ("august", "awst"),
    ("september", "medi"), ("october", "hydref"), ("november", "tachwedd"), ("december", "rhagfyr"),
)  # fmt: skip
EARLIEST: Final = 1800
LATEST: Final = 2200


class DateField(ComponentField):
    """Day, month and year as `<name>-day`, `<name>-month`, `<name>-year`. `data` is a date, or None."""

    component = "date_input"

    def __init__(self, label: Text, *, autocomplete: str = "", **kwargs: Any) -> None:
        """`autocomplete="bday"` lets the browser fill in a date of birth."""
        self.autocomplete = autocomplete
        self.parts = dict.fromkeys(PARTS, "")
        self.wrong: set[str] = set()
        super().__init__(label, **kwargs)

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Take the three parts, however many of them and how often they were sent."""
        self.process_errors = []
        self.wrong = set()
        value = self.default() if callable(self.default) else self.default
        value = value if data is unset_value else data
        self.object_data = value
        self.data = value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None
        self.parts = dict.fromkeys(PARTS, "")
        if self.data is not None:
            self.parts = {part: str(getattr(self.data, part)) for part in PARTS}
        if formdata is None:
            return
        sent_parts: list[str] = []
        self.data = None
        for part in PARTS:
            try:
                sent = one_text(self, formdata.getlist(f"{self.name}-{part}"))
                self.parts[part] = texts.showable(sent[:100]).strip()
                if sent:
                    sent_parts.append(sent)
            except ValueError as error:
                self.parts[part] = ""
                self._refuse(str(error), part)
        self.raw_data = sent_parts
        if not self.process_errors and any(self.parts.values()):
            self._read()
        for change in (*self.filters, *(extra_filters or [])):
            self.data = change(self.data)

    def is_empty(self) -> bool:
        """Whether none of the parts was filled in."""
        return self.data is None and not any(self.parts.values())

    def pre_validate(self, form: Any) -> None:
        """As for every field; where all is missing, all parts are marked."""
        if not self.process_errors and self.is_empty() and self.required is not None:
            self.wrong = set(PARTS)
            raise StopValidation(str(self.required))
        super().pre_validate(form)

    @property
    def error_target(self) -> str:
        """The first part that is wrong."""
        return f"{self.id}-{next((part for part in PARTS if part in self.wrong), PARTS[0])}"

    def _refuse(self, sentence: str, *parts: str) -> None:
        self.process_errors = [*self.process_errors, sentence]
        self.wrong |= set(parts)

    def _read(self) -> None:
        name = self.name_in_sentences
        missing = [part for part in PARTS if not self.parts[part]]
        if missing:
            self._refuse(_must_include(name, missing), *missing)
            return
        day, month, year = _number(self.parts["day"], 2), _month(self.parts["month"]), _number(self.parts["year"], 4)
        if self.parts["year"].isdecimal() and len(self.parts["year"]) != 4:
            self._refuse(gettext("%(name)s must have a year of 4 numbers", name=name), "year")
            return
        wrong = [
            part
            for part, value, last in (("day", day, 31), ("month", month, 12), ("year", year, LATEST))
            if value is None or not 1 <= value <= last or (part == "year" and value < EARLIEST)
        ]
        if wrong or day is None or month is None or year is None:
            self._refuse(gettext("%(name)s must be a real date", name=name), *wrong)
            return
        try:
            self.data = date(year, month, day)
        except ValueError:  # 31 June, 29 February
            self._refuse(gettext("%(name)s must be a real date", name=name), "day")

    def component_values(self) -> dict[str, Any]:
        """The keyword arguments of the macro."""
        return super().component_values() | {
            "values": self.parts,
            "wrong": (self.wrong or set(PARTS)) if self.errors else set(),
            "autocomplete": self.autocomplete,
        }


def _number(text: str, digits: int) -> int | None:
    return int(text) if re.fullmatch(rf"[0-9]{{1,{digits}}}", text) else None


def _month(text: str) -> int | None:
    if re.fullmatch(r"[0-9]{1,2}", text):
        return int(text)
    typed = text.lower().rstrip(".")
    if len(typed) < 3:
        return None
    found = [n for n, names in enumerate(MONTHS, 1) if any(name.startswith(typed) for name in names)]
    return found[0] if len(found) == 1 else None


def _must_include(name: str, missing: Sequence[str]) -> str:
    sentences = {
        ("day",): gettext("%(name)s must include a day", name=name),
        ("month",): gettext("%(name)s must include a month", name=name),
        ("year",): gettext("%(name)s must include a year", name=name),
        ("day", "month"): gettext("%(name)s must include a day and month", name=name),
        ("day", "year"): gettext("%(name)s must include a day and year", name=name),
        ("month", "year"): gettext("%(name)s must include a month and year", name=name),
    }
    return sentences[tuple(missing)]
