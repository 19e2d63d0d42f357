"""What staff write about routing: a rule, and the facts of an imaginary case to try the rules on."""

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Final

import wtforms
from wtforms.validators import ValidationError

from portal.cases.routing import Rule
from portal.cases.routing_rules import LONGEST_AREA
from portal.cases.types import all_types
from portal.desk import where_fields
from portal.desk.case_words import CHANNELS
from portal.web import forms
from portal.web.languages import gettext
from portal.web.languages import lazy_gettext as _

COMMON_FACTS: Final = ("area", "channel", "service", "summary", "type")
"""What is known of every new case."""
_LINE: Final = re.compile(r"([a-z][a-z0-9_]{0,39})\s*:\s*(.+)")


def read_facts(typed: str) -> dict[str, str]:
    """Lines of “name: value” by name. Raises ValueError with the first line that is none, or is there twice."""
    found: dict[str, str] = {}
    for line in typed.splitlines():
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None or match[1] in found:
            raise ValueError(line.strip())
        found[match[1]] = match[2].strip()
    return found


def unknown_in(facts: Mapping[str, Sequence[str]], service: str, kind: str) -> str:
    """Why a rule with these conditions could never decide, or for no such case; empty when it can.

    A service may know further facts of its own cases, and says which.
    """
    types = [each for each in all_types() if service in ("", each.service) and kind in ("", each.slug)]
    known = [*COMMON_FACTS, *sorted({name for each in types for name in each.facts})]
    codes = {
        "channel": list(CHANNELS),
        "service": sorted({each.service for each in types}),
        "type": sorted({each.slug for each in types}),
    }
    for name, wanted in facts.items():
        if name not in known:
            return gettext("There is no fact “%(name)s”. You can use: %(known)s.", name=name, known=", ".join(known))
        strange = [code for code in wanted if code not in codes.get(name, wanted)]
        if strange:
            return gettext(
                "%(name)s is never %(codes)s. It can be: %(known)s.",
                name=name,
                codes=", ".join(strange),
                known=", ".join(codes[name]),
            )
    return ""


def _are_facts(_form: object, field: wtforms.Field) -> None:
    try:
        read_facts(str(field.data))
    except ValueError as wrong:
        raise ValidationError(
            gettext(
                "Write one fact on each line, such as channel: telephone. This is none, or is there twice: %(line)s",
                line=str(wrong),
            )
        ) from None


class RuleForm(forms.Form):
    """Which cases go to which team."""

    version = wtforms.HiddenField()
    key = wtforms.HiddenField(default=lambda: uuid.uuid4().hex)
    cases = forms.SelectField(_("Which cases"), blank=None, mark_optional=False)
    area = forms.TextField(
        _("In which area"), hint=_("As the service names it. Leave it empty for every area."), max_length=LONGEST_AREA
    )
    conditions = forms.TextAreaField(
        _("And only if"),
        hint=_("One fact on each line, with every value that will do, such as channel: telephone, desk"),
        called=_("And only if"),
        max_length=2000,
        rows=4,
        spellcheck=False,
        validators=[_are_facts],
    )
    team = forms.SelectField(_("Go to the team"), blank=_("Choose a team"), required=_("Choose a team"))

    @property
    def seen(self) -> int:
        """The version that the page showed; one that cannot be read is none that there ever was."""
        sent = self.version.data or ""
        return int(sent) if re.fullmatch(r"[0-9]{1,9}", sent) else 0

    @property
    def once(self) -> uuid.UUID:
        """The page's key; a new one where it was tampered with."""
        sent = self.key.data or ""
        return uuid.UUID(sent) if re.fullmatch(r"[0-9a-f]{32}", sent) else uuid.uuid4()

    @property
    def where(self) -> tuple[str, str]:
        """Service and kind of case; both empty for any."""
        return where_fields.parted(str(self.cases.data))

    @property
    def wanted(self) -> Mapping[str, Sequence[str]]:
        """The conditions as they are kept."""
        facts = read_facts(str(self.conditions.data))
        return {name: [each.strip() for each in codes.split(",") if each.strip()] for name, codes in facts.items()}

    def accepted(self) -> bool:
        """Whether there can be a case that it is about, too."""
        if not super().accepted():
            return False
        wrong = unknown_in(self.wanted, *self.where)
        if wrong:
            self.refuse(wrong, "conditions")
        return not wrong

    def show_now(self, rule: Rule) -> None:
        """Let the form be sent anew against what is saved now."""
        self.version.data = str(rule.version)


class TryForm(forms.Form):
    """An imaginary case, or one that there is."""

    reference = forms.TextField(
        _("Reference of an existing case"),
        hint=_("Leave it empty to try an imaginary case."),
        width="10",
        max_length=20,
        spellcheck=False,
    )
    cases = forms.SelectField(_("What kind of case"), blank=_("Choose a kind"), mark_optional=False)
    area = forms.TextField(_("Area"), max_length=LONGEST_AREA)
    channel = forms.SelectField(
        _("How it came to us"), blank=None, choices=lambda: list(CHANNELS.items()), mark_optional=False
    )
    summary = forms.TextField(_("The service’s own short code"), max_length=120, spellcheck=False)
    more = forms.TextAreaField(
        _("Further facts"),
        hint=_("One on each line, such as ward: north"),
        called=_("Further facts"),
        max_length=2000,
        rows=3,
        spellcheck=False,
        validators=[_are_facts],
    )


def as_lines(conditions: Mapping[str, Sequence[str]]) -> str:
    """Conditions as they are typed."""
    return "\n".join(f"{name}: {', '.join(codes)}" for name, codes in conditions.items())
