"""What staff fill in about joined records."""

from collections.abc import Sequence
from typing import Final, Self

from portal.joining.forms import PersonForm, ReferenceForm
from portal.web import forms
from portal.web.languages import lazy_gettext as _

SEPARATOR: Final = "/"
CHECKS: Final = (
    ("document", _("They showed a document with a photograph")),
    ("details", _("They told their full name, address, date of birth and something from their bill")),
    ("known", _("They are known to us from an open case")),
)


class WhyForm(forms.Form):
    """Why a protected record is to be seen."""

    reason = forms.TextAreaField(
        _("Why do you need to see a protected record?"),
        hint=_("The resident can read what you write here. Do not name anybody."),
        required=_("Enter why you need to see it"),
        max_length=300,
    )


class _RecordForm(ReferenceForm):
    """Which record, of which kind."""

    kind = forms.SelectField(_("Kind of record"), required=_("Choose the kind of record"))

    def of(self, kinds: Sequence[tuple[str, str]]) -> Self:
        """With the kinds to choose from."""
        self.kind.choices = list(kinds)
        self.reference.text = _("Reference")
        return self


class _MaybeProtected(_RecordForm):
    """A record that is given away only with a reason, if it is protected."""

    reason = forms.TextAreaField(
        _("Why you need to see it, if it is protected"),
        hint=_("Only who may see protected records needs this. The resident can read it."),
        max_length=300,
    )


class DeskFindForm(_MaybeProtected):
    """Whose account a record is in."""


class DeskCodeForm(_MaybeProtected, PersonForm):
    """Whom a code is for, and how we know them."""

    identity_check = forms.RadioField(
        _("How did you make sure who they are?"), choices=CHECKS, required=_("Choose how you made sure who they are")
    )
