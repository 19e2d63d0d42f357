"""A paper as the answer to a request."""

import re
from dataclasses import replace

from flask import Response

from portal.papers.typesetting import pdf
from portal.papers.values import Paper
from portal.web.languages import current_language
from portal.web.state import web_state

LONGEST_NAME = 80


def pdf_answer(paper: Paper, *, filename: str) -> Response:
    """The paper as a file to keep, from the council and kept by nobody between.

    `filename` without its ending may be any text: what is not a letter or digit of ASCII becomes a hyphen.
    """
    council = web_state().settings.council
    sender = paper.sender or (council.called(current_language()), council.telephone, council.email)
    answer = Response(pdf(replace(paper, sender=sender)), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{safe_name(filename)}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def safe_name(text: str) -> str:
    """A name for a file that every system takes: letters, digits and single hyphens."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text)[:LONGEST_NAME].strip("-") or "paper"
