"""QR codes, for papers and for the pages that show the same."""

from io import BytesIO
from typing import Final

import segno

QUIET: Final = 4
"""Modules of white around a code (ISO/IEC 18004: four)."""
SCALE: Final = 4


def code_svg(address: str) -> str:
    """An address as a drawing that a paper can hold."""
    drawn = BytesIO()
    _made(address).save(drawn, kind="svg", scale=SCALE, border=QUIET, light="#fff", xmldecl=False)
    return drawn.getvalue().decode()


def code_picture(address: str) -> str:
    """The same as the source of an `img`: a `data:` address, so that no page fetches it."""
    drawn: str = _made(address).svg_data_uri(scale=SCALE, border=QUIET, light="#fff")
    return drawn


def _made(address: str) -> segno.QRCode:
    return segno.make(address, error="m", micro=False)
