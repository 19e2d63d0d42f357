"""What staff can say on a case."""

import re
import uuid
from typing import Final

import wtforms

from portal.cases.documents import LONGEST_TITLE
from portal.cases.messages import LONGEST_MESSAGE
from portal.cases.notes import LONGEST_NOTE
from portal.cases.tasks import LONGEST_TITLE as LONGEST_TASK_TITLE
from portal.cases.tasks import LONGEST_WORDS
from portal.cases.values import ChangedMeanwhile
from portal.web import forms
from portal.web.languages import lazy_gettext as _
from portal.web.money import read_pence

LONGEST_REASON: Final = 1000
_KEY: Final = re.compile(r"[0-9a-f]{32}")
_VERSION: Final = re.compile(r"[0-9]{1,9}")


class ActForm(forms.Form):
    """An act on a case: taken once, and only if the case is still as its page showed it.

    `changed` is set when it was not: then the page shows both versions, and sends against the newer one.
    """

    version = wtforms.HiddenField()
    key = wtforms.HiddenField(default=lambda: uuid.uuid4().hex)
    changed: ChangedMeanwhile | None = None

    @property
    def seen(self) -> int:
        """The version that the page showed; one that cannot be read is none that there ever was."""
        sent = self.version.data or ""
        return int(sent) if _VERSION.fullmatch(sent) else 0

    @property
    def once(self) -> str:
        """The page's key; a new one where it was tampered with, which makes it an act of its own."""
        sent = self.key.data or ""
        return sent if _KEY.fullmatch(sent) else uuid.uuid4().hex

    @property
    def typed(self) -> list[tuple[str, str]]:
        """What was typed, each with what the field is called, to be sent again or copied out."""
        fields = [field for field in self if isinstance(field, forms.TextField) and field.raw_data]
        return [(field.name_in_sentences, field.shown_value) for field in fields if field.shown_value]

    def show_changed(self, changed: ChangedMeanwhile) -> None:
        """Let the page show both versions, and be sent anew against what is now."""
        self.changed = changed
        self.version.data = str(changed.now.version)
        self.refuse(changed.sentence)
        self.renew()

    def renew(self) -> None:
        """What is sent from here on is another act: nothing came of this one, or its key has done something else."""
        self.key.data = uuid.uuid4().hex


class ReasonForm(ActForm):
    """An act with words for the resident, which some need."""

    reason = forms.TextAreaField(_("Words for the resident"), called=_("Your words"), max_length=LONGEST_REASON)

    def ask(self) -> None:
        """Make the words obligatory."""
        self.reason.required = _("Say why: the resident reads it")


class PassOnForm(ActForm):
    """Whom to give it to."""

    team = forms.SelectField(_("Team"), blank=None, required=_("Choose a team"))
    person = forms.SelectField(_("Person"), blank=_("Nobody yet: put it on the team’s list"))
    reason = forms.TextAreaField(
        _("What they should know"), hint=_("Only staff read this."), called=_("Your words"), max_length=LONGEST_REASON
    )


class HoldForm(ActForm):
    """Until when, and why."""

    until = forms.DateField(_("Until which day?"), required=_("Enter the day"))
    reason = forms.TextAreaField(
        _("Why does it have to wait?"),
        hint=_("The resident reads this."),
        required=_("Say why: the resident reads it"),
        max_length=LONGEST_REASON,
    )


class ReplyForm(ActForm):
    """Words to the resident, typed or put in from a template."""

    template = forms.SelectField(_("Put in a template"), blank=_("Choose a template"), mark_optional=False)
    body = forms.TextAreaField(_("Your message"), required=_("Write your message"), max_length=LONGEST_MESSAGE, rows=10)


class NoteForm(ActForm):
    """Words among staff."""

    body = forms.TextAreaField(_("Your note"), required=_("Write your note"), max_length=LONGEST_NOTE, rows=6)


class PaperForm(ActForm):
    """A document for the case."""

    file = forms.FileField(
        _("Upload a document"),
        hint=_("A PDF, or a photo as JPEG, PNG or WebP."),
        accept="application/pdf,image/jpeg,image/png,image/webp",
        required=_("Choose a document"),
    )
    title = forms.TextField(
        _("What is it?"),
        hint=_("The resident reads this if they may see the document."),
        required=_("Say what the document is"),
        max_length=LONGEST_TITLE,
    )
    who = forms.RadioField(
        _("Who may see it?"),
        choices=[("both", _("The resident and staff")), ("staff", _("Only staff"))],
        required=_("Select who may see it"),
    )


class TaskForm(ActForm):
    """What the resident is asked for."""

    kind = forms.RadioField(_("What do you need from them?"), required=_("Select what you need"))
    title = forms.TextField(
        _("What they have to do"),
        hint=_("As the resident reads it, for example: Send a photo of your tenancy agreement"),
        required=_("Say what they have to do"),
        max_length=LONGEST_TASK_TITLE,
    )
    words = forms.TextAreaField(
        _("Why, and what to look out for"),
        hint=_("For a signature: the whole statement that is to be signed."),
        called=_("Why, and what to look out for"),
        max_length=LONGEST_WORDS,
    )
    form = forms.SelectField(_("Which form"), hint=_("Only if you ask for a form."))
    amount = forms.TextField(
        _("How much, in pounds"),
        hint=_("Only if you ask for a payment, for example 12.50"),
        width="10",
        inputmode="decimal",
        prefix="£",
    )
    pay_url = forms.TextField(
        _("Address of the payment page"),
        hint=_("Only if you ask for a payment. Leave it empty if it is paid here by card."),
        max_length=500,
        spellcheck=False,
    )
    due = forms.DateField(_("By which day?"))

    @property
    def pence(self) -> int | None:
        """The amount in whole pence; None where there is none, or it cannot be read."""
        return read_pence(str(self.amount.data))


class MergeIntoForm(ReasonForm):
    """A merge, taken only if both cases are still as its page showed them."""

    other_version = wtforms.HiddenField()
    other_id: uuid.UUID | None = None

    @property
    def other_seen(self) -> int:
        """The version of the other case that the page showed."""
        sent = self.other_version.data or ""
        return int(sent) if _VERSION.fullmatch(sent) else 0

    def show_changed(self, changed: ChangedMeanwhile) -> None:
        """The same for whichever of the two it is."""
        seen = self.version.data
        super().show_changed(changed)
        if changed.now.id == self.other_id:
            self.version.data, self.other_version.data = seen, str(changed.now.version)


class MergeForm(ActForm):
    """Which case it is a duplicate of."""

    other = forms.TextField(
        _("Reference of the case that stays"), required=_("Enter the reference"), width="10", spellcheck=False
    )
