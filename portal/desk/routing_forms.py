"""What staff write about routing: a rule, and the facts of an imaginary case to try the rules on."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import wtforms
from wtforms.validators import ValidationError

from portal.cases.routing import Rule
from portal.cases.routing_rules import LONGEST_AREA
from portal.desk import where_fields
from portal.desk.case_words import CHANNELS
from portal.web import forms
from portal.web.languages import gettext
from portal.web.languages import lazy_gettext as _

_LINE: Final = re.compile(r"([a-z][a-z0-9_]{0,39})\s*:\s*(.+)")


def read_facts(typed: str) -> dict[str, str]:
    """Lines of “name: value” by name. Raises ValueError with the first line that is none."""
    found: dict[str, str] = {}
    for line in typed.splitlines():
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise ValueError(line.strip())
        found[match[1]] = match[2].strip()
    return found


def _are_facts(_form: object, field: wtforms.Field) -> None:
    try:
        read_facts(str(field.data))
    except ValueError as wrong:
        raise ValidationError(
            gettext("Write one fact on each line, such as channel: telephone. This is none: %(line)s", line=str(wrong))
        ) from None


class RuleForm(forms.Form):
    """Which cases go to which team."""

    version = wtforms.HiddenField()
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
    def where(self) -> tuple[str, str]:
        """Service and kind of case; both empty for any."""
        return where_fields.parted(str(self.cases.data))

    @property
    def wanted(self) -> Mapping[str, Sequence[str]]:
        """The conditions as they are kept."""
        facts = read_facts(str(self.conditions.data))
        return {name: [each.strip() for each in codes.split(",") if each.strip()] for name, codes in facts.items()}

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
