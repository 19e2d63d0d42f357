"""Clean one file in a process of its own: `confined.py picture` or `confined.py pdf`; cover parts of a photo with
`confined.py picture PART…`.

The file comes in on standard input and the clean one leaves on standard output. The job worker runs this as a child
with limits of memory and time, so that a decoder that a stranger's file leads astray takes nothing along. It ends with
status 3 and a reason of `portal.files.values.REASONS` on standard error when the file cannot be taken.
"""

import logging
import resource
import runpy
import sys
import warnings
from pathlib import Path

MEMORY = 3 << 29  # a WebP of 50 million transparent pixels takes 1.2 GB, most of it in its decoder
SECONDS = 40
REFUSED = 3
TOO_MUCH = {"picture": "too_many_pixels", "pdf": "unpacks"}
"""The programs that there are, and what it means when the memory does not suffice."""


def limit_ourselves() -> None:
    """Before the first byte is read: so much memory, so much time, no file of any size, no core dump."""
    for what, much in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(what, (much, much))
        except (ValueError, OSError):
            continue  # some systems refuse one or the other


def main() -> int:
    """Clean what comes in."""
    limit_ourselves()
    too_much = TOO_MUCH[sys.argv[1]]
    warnings.simplefilter("ignore")  # of damaged notes and the like, which are not kept anyway
    logging.disable()  # or complaints about the file would stand where the reason belongs
    # By its path: in isolation from the environment, nothing of ours can be imported.
    program = runpy.run_path(str(Path(__file__).with_name(f"{sys.argv[1]}.py")))
    raw, parts = sys.stdin.buffer.read(), sys.argv[2:]
    try:
        cleaned = program["cover"](raw, parts) if parts else program["clean"](raw)
    except program["Unusable"] as reason:
        sys.stderr.write(str(reason))
        return REFUSED
    except MemoryError:
        sys.stderr.write(too_much)
        return REFUSED
    sys.stdout.buffer.write(cleaned)
    return 0


if __name__ == "__main__":
    sys.exit(main())
