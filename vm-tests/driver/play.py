"""Plays one scenario in namespaces of its own (main.py starts it so): whatever happens, the kernel clears up after it.

    python3 play.py NAME FOLDER [--verbose] [--interactive]

Leaves FOLDER/result.json, and FOLDER/log with all that was asked and answered.
"""

import argparse
import code
import contextlib
import json
import signal
import sys
import time
import traceback
import unittest
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from debian import lay, root_folder
from machine import Machine, RequestedAssertionFailed, retry
from nspawn import NspawnMachine, make_network
from qemu import build_machines
from scenario import PREAMBLE, Scenario, find_scenarios

# Lines of log and journal that a failure shows.
TAIL = 30


class Stage:
    """The names that a script finds beside its machines, and what it has proved so far."""

    def __init__(self, log: TextIO, say: Callable[[str], None]) -> None:
        self.machines: list[Machine] = []
        self.subtests: list[dict[str, Any]] = []
        self.log = log
        self.say = say

    @contextlib.contextmanager
    def subtest(self, name: str) -> Iterator[None]:
        """A sentence that the lines below it prove; where they raise SkipTest it is reported as not run."""
        self.log.write(f"\nsubtest: {name}\n")
        begun = time.monotonic()
        outcome, why = "passed", None
        try:
            yield
        except unittest.SkipTest as skipped:
            outcome, why = "not run here", str(skipped)
        except BaseException as error:
            outcome, why = "failed", words_of(error)
            raise
        finally:
            seconds = round(time.monotonic() - begun, 1)
            self.subtests.append({"sentence": name, "outcome": outcome, "why": why, "seconds": seconds})
            if outcome != "failed":  # what failed is told once, at the end
                self.say(f"  ✓ {name} ({seconds} s)" if why is None else f"  - {name}: {outcome}: {why}")

    def start_all(self) -> None:
        for machine in self.machines:
            machine.start()

    def names(self) -> dict[str, Any]:
        machines = {machine.name: machine for machine in self.machines}
        if len(machines) == 1:
            machines["machine"] = self.machines[0]
        driver = {"machines": self.machines, "subtest": self.subtest, "start_all": self.start_all, "retry": retry}
        return {"__name__": "test_script", "BaseMachine": Machine, **driver, **machines}


def play(scenario: Scenario, folder: Path, stage: Stage, *, interactive: bool) -> dict[str, Any]:
    begun = time.monotonic()
    why: str | None = None
    try:
        make_network()
        stage.machines = build(scenario, folder, stage.log)
        names = stage.names()
        for path in [*PREAMBLE, scenario.folder / "scenario.py"]:
            script = compile(path.read_text(), str(path), "exec")
            if interactive and path.name == "scenario.py":
                explore(names, script)
                continue
            with time_limit(scenario.limit), contextlib.redirect_stdout(stage.log):
                exec(script, names)
    except BaseException as error:
        why = words_of(error)
        stage.say(f"  ✗ {why}")
        traceback.print_exc(file=stage.log)
        explain(stage, folder / "log")
    finally:
        for machine in stage.machines:
            with contextlib.suppress(Exception):
                machine.crash()
    outcome = "passed" if why is None else "failed"
    seconds = round(time.monotonic() - begun, 1)
    stage.say(f"  {'left' if interactive else outcome} after {seconds} s")
    return {
        **{"scenario": scenario.name, "rig": scenario.rig, "proves": scenario.proves, "outcome": outcome, "why": why},
        **{"seconds": seconds, "subtests": stage.subtests},
    }


def build(scenario: Scenario, folder: Path, log: TextIO) -> list[Machine]:
    """Its machines, laid out and not started, with the addresses that NixOS's driver would give them."""
    addresses = {name: f"192.168.1.{number}" for number, name in enumerate(scenario.machines, start=1)}
    machines: list[Machine] = []
    if scenario.rig == "qemu":
        return build_machines(scenario, folder, log, addresses)
    for name, described in scenario.machines.items():
        root = root_folder(tuple(described.get("packages", [])))
        upper = folder / name / "upper"
        upper.mkdir(parents=True)
        lay(scenario, name, over=root, into=upper, facts={"rig": "nspawn"}, addresses=addresses)
        machines.append(NspawnMachine(name, log, folder=folder / name, root=root, address=addresses[name]))
    return machines


@contextlib.contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    def ring(_signal: int, _frame: object) -> None:
        raise TimeoutError(f"the scenario took longer than its {seconds} s")

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def explore(names: dict[str, Any], script: Any) -> None:
    """A Python prompt with the script's names; `test_script()` plays it, MACHINE.shell_interact() is a shell."""
    machines = ", ".join(machine.name for machine in names["machines"])
    told = f"{machines}: start_all() boots, test_script() plays the scenario, MACHINE.shell_interact() is a shell."
    names["test_script"] = lambda: exec(script, names)
    code.interact(banner=told, local=names, exitmsg="")


def explain(stage: Stage, log: Path) -> None:
    """What a failure leaves to read: the end of the log, then of each machine's journal."""
    said = [log.read_text()]
    for machine in filter(Machine.is_up, stage.machines):
        with contextlib.suppress(Exception):
            ask = f"journalctl --no-pager -o short-precise -n {TAIL}; systemctl --failed --no-legend"
            said.append(f"\nThe journal of {machine.name}:\n{machine.execute(ask, timeout=20)[1]}")
    for text in said:
        stage.say("\n".join(f"    {line}" for line in text.splitlines()[-TAIL:]))


def words_of(error: BaseException) -> str:
    if isinstance(error, AssertionError) and not str(error):
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return f"does not hold: {frame.line or f'{Path(frame.filename).name} line {frame.lineno}'}"
    said = isinstance(error, RequestedAssertionFailed | AssertionError)
    return str(error) if said else f"{type(error).__name__}: {error}"


class Log:
    """The log file and, where that is wanted, the terminal beside it."""

    def __init__(self, file: TextIO, *, beside: TextIO | None) -> None:
        self._file = file
        self._beside = beside

    def write(self, text: str) -> int:
        if self._beside is not None:
            self._beside.write(text)
        return self._file.write(text)

    def flush(self) -> None:
        self._file.flush()


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("name")
    options.add_argument("folder", type=Path)
    options.add_argument("--verbose", action="store_true")
    options.add_argument("--interactive", action="store_true")
    wanted = options.parse_args()
    scenario = find_scenarios()[wanted.name]
    terminal = sys.stdout

    def say(line: str) -> None:
        print(line, file=terminal, flush=True)

    with (wanted.folder / "log").open("w", buffering=1) as file:
        log: Any = Log(file, beside=terminal if wanted.verbose or wanted.interactive else None)
        say(f"{scenario.name}: {scenario.proves}")
        result = play(scenario, wanted.folder, Stage(log, say), interactive=wanted.interactive)
    (wanted.folder / "result.json").write_text(json.dumps(result))
    return 0 if result["outcome"] == "passed" else 1


if __name__ == "__main__":
    sys.exit(main())
