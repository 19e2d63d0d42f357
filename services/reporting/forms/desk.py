"""What staff can say of a report at the desk."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID, uuid4

import wtforms
from flask import request

from portal.kit import (
    CheckboxesField,
    FilesField,
    Form,
    PublicText,
    RadioField,
    SelectField,
    TextAreaField,
    TextField,
    gettext,
)
from portal.kit import lazy_gettext as _
from services.reporting.operations.deciding import Decision
from services.reporting.operations.moderating import LONGEST_PLACE, LONGEST_WORDS
from services.reporting.operations.updating import LONGEST_WORDS as LONGEST_UPDATE

PRIORITIES: Final = (("1", _("Urgent")), ("2", _("High")), ("3", _("Normal")), ("4", _("Low")))
LONGEST_NOTE: Final = 2000


class OnceForm(Form):
    """An act that counts once. `key` is drawn by the page, and comes again when a page is sent twice."""

    key = wtforms.HiddenField(default=lambda: uuid4().hex)

    @property
    def once(self) -> UUID:
        """The page's key; a new one where it was tampered with."""
        try:
            return UUID(self.key.data or "")
        except ValueError:
            return uuid4()


class AnswerForm(OnceForm):
    """Words of the council for everybody, typed or put in from one of the desk's templates."""

    template = SelectField(_("Put in a template"), blank=_("Choose a template"), mark_optional=False)
    words = TextAreaField(_("Your words"), max_length=LONGEST_UPDATE)

    @property
    def asks_for_template(self) -> bool:
        """Whether the button beside the templates was pressed, in the place of sending."""
        return self.posted and request.form.get("do") == "fill"

    def offer(self, texts: Sequence[PublicText]) -> None:
        """Let these be chosen."""
        self.template.choices = [(str(each.id), each.title) for each in texts]

    def put_in(self, texts: Sequence[PublicText]) -> None:
        """The chosen one after what is typed already, to be changed there: nothing that was typed is lost."""
        chosen = next((each.text for each in texts if str(each.id) == self.template.data), None)
        if chosen is None:
            self.refuse(gettext("Choose a template"), "template")
            return
        self.words.typed = f"{self.words.shown_value.rstrip()}\n\n{chosen}".strip()
        self.template.data = ""


class ModerationForm(Form):
    """What everybody may see of a report."""

    audience = RadioField(
        _("Who may see this report?"),
        choices=[
            ("everybody", _("Everybody")),
            ("nobody", _("Nobody but whoever sent it and staff: its words cannot be shown")),
            ("private", _("Nobody but whoever sent it and staff: it is a private matter")),
        ],
        required=_("Select who may see it"),
    )
    words = TextAreaField(
        _("What everybody reads"),
        hint=_("Take out names, telephone numbers, number plates and accusations. What was sent stays as it is."),
        called=_("What everybody reads"),
        max_length=LONGEST_WORDS,
        rows=6,
    )
    place = TextField(_("The place, as everybody reads it"), max_length=LONGEST_PLACE)
    photos = CheckboxesField(
        _("Which photos may everybody see?"), hint=_("None with a face, a number plate, or the inside of a home.")
    )
    updates = CheckboxesField(_("Which updates may everybody read?"))
    saw = wtforms.HiddenField()

    @property
    def marks(self) -> Sequence[str]:
        """What the page showed: the marks of `ToModerate`, which it bears from when it was first drawn."""
        return (self.saw.data or "").split()

    def show_now(self, *, audience: str, photos: Sequence[str], updates: Sequence[str], marks: Sequence[str]) -> None:
        """Choose what stands by now. Words that were typed stay, and so does what is wrong."""
        self.audience.data, self.photos.data, self.updates.data = audience, list(photos), list(updates)
        self.saw.data = " ".join(marks)

    @property
    def decision(self) -> Decision:
        """What was decided."""
        return Decision(
            audience=self.audience.data,
            words=str(self.words.data),
            place=str(self.place.data),
            photos=_ids(self.photos.data),
            updates=_ids(self.updates.data),
        )


class CoverForm(Form):
    """Which squares of a photo others do not see. The page draws them over the photo."""

    squares = CheckboxesField(_("Squares to cover"))


class PriorityForm(Form):
    """How soon the desk should take it up."""

    priority = RadioField(
        _("How soon should it be taken up?"), choices=list(PRIORITIES), required=_("Select a priority")
    )


class SayForm(AnswerForm):
    """Words of the council for everybody."""

    words = TextAreaField(
        _("What the council says"),
        hint=_("Everybody can read this at once, and those who follow the report are told. Do not name anybody."),
        required=_("Write what the council says"),
        called=_("Your words"),
        max_length=LONGEST_UPDATE,
        rows=6,
    )
    photos = FilesField(
        _("Photos"),
        hint=_("JPEG, PNG or WebP, up to 5. Everybody sees them once they have been looked at."),
        accept="image/jpeg,image/png,image/webp",
    )


class InspectForm(AnswerForm):
    """What somebody found who went and looked. What their rights do not let them decide is not offered."""

    found = RadioField(_("What did you find?"), required=_("Select what you found"))
    priority = SelectField(
        _("How soon should it be taken up?"), choices=list(PRIORITIES), blank=None, mark_optional=False
    )
    was = wtforms.HiddenField()
    """The priority that the page showed first."""
    note = TextAreaField(
        _("Note for colleagues"),
        hint=_("Only staff read this."),
        called=_("Your note"),
        max_length=LONGEST_NOTE,
        rows=4,
    )
    words = TextAreaField(
        _("What the resident and everybody else should know"),
        hint=_("Without names. Leave it empty if there is nothing to say yet."),
        called=_("Your words"),
        max_length=LONGEST_UPDATE,
        rows=4,
    )

    photos = FilesField(
        _("Photos"),
        hint=_("JPEG, PNG or WebP, up to 5. Colleagues see them at once, everybody once they have been looked at."),
        accept="image/jpeg,image/png,image/webp",
    )

    @property
    def new_priority(self) -> int | None:
        """The priority, if it was changed here: what a colleague chose meanwhile is not taken back unseen."""
        return None if self.priority.data == self.was.data else int(self.priority.data)

    @property
    def is_to_keep(self) -> bool:
        """Whether the button was pressed that keeps it for later, in the place of sending."""
        return self.posted and request.form.get("do") == "keep"

    @property
    def keeps(self) -> bool:
        """Whether it is to be kept and what was typed can be. What has to be chosen may still be missing."""
        return self.is_to_keep and not [field for field in (self.note, self.words) if not field.validate(self)]

    @property
    def typed(self) -> Mapping[str, str]:
        """What was chosen and typed so far, by field."""
        chosen = {field.name: field.data for field in (self.found, self.priority) if field.data in field.values}
        written = {"note": str(self.note.data), "words": str(self.words.data)}
        return chosen | written | {"key": self.once.hex, "was": (self.was.data or "")[:1]}


def _ids(values: Sequence[str]) -> frozenset[UUID]:
    return frozenset(UUID(value) for value in values)
