"""What can be typed on the public pages of reports."""

from collections.abc import Sequence
from re import fullmatch
from typing import Final
from uuid import UUID, uuid4

import wtforms

from portal.kit import EmailField, FilesField, Form, PostcodeField, RadioField, SelectField, TextAreaField
from portal.kit import lazy_gettext as _
from services.reporting.operations.asking_fixed import LONGEST_WORDS as LONGEST_ANSWER
from services.reporting.operations.guest_talk import LONGEST_MESSAGE
from services.reporting.operations.updating import LONGEST_WORDS
from services.reporting.rules.categories import offered_by_group
from services.reporting.settings.ground import Ward

DISTANCES: Final = (
    ("250", _("250 metres")),
    ("500", _("500 metres")),
    ("1000", _("1 kilometre")),
    ("2000", _("2 kilometres")),
)


class ButtonForm(Form):
    """Nothing to fill in: the button is the answer."""


class UpdateByLetterForm(Form):
    """Something to say on a report. `key` is drawn by the page, so that it is said once however often it is sent."""

    words = TextAreaField(
        _("Your update"),
        hint=_("Everybody can read this. Do not name people, and leave out telephone numbers and addresses."),
        required=_("Write your update"),
        called=_("Your update"),
        max_length=LONGEST_WORDS,
        rows=6,
    )
    key = wtforms.HiddenField(default=lambda: uuid4().hex)

    @property
    def once(self) -> UUID:
        """The page's key; a new one where it was tampered with."""
        try:
            return UUID(self.key.data or "")
        except ValueError:
            return uuid4()


class UpdateForm(UpdateByLetterForm):
    """The same with an account, under which photos are kept."""

    photos = FilesField(
        _("Photos"),
        hint=_("JPEG, PNG or WebP, up to 5. We look at each before everybody can see it."),
        accept="image/jpeg,image/png,image/webp",
    )


class GuestAnswerForm(Form):
    """What a guest writes to us. `key` is drawn by the page, so that it is sent once."""

    words = TextAreaField(
        _("Your message"),
        hint=_("Only the council reads this."),
        required=_("Write your message"),
        max_length=LONGEST_MESSAGE,
        rows=6,
    )
    key = wtforms.HiddenField(default=lambda: uuid4().hex)

    @property
    def once(self) -> str:
        """The page's key; a new one where it was tampered with."""
        sent = self.key.data or ""
        return sent if fullmatch("[0-9a-f]{32}", sent) else uuid4().hex


class FollowForm(Form):
    """Where news of a report go, for somebody without an account."""

    email = EmailField(
        _("Your email address"),
        hint=_(
            "We send you a letter with a link. You get news once you have confirmed there that the address is yours."
        ),
        required=_("Enter your email address"),
    )


class NearForm(Form):
    """Around which place to look."""

    postcode = PostcodeField(_("Postcode"), required=_("Enter a postcode"))
    metres = SelectField(_("Within"), choices=DISTANCES)


class AlertForm(Form):
    """Of which new reports to tell."""

    where = RadioField(
        _("Where?"),
        choices=(("near", _("Around a postcode")), ("ward", _("In a ward"))),
        required=_("Choose where"),
    )
    postcode = PostcodeField(_("Postcode"), hint=_("If you chose a postcode."), mark_optional=False)
    metres = SelectField(_("Within"), choices=DISTANCES)
    ward = SelectField(_("Ward"), hint=_("If you chose a ward."), choices=(), mark_optional=False)
    category = SelectField(_("Which problems?"), choices=())

    def __init__(self, wards: Sequence[Ward], prefill: object | None = None) -> None:
        super().__init__(prefill)
        self.ward.choices = [("", str(_("Choose a ward"))), *((ward.code, ward.title) for ward in wards)]
        self.category.choices = [("", str(_("All problems"))), *_categories()]


class MailedAlertForm(AlertForm):
    """The same for somebody without an account."""

    email = EmailField(
        _("Your email address"),
        hint=_("We send you a letter with a link, where you confirm that the address is yours."),
        required=_("Enter your email address"),
    )


class FixedForm(Form):
    """Whether it was fixed."""

    fixed = RadioField(
        _("Was the problem fixed?"),
        choices=(("yes", _("Yes, it was fixed")), ("no", _("No, it is still there or has come back"))),
        required=_("Choose whether it was fixed"),
    )
    words = TextAreaField(
        _("What is left to do?"), hint=_("If it was not fixed."), max_length=LONGEST_ANSWER, rows=4, mark_optional=False
    )


def _categories() -> list[tuple[str, str]]:
    return [
        (each.code, str(each.title))
        for _group, categories in offered_by_group()
        for each in categories
        if not each.private
    ]
