"""Write to the resident, with a template where one fits, and among staff."""

from flask import request
from flask.typing import ResponseReturnValue

from portal.accounts.queries import get_account, get_profile
from portal.cases import messages, notes
from portal.cases.merge_fields import FIELDS, Filled, fill
from portal.cases.responses import Response, responses_for
from portal.cases.values import Case
from portal.desk.act_forms import NoteForm, ReplyForm
from portal.desk.acting import acts, attempt, page, still_theirs
from portal.desk.case_blueprint import bp
from portal.desk.case_words import resident_of
from portal.desk.people import not_reached_by
from portal.errors import NotFound
from portal.staff.sessions import current_staff
from portal.web.languages import LANGUAGES
from portal.web.languages import gettext as _

FILL = "fill"
"""The button that puts a template in, in the place of sending."""


@bp.route("/<reference>/reply", methods=["GET", "POST"])
@acts("work")
def reply(case: Case) -> ResponseReturnValue:
    """Write to the resident. A template is put into the box, to be changed there before anything is sent."""

    def send() -> None:
        messages.send_message(
            current_staff().actor,
            case.id,
            str(form.body.data),
            key=form.once,
            channel="desk",
            expected_version=form.seen,
        )

    if case.account_id is None:
        raise NotFound(_("There is nobody whom you could write to: this person has been forgotten."))
    form, fitting = ReplyForm(), responses_for(case)
    form.template.choices = [(str(each.id), each.title) for each in fitting]
    language = get_account(case.account_id).language
    filled: Filled | None = None
    if form.posted and request.form.get("do") == FILL:
        filled = _put_in(form, fitting, case, language)
    else:
        done = attempt(form, case, send, done=_("Your message has been sent."), field="body")
        if done is not None:
            return done
    said, _older = messages.messages_of(case.id, limit=3)
    return page(
        "reply",
        case,
        form,
        filled=filled,
        fields=FIELDS,
        fitting=fitting,
        said=said,
        not_reached=not_reached_by(get_profile(case.account_id)),
        resident=resident_of(case),
        language=LANGUAGES.get(language, language),
        lacks_welsh=filled is not None and language == "cy" and not filled.in_language,
    )


@bp.route("/<reference>/note", methods=["GET", "POST"])
@acts("work")
def note(case: Case) -> ResponseReturnValue:
    """Write a note, which the resident never sees. What others did meanwhile stands in no note's way."""

    def write() -> None:
        still_theirs(case, "work")
        notes.write_note(current_staff().actor, case.id, str(form.body.data), key=form.once)

    form = NoteForm()
    return attempt(form, case, write, done=_("Your note is written."), field="body") or page("note", case, form)


def _put_in(form: ReplyForm, fitting: list[Response], case: Case, language: str) -> Filled | None:
    """The chosen template after what is typed already; nothing that was typed is lost."""
    chosen = next((each for each in fitting if str(each.id) == form.template.data), None)
    if chosen is None:
        form.refuse(_("Choose a template"), "template")
        return None
    filled = fill(chosen, case, language)
    typed = form.body.shown_value
    form.body.typed = f"{typed.rstrip()}\n\n{filled.text}" if typed.strip() else filled.text
    form.template.data = ""
    return filled
