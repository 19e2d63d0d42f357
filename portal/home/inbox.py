"""The resident's inbox, and by which channel they want to hear of what."""

import uuid

import wtforms
from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases.talk_values import mark_of, read_mark
from portal.db.session import commits
from portal.errors import NotFound, Refused
from portal.identity.guard import RECENTLY, demands
from portal.identity.hold import sensitive
from portal.identity.sessions import current_account
from portal.notices import choices, inbox
from portal.notices.topics import topics
from portal.web import forms
from portal.web.languages import gettext as _
from portal.web.languages import lazy_gettext
from portal.web.page import notify_next, render

bp = Blueprint("inbox", __name__, url_prefix="/inbox", template_folder="templates")

USUAL = "usual"
CHANNELS = (
    ("email", lazy_gettext("Email")),
    ("sms", lazy_gettext("Text message")),
    ("digest", lazy_gettext("One email each morning with everything")),
    ("none", lazy_gettext("Only here in the inbox")),
)


class ChannelForm(forms.Form):
    """How somebody wants to hear of one topic."""

    channel = forms.RadioField(
        lazy_gettext("How should we tell you?"),
        choices=((USUAL, lazy_gettext("The usual way")), *CHANNELS),
        required=lazy_gettext("Select how we should tell you"),
    )


class AllReadForm(forms.Form):
    """Marks what was on the page as read, and nothing that came later."""

    until = wtforms.HiddenField()


@bp.get("")
def messages() -> str:
    """What the resident was told, newest first."""
    account = current_account()
    notices, older = inbox.inbox_page(account.id, before=read_mark(request.args.get("before")))
    return render(
        "home/inbox/list.html",
        notices=notices,
        older=mark_of(*older) if older else None,
        topics=topics(),
        unread=inbox.unread(account.id),
        newest=mark_of(notices[0].told_at, notices[0].id) if notices else "",
    )


@bp.post("/<uuid:notice_id>/open")
@commits
def open_notice(notice_id: uuid.UUID) -> ResponseReturnValue:
    """Read one: a POST, because it is marked as read, and then to where it leads."""
    account = current_account()
    notice = inbox.get_notice(account.id, notice_id)
    inbox.mark_read(account, notice.id)
    return redirect(notice.path, 303)


@bp.post("/read")
@commits
def read_all() -> ResponseReturnValue:
    """Mark everything as read that the page showed or that is older."""
    until = read_mark(AllReadForm().until.data)
    if until is not None:
        inbox.mark_all_read(current_account(), until=until[0])
        notify_next(_("Everything is marked as read."))
    return redirect(url_for(".messages"), 303)


@bp.get("/choices")
def overview() -> str:
    """How the resident hears of each topic."""
    account = current_account()
    chosen, reach = choices.choices_of(account.id), choices.reach_of(account.id, "")
    usual, _texts = choices.usual_channel(account.id)
    named = dict(CHANNELS)
    lines = [
        (slug, title, named.get(chosen.get(slug, "")), _instead(chosen.get(slug), reach))
        for slug, title in topics().items()
    ]
    return render("home/inbox/choices.html", lines=lines, usual=named[usual])


def _instead(wanted: choices.Channel | None, reach: choices.Reach | None) -> str:
    """What happens in the place of what they have chosen, while that cannot be; empty when it can."""
    if wanted is None or reach is None:
        return ""
    actual = choices.in_fact(wanted, reach)
    if actual == wanted:
        return ""
    if actual == "email":
        return _("You have no mobile number that works, so we email you until then.")
    if actual == "sms":
        return _("Our emails do not reach you, so we send you a text message until they do.")
    return _("Neither an email nor a text message reaches you, so it is only here in the inbox until then.")


@bp.route("/choices/<topic>", methods=["GET", "POST"])
@demands(fresh=RECENTLY)
@sensitive
@commits
def choose(topic: str) -> ResponseReturnValue:
    """Choose it for one topic. Where letters go is what somebody who should not be here would change first."""
    account, title = current_account(), topics().get(topic)
    if title is None:
        raise NotFound
    form = ChannelForm(channel=choices.choices_of(account.id).get(topic, USUAL))
    if form.accepted():
        try:
            choices.choose(account, topic=topic, channel=None if form.channel.data == USUAL else form.channel.data)
        except Refused as error:
            form.refuse(error.sentence, "channel")
        else:
            notify_next(_("Your choice has been saved."))
            return redirect(url_for(".overview"), 303)
    usual, _texts = choices.usual_channel(account.id)
    return render("home/inbox/choose.html", form=form, title=title, usual=dict(CHANNELS)[usual])
