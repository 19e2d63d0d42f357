"""Tables as CSV files, of which no spreadsheet takes a cell for a formula.

Excel, LibreOffice and Google Sheets calculate what begins so, also behind blanks and in the wide letters of Japanese
keyboards, and a formula may fetch an address or run a program. An apostrophe before it makes it a text. A plain
number is left alone: it can be nothing else. See OWASP, "CSV Injection".
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

from flask import Response

_DANGEROUS: Final = re.compile(r"[\s\u200b\ufeff]*[=+\-@|%＝＋－＠]|[\t\r\n]")
_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d{1,15})?")


def harmless(cell: str) -> str:
    """The cell as no spreadsheet takes it for a formula: a street or a team can be called anything."""
    return f"'{cell}" if _DANGEROUS.match(cell) and not _NUMBER.fullmatch(cell) else cell


def csv_answer(rows: Iterable[Sequence[object]], *, filename: str) -> Response:
    """These rows as a file to be saved, the first of them the head. UTF-8 with a mark, without which Excel guesses."""
    written = io.StringIO()
    csv.writer(written).writerows([harmless("" if cell is None else str(cell)) for cell in cells] for cells in rows)
    answer = Response("\ufeff" + written.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
