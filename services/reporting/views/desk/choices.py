"""What lists and figures at the desk are narrowed by: a category, a ward."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import request

from portal.kit import Lazy, lazy_gettext, settings_of
from portal.kit import gettext as _
from services.reporting.rules.categories import catalogue
from services.reporting.rules.periods import Period, faults_in
from services.reporting.settings.reporting import ReportingSettings

FAULTS: Final[Mapping[str, Lazy]] = {
    "unreadable": lazy_gettext("Enter a day, such as 2026-01-31. Until then the usual days are shown"),
    "order": lazy_gettext("Enter a first day that is not after the last. Until then the usual days are shown"),
}


def days_asked(period: Period) -> Sequence[Mapping[str, Any]]:
    """Both days as a template draws them: as they are shown, or as they were typed beside what is wrong with them."""
    faults = faults_in(request.args)
    fields = (
        ("from", _("From"), _("Such as 2026-01-31"), period.first),
        ("to", _("To"), _("At most a year"), period.last),
    )
    return [
        {
            "id": name,
            "label": label,
            "hint": hint,
            "value": request.args[name] if name in faults else day.isoformat(),
            "error": str(FAULTS[faults[name]]) if name in faults else "",
        }
        for name, label, hint, day in fields
    ]


def chosen_category() -> str:
    """The category that the address names; empty for one that there is not."""
    code = request.args.get("category", "")
    return code if code in catalogue().by_code else ""


def chosen_ward() -> str:
    """The ward that the address names; empty for one that there is not."""
    code = request.args.get("ward", "")
    return code if code in {ward.code for ward in settings_of(ReportingSettings).wards} else ""


def filters(category: str, ward: str) -> Sequence[Mapping[str, Any]]:
    """Both choices, as a template draws them."""
    wards = {each.code: each.title for each in settings_of(ReportingSettings).wards}
    kinds = {each.code: str(each.title) for each in catalogue().categories}
    return [
        choice("category", _("Problem"), {"": _("All problems"), **kinds}, category),
        choice("ward", _("Ward"), {"": _("All wards"), **wards}, ward),
    ]


def choice(name: str, label: str, options: Mapping[str, str], chosen: str) -> Mapping[str, Any]:
    """One of them."""
    items = [{"value": value, "text": text, "checked": value == chosen} for value, text in options.items()]
    return {"id": name, "label": label, "items": items}
