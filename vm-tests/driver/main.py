"""npm --prefix agent run test:vm [-- NAME …]: plays scenarios on Debian, two at a time; each says what it proves."""

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import image
from debian import AGENT, root_folder
from nspawn import remove_control_groups
from scenario import Scenario, find_scenarios

# Folders of runs lie below the temporary folder; a run that was killed leaves one, and the next run removes it.
PREFIX = "compliance-vm-"
ENDED_EARLY = {"outcome": "failed", "why": "the driver ended early", "seconds": 0.0, "subtests": []}
TOOLS = ("mmdebstrap", "mkfs.ext4", "systemd-nspawn", "nsenter", "unshare", "setpriv", "ip", "mount")


def main() -> int:
    wanted = read_options()
    found = find_scenarios()
    if unknown := [name for name in wanted.names if name not in found]:
        sys.exit(f"no such scenario: {', '.join(unknown)}; there are {', '.join(found)}")
    chosen = [one for one in found.values() if is_chosen(one, wanted)]
    if wanted.list:
        show_list(chosen if wanted.names or wanted.rig else list(found.values()), wanted.json)
        return 0
    if reason := why_not():
        print(f"skipped: machines need root and Debian's tools ({reason})", file=sys.stderr)
        return 1 if os.environ.get("CI") else 0
    if not (AGENT / "dist/compliance-agent.js").exists():
        sys.exit("nothing is built: npm --prefix agent run test:vm builds first")
    return play_all(chosen, wanted)


def read_options() -> argparse.Namespace:
    options = argparse.ArgumentParser(prog="test:vm", description=__doc__)
    options.add_argument("names", nargs="*", metavar="NAME", help="scenarios; all that CI plays where none is named")
    options.add_argument("--all", action="store_true", help="those too that take long in QEMU")
    options.add_argument("--rig", choices=("nspawn", "qemu"), help="only those that run in this")
    options.add_argument("--list", action="store_true", help="say which there are, and play none")
    options.add_argument("--interactive", action="store_true", help="a prompt with the machines of one scenario")
    options.add_argument("--json", action="store_true", help="print results as JSON, and all else on standard error")
    options.add_argument("--verbose", action="store_true", help="show all that is asked and answered")
    options.add_argument("--jobs", type=int, default=2, help="how many to play at a time (2)")
    wanted = options.parse_args()
    if wanted.interactive and len(wanted.names) != 1:
        options.error("--interactive takes one scenario")
    return wanted


def is_chosen(scenario: Scenario, wanted: argparse.Namespace) -> bool:
    if wanted.rig not in (None, scenario.rig):
        return False
    return scenario.name in wanted.names if wanted.names else wanted.all or scenario.always


def show_list(scenarios: list[Scenario], as_json: bool) -> None:
    if as_json:
        fields = ("name", "rig", "always", "proves")
        print(json.dumps([{field: getattr(one, field) for field in fields} for one in scenarios], indent=2))
        return
    for one in scenarios:
        print(f"{one.name:22} {one.rig:7} {'always' if one.always else '--all':7} {one.proves}")


def why_not() -> str | None:
    if os.geteuid() != 0:
        return "not root"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    return f"missing: {', '.join(missing)}" if missing else None


def end_by_signal() -> None:
    """A signal ends the program by an exception, once: a second one does not cut off the tidying up."""

    def end(number: int, _frame: object) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)


def play_all(chosen: list[Scenario], wanted: argparse.Namespace) -> int:
    end_by_signal()
    remove_leftovers()
    for scenario in chosen:
        prepare(scenario)
    begun = time.monotonic()
    alone = len(chosen) == 1 or wanted.jobs == 1
    longest_first = sorted(chosen, key=lambda one: -one.limit)
    runs: list[Run] = [Run(one, wanted, alone=alone) for one in longest_first]
    try:
        with ThreadPoolExecutor(max_workers=1 if alone else wanted.jobs) as pool:
            try:
                results = list(pool.map(Run.play, runs))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                for run in runs:
                    run.kill()
                raise
    finally:
        for run in runs:
            run.remove()
    return report(results, time.monotonic() - begun, wanted.json)


def prepare(scenario: Scenario) -> None:
    """Makes what is not yet in the cache; where a scenario is played there is no network."""
    for described in scenario.machines.values():
        root = root_folder(tuple(described.get("packages", [])))
        if scenario.rig == "qemu":
            using = image.tools()
            image.disk(root, using)
            image.first_program(using)


class Run:
    """One scenario in mount, network and PID namespaces of its own: all in them ends with their first process."""

    def __init__(self, scenario: Scenario, wanted: argparse.Namespace, *, alone: bool) -> None:
        self._scenario = scenario
        self._wanted = wanted
        self._alone = alone
        self._folder: Path | None = None
        self._process: subprocess.Popen[str] | None = None

    def play(self) -> dict[str, Any]:
        self._folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        (self._folder / "owner").write_text(str(os.getpid()))
        flags = [f"--{name}" for name in ("verbose", "interactive") if getattr(self._wanted, name)]
        script = Path(__file__).with_name("play.py")
        self._process = subprocess.Popen(
            [
                *("setpriv", "--pdeathsig", "KILL"),
                *("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"),
                *(sys.executable, "-B", str(script), self._scenario.name, str(self._folder), *flags),
            ],
            stdin=None if self._wanted.interactive else subprocess.DEVNULL,
            stdout=sys.stderr if self._alone and self._wanted.json else None if self._alone else subprocess.PIPE,
            stderr=None if self._alone else subprocess.STDOUT,
            text=True,
        )
        output, _ = self._process.communicate()
        if output:
            print(output, file=sys.stderr if self._wanted.json else sys.stdout, flush=True)
        result = self._folder / "result.json"
        try:
            played: dict[str, Any] = json.loads(result.read_text())
            return played
        except FileNotFoundError:
            return {**ENDED_EARLY, "scenario": self._scenario.name, "rig": self._scenario.rig}
        finally:
            self.remove()

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def remove(self) -> None:
        self.kill()
        if self._folder is not None:
            remove_run(self._folder)


def remove_run(folder: Path) -> None:
    remove_control_groups(folder.name)
    shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(FileNotFoundError):  # another run may be starting, or tidying up after itself
            if not Path(f"/proc/{(folder / 'owner').read_text()}").exists():
                remove_run(folder)


def report(results: list[dict[str, Any]], seconds: float, as_json: bool) -> int:
    failed = [one for one in results if one["outcome"] != "passed"]
    if as_json:
        print(json.dumps(results, indent=2))
    elif len(results) > 1:
        for one in results:
            outcomes = Counter(subtest["outcome"] for subtest in one["subtests"])
            told = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
            print(f"{'✗' if one in failed else '✓'} {one['scenario']:22} {one['seconds']:6.1f} s  {told}")
        print(f"\n{len(results) - len(failed)} passed, {len(failed)} failed, {seconds:.0f} s")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
