"""Child processes that end when we end, however we end."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def on_leash(last: signal.Signals) -> Callable[[], None]:
    """For `Popen(preexec_fn=…)`: the kernel sends the child `last` when its parent dies, even of kill -9.

    Call it and start the child from the main thread: Linux counts the death of the starting thread. Elsewhere
    there is no such thing; there, only an orderly end takes the children along. It must be `preexec_fn`, because
    a change of user between fork and exec, which `Popen` does before it, would take the leash off again.
    """
    parent = os.getpid()

    def attach() -> None:
        follow_parent(last)
        if os.getppid() != parent:  # it died between the fork and here
            os._exit(1)

    return attach


def follow_parent(last: signal.Signals) -> None:
    """Have the kernel send us `last` when our own parent dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(last))
