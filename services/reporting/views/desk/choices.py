"""What lists and figures at the desk are narrowed by: a category, a ward."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request

from portal.kit import gettext as _
from portal.kit import settings_of
from services.reporting.rules.categories import catalogue
from services.reporting.settings.reporting import ReportingSettings


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
