"""A part of the audit trail as a file that an auditor can check without the database (`recipe.txt` says how).

One ZIP, written as it is read: the entries with their links, a manifest, its signature, the key and the recipe.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import bindparam, func, select

from portal import clock
from portal.audit import chain
from portal.audit.heads import Stretch, sealed_between
from portal.audit.models import AuditEntry, AuditLink
from portal.audit.operations import record
from portal.audit.texts import AS_TEXT
from portal.audit.verifying import streamed
from portal.settings.portal import Settings
from portal.signing.box import derived

Format = Literal["jsonl", "csv"]
FIELDS: Final = (*chain.COLUMNS, "number", "digest", "chain")
RECIPE: Final = Path(__file__).with_name("recipe.txt")
PIECE: Final = 64 * 1024

_ROWS = (
    select(*AS_TEXT, AuditLink.number, func.encode(AuditLink.digest, "hex"), func.encode(AuditLink.chain, "hex"))
    .select_from(AuditEntry)
    .outerjoin(AuditLink, AuditLink.entry_id == AuditEntry.id)
    .where(AuditEntry.id >= bindparam("first"), AuditEntry.id <= bindparam("last"))
    .order_by(AuditEntry.id)
)


@dataclass(frozen=True, slots=True)
class Export:
    """What is to be exported, and for whom."""

    stretch: Stretch
    until: chain.Head
    since: datetime | None
    before: datetime | None
    format: Format
    actor: str

    @property
    def file_name(self) -> str:
        """A name by the ids that it covers."""
        return f"audit-{self.stretch.first_id}-{self.until.entry_id}.zip"


def begin_export(*, since: datetime | None, before: datetime | None, format: Format, actor: str) -> Export:
    """Decide what belongs to it, and record that it is made. Raises Refused when nothing was sealed in that time."""
    stretch = sealed_between(since, before)
    until = stretch.until
    assert until is not None  # such a stretch has its end
    record(
        "audit.exported",
        actor=actor,
        first=stretch.first_id,
        last=until.entry_id,
        format=format,
    )
    return Export(stretch, until, since, before, format, actor)


def signing_key(settings: Settings) -> Ed25519PrivateKey:
    """The key that signs manifests. Another secret key in the settings makes another one."""
    return Ed25519PrivateKey.from_private_bytes(derived(settings.secret_key.get_secret_value(), "audit exports"))


def public_key(settings: Settings) -> tuple[str, str]:
    """Its public part as PEM, and the fingerprint: SHA-256 of its DER form, as hexadecimal digits."""
    key = signing_key(settings).public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(), hashlib.sha256(der).hexdigest()


def written(export: Export, settings: Settings) -> Iterator[bytes]:
    """The ZIP, piece by piece. What this reads is its own transaction's; begin it after the record was committed."""
    out = _Pieces()
    counts = {"entries": 0}
    sha256 = hashlib.sha256()
    name = f"entries.{export.format}"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as whole:
        with whole.open(name, "w", force_zip64=True) as file:
            for piece in _lines(export, counts):
                sha256.update(piece)
                file.write(piece)
                yield from out.taken()
        manifest = json.dumps(_manifest(export, name, sha256.hexdigest(), counts["entries"]), indent=2).encode()
        whole.writestr("manifest.json", manifest)
        whole.writestr("manifest.sig", signing_key(settings).sign(manifest))
        whole.writestr("key.pem", public_key(settings)[0])
        whole.writestr("READ-ME.txt", RECIPE.read_text(encoding="utf-8"))
    yield from out.taken(everything=True)


def _manifest(export: Export, name: str, sha256: str, entries: int) -> Mapping[str, Any]:
    after = export.stretch.after
    return {
        "of": "Moothall audit trail, form 1",
        "made_at": clock.now().isoformat(),
        "made_by": export.actor,
        "from": export.since.isoformat() if export.since else None,
        "to": export.before.isoformat() if export.before else None,
        "file": name,
        "sha256": sha256,
        "entries": entries,
        "after": after.as_plain() if after else None,
        "until": export.until.as_plain(),
    }


def _lines(export: Export, counts: dict[str, int]) -> Iterator[bytes]:
    """The file of entries in pieces of some hundred lines."""
    lines = _as_csv if export.format == "csv" else _as_json
    rows = streamed(_ROWS, {"first": export.stretch.first_id, "last": export.until.entry_id})
    yield from lines(rows, counts)


def _as_json(rows: Iterator[Any], counts: dict[str, int]) -> Iterator[bytes]:
    for row in rows:
        counts["entries"] += 1
        yield json.dumps(dict(zip(FIELDS, row, strict=True)), ensure_ascii=False).encode() + b"\n"


def _as_csv(rows: Iterator[Any], counts: dict[str, int]) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(FIELDS)
    for row in rows:
        counts["entries"] += 1
        lines.writerow(row)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode()


class _Pieces(io.RawIOBase):
    """What the ZIP is written to: it can only go on, and gives away what it has."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: Any) -> int:  # anything that has bytes, as the base class says
        """Keep it until it is taken."""
        self._kept += data
        return len(data)

    def taken(self, *, everything: bool = False) -> Iterator[bytes]:
        """What has come together, once that is worth sending."""
        if self._kept and (everything or len(self._kept) >= PIECE):
            yield bytes(self._kept)
            self._kept.clear()
