"""How long does `orrery run` take: the first time on a machine, and again?

    python benchmarks/main_job.py [DRAWS]

Runs the main job twice as a program of its own, with an empty home (so that the first run compiles) and in an empty
folder, and prints wall-clock seconds, processor seconds and peak memory of each.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    draws = sys.argv[1] if len(sys.argv) > 1 else "200"
    program = Path(sys.executable).with_name("orrery")
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"ORRERY_HOME": home}
        for name in ("first run, empty home", "second run"):
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            subprocess.run(
                [program, "run", "--draws", draws], cwd=folder, env=environment, check=True, capture_output=True
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            print(
                f"{name}: {time.perf_counter() - began:.1f} s by the clock, {used:.1f} s of processor, "
                f"peak {after.ru_maxrss / 1024:.0f} MiB ({draws} draws, report included)"
            )


if __name__ == "__main__":
    main()
