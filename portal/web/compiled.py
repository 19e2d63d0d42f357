"""Compiled templates, shared by the applications of one process, and kept on disk as Python keeps compiled modules.

Compiling takes far longer than everything else that makes an application: 2.8 s of 4.1 s of processor time for 444
templates, and the demo makes one in each of three processes. What stands beside the portal has the same layout.
"""

import contextlib
import os
import sys
import tempfile
from functools import cache
from hashlib import sha1
from pathlib import Path
from pickle import UnpicklingError
from types import CodeType

import jinja2
from jinja2 import Environment
from jinja2.bccache import Bucket, BytecodeCache

HERE = Path(__file__).parent
UNREADABLE = (OSError, EOFError, ValueError, TypeError, UnpicklingError)
"""There is none yet, or another user's, or one cut short: the template is compiled anew."""
READABLE = 0o644


class Compiled(BytecodeCache):
    """What was compiled: by file and content, so that a changed template is another one.

    For environments that compile alike. One that escapes otherwise must have none, or its own.
    """

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}
        self._places: dict[str, Path] = {}

    def get_source_checksum(self, source: str) -> str:
        """A digest of the template and of what decides how it is compiled."""
        return sha1(f"{_compiler()}{source}".encode(), usedforsecurity=False).hexdigest()

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        """Note where the template's file is, for the two others are not told."""
        if filename is not None:
            key = self.get_cache_key(name, filename)
            self._places[key] = _folder(Path(filename)) / f"{Path(filename).name}.{key[:16]}.pyc"
        return super().get_bucket(environment, name, filename, source)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Hand over what is known."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))
        if bucket.code is None and bucket.key in self._places:
            with contextlib.suppress(*UNREADABLE), self._places[bucket.key].open("rb") as kept:
                bucket.load_bytecode(kept)
            self._keep(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._keep(bucket)
        if bucket.key in self._places and not sys.dont_write_bytecode:
            with contextlib.suppress(OSError):  # an installation that its server may not change
                _write(bucket, self._places[bucket.key])

    def _keep(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


def _folder(template: Path) -> Path:
    """Where Python would keep the compiled form of a module that lay there."""
    if sys.pycache_prefix is None:
        return template.parent / "__pycache__"
    return Path(sys.pycache_prefix, *template.parent.parts[1:])


def _write(bucket: Bucket, path: Path) -> None:
    """All at once, so that a process that starts beside this one reads all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as half:
        try:
            bucket.write_bytecode(half)
            os.fchmod(half.fileno(), READABLE)
        except BaseException:
            os.unlink(half.name)
            raise
    os.replace(half.name, path)


@cache
def _compiler() -> str:
    """Which Jinja this is, and our own options and filters, which it may have worked out already."""
    digest = sha1(f"{jinja2.__version__} {sys.version}".encode(), usedforsecurity=False)
    for path in sorted(HERE.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


COMPILED = Compiled()
