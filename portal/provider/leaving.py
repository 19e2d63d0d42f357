"""Lead the browser away to a client, out of the navigation of a form.

Chromium holds every redirect that follows a form to the policy of the form's page: through the client's own address
on to wherever that leads, which we cannot know. So nobody could sign in to a client whose callback redirects to
another origin. A browser that comes from a form of ours gets a page here instead, which goes on at once and without
scripts; that is a navigation of its own. Browsers say where they come from (Fetch Metadata); those that do not, and
programs, are redirected.
"""

from typing import Final

from flask import make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.provider.clients import Client
from portal.web.headers import origin_of
from portal.web.languages import current_language
from portal.web.page import render
from portal.web.state import web_state

COMES_FROM: Final = "Sec-Fetch-Site"
FROM_US: Final = "same-origin"


def leave(address: str, client: Client) -> ResponseReturnValue:
    """To an address that this client has registered."""
    if not _may_be_held(address):
        # Without the small page that Flask writes for browsers which do not follow: there is none.
        return Response(status=303, headers={"Location": address})
    title = client.title_in(current_language())
    answer = make_response(render("provider/leaving.html", title=title, address=address))
    answer.headers["Refresh"] = f"0; url={address}"
    return answer


def _may_be_held(address: str) -> bool:
    return request.headers.get(COMES_FROM) == FROM_US and origin_of(address) not in web_state().origins
