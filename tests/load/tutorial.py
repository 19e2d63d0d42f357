"""Follow the tutorial for council developers from a clean clone, and say how long it takes.

    .venv/bin/python -m tests.load.tutorial

The clone is of the last commit. Everything is done, the kit's judgement and the demo too; the programs are those of
this Python. Reading takes a person longer than typing does: the time printed is the machine's part.
"""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from tests.support.tutorial import Astray, environment_for, follow

ROOT = Path(__file__).parents[2]
WORDS_A_MINUTE = 200


def main() -> None:
    """Clone, follow, print each step with its seconds and the sum."""
    with tempfile.TemporaryDirectory() as folder:
        tree, began = Path(folder) / "clone", time.monotonic()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(tree)], check=True)
        text = (tree / "services" / "TUTORIAL.md").read_text()
        environment = {**environment_for(tree, Path(folder) / "bin"), "PORT": os.environ.get("PORT", "8123")}
        try:
            for each in follow(text, tree, environment, whole=True):
                print(f"{each.seconds:7.1f} s  {each.what}", flush=True)
        except Astray as error:
            raise SystemExit(str(error)) from None
        print(
            f"{time.monotonic() - began:7.1f} s  in all, and {len(text.split()) / WORDS_A_MINUTE:.0f} minutes to read"
        )


if __name__ == "__main__":
    main()
