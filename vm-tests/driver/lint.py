"""Type check and lint of every script against the driver's names, as NixOS does it for `testScript`; and of the driver.

    python3 lint.py    (needs mypy and pyflakes3)
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from debian import cache_folder
from scenario import PREAMBLE, Scenario, find_scenarios

DRIVER = Path(__file__).parent
MYPY = ["mypy", "--no-error-summary", "--cache-dir", str(cache_folder() / "mypy")]
# What both drivers give to a script.
NAMES = """
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from machine import Machine as BaseMachine, retry
_given: Any = None
start_all: Callable[[], None] = _given
subtest: Callable[[str], AbstractContextManager[None]] = _given
machines: list[BaseMachine] = [_given]
_given = retry
"""


def whole(scenario: Scenario) -> str:
    """The script as it is run: after the names and the common text, whose docstring comes first no more."""
    machines = "".join(f"{name}: BaseMachine = _given\n" for name in [*scenario.machines, "machine"])
    common = "".join(path.read_text() for path in PREAMBLE)
    return f"{NAMES}{machines}{common}{scenario.script}"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="compliance-lint-") as folder:
        scripts = []
        for name, scenario in find_scenarios().items():
            script = Path(folder) / f"{name.replace('-', '_')}.py"
            script.write_text(whole(scenario))
            scripts.append(str(script))
        driver = sorted(str(path) for path in DRIVER.glob("*.py"))
        found = [
            run([*MYPY, "--check-untyped-defs", *scripts]),
            run([*MYPY, "--strict", *driver]),
            run(["pyflakes3", *scripts, *driver]),
        ]
    return 1 if any(found) else 0


def run(command: list[str]) -> int:
    return subprocess.run(command, env={"MYPYPATH": str(DRIVER), "PATH": "/usr/bin:/bin"}, cwd=DRIVER).returncode


if __name__ == "__main__":
    sys.exit(main())
