"""New reports as an Atom feed (RFC 4287), with the same filters as the list, and their places (GeoRSS Simple)."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from flask import make_response, request, url_for
from werkzeug.wrappers import Response

from portal.kit import clock, council, current_language, public
from portal.kit import gettext as _
from services.reporting.queries.public import PublicReport, list_public
from services.reporting.views.blueprint import bp
from services.reporting.views.public_words import Line, chosen_words, kept_filters, unknown_words, wanted_from

ATOM: Final = "http://www.w3.org/2005/Atom"
GEORSS: Final = "http://www.georss.org/georss"
LISTED: Final = 50
KEPT: Final = "public, max-age=300"
register_namespace("", ATOM)
register_namespace("georss", GEORSS)


@bp.get("/problems.atom")
@public
def public_feed() -> Response:
    """The newest reports of those that the address asks for; 400 where it asks for what we do not know.

    Whoever subscribed to a ward that was renamed would otherwise have those of all.
    """
    if unknown := unknown_words():
        return Response(unknown, 400, mimetype="text/plain")
    reports = list_public(wanted_from(request.args), limit=LISTED)
    body = tostring(_feed(reports), encoding="utf-8", xml_declaration=True)
    answer = make_response(body)
    answer.headers["Content-Type"] = "application/atom+xml; charset=utf-8"
    answer.headers["Cache-Control"] = KEPT
    answer.set_etag(sha256(body).hexdigest())
    return answer.make_conditional(request)


def _feed(reports: Sequence[PublicReport]) -> Element:
    face = council()
    name = face.name_cy if current_language() == "cy" else face.name
    here = url_for(".public_feed", _external=True, **kept_filters())
    feed = Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": current_language()})
    _say(feed, "id", here)
    _say(feed, "title", ", ".join((_("Reported problems, %(council)s", council=name), *chosen_words())))
    # Without a report nothing was updated; the day is as good as any and does not change with each call.
    newest = max((each.updated_at for each in reports), default=None)
    _say(feed, "updated", newest.isoformat() if newest else f"{clock.today()}T00:00:00+00:00")
    SubElement(feed, f"{{{ATOM}}}link", rel="self", type="application/atom+xml", href=here)
    page = url_for(".public_list", _external=True, **kept_filters())
    SubElement(feed, f"{{{ATOM}}}link", rel="alternate", type="text/html", href=page)
    author = SubElement(feed, f"{{{ATOM}}}author")
    _say(author, "name", name)
    for report in reports:
        _add_entry(feed, report)
    return feed


def _add_entry(feed: Element, report: PublicReport) -> None:
    entry, line = SubElement(feed, f"{{{ATOM}}}entry"), Line(report)
    page = url_for(".public_report", reference=report.reference, _external=True)
    _say(entry, "id", f"urn:uuid:{report.id}")
    _say(entry, "title", f"{line.title}: {line.where}" if line.where else line.title)
    _say(entry, "published", report.created_at.isoformat())
    _say(entry, "updated", max(report.updated_at, report.created_at).isoformat())
    SubElement(entry, f"{{{ATOM}}}link", rel="alternate", type="text/html", href=page)
    SubElement(entry, f"{{{ATOM}}}category", term=report.category, label=line.title)
    _say(entry, "summary", "\n".join(part for part in (str(line.status.title), report.words) if part))
    if report.lat is not None and report.lon is not None:
        SubElement(entry, f"{{{GEORSS}}}point").text = f"{report.lat:.6f} {report.lon:.6f}"


def _say(parent: Element, name: str, text: str) -> None:
    SubElement(parent, f"{{{ATOM}}}{name}").text = "".join(filter(_stands_in_xml, text))


def _stands_in_xml(letter: str) -> bool:
    """Whether XML 1.0 has the character at all (production 2): most control characters it has not."""
    return letter in "\t\n\r" or "\x20" <= letter <= "\ud7ff" or "\ue000" <= letter <= "\ufffd" or letter > "\uffff"
