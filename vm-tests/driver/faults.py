"""npm --prefix agent run test:faults [-- SCENARIO …]: breaks a copy of the product, and expects red.

Each fault of SCENARIO/faults.json is one place of the product, never of a test. Red for another reason than the one
foretold proves nothing and fails here, as does what does not even build.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from main import end_by_signal, why_not
from scenario import VM_TESTS, find_scenarios

REPOSITORY = VM_TESTS.parent


def main() -> int:
    scenarios = find_scenarios()
    wanted = sys.argv[1:] or list(scenarios)
    if unknown := [name for name in wanted if name not in scenarios]:
        sys.exit(f"no such scenario: {', '.join(unknown)}")
    if reason := why_not():
        sys.exit(f"machines need root and Debian's tools ({reason})")
    end_by_signal()
    faults = [(name, fault) for name in wanted for fault in json.loads((VM_TESTS / name / "faults.json").read_text())]
    red = 0
    with tempfile.TemporaryDirectory(prefix="compliance-faults-") as folder:
        copy_product(Path(folder))
        for name, fault in faults:
            print(f"\n{name}: {fault['what']} ({fault['file']})", flush=True)
            why = why_not_red(Path(folder), name, fault)
            print(f"  ✓ red: {fault['says']}" if why is None else f"  ✗ {why}", flush=True)
            red += why is None
    print(f"\n{red} red as foretold, {len(faults) - red} not")
    return 0 if red == len(faults) and red > 0 else 1


def copy_product(into: Path) -> None:
    """What git knows and what is new, as it lies here; the packages are only linked, as nothing writes to them."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    paths = subprocess.run(listed, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout.split("\0")
    for path in filter(lambda path: path and (REPOSITORY / path).exists(), paths):
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / path, into / path, follow_symlinks=False)
    (into / "agent/node_modules").symlink_to(REPOSITORY / "agent/node_modules")


def why_not_red(copy: Path, scenario: str, fault: dict[str, Any]) -> str | None:
    """None where the scenario failed as foretold."""
    file = copy / fault["file"]
    sound = file.read_text()
    if sound.count(fault["find"]) != 1:
        return f"{fault['file']} has not just one: {fault['find']}"
    file.write_text(sound.replace(fault["find"], fault["replace"]))
    try:
        built = run(["node", "scripts/build.mjs"], copy / "agent")
        if built.returncode != 0:
            return f"it does not build:\n{built.stderr[-2000:]}"
        played = run([sys.executable, "-B", "vm-tests/driver/main.py", "--json", scenario], copy)
    finally:
        file.write_text(sound)
    try:
        result = json.loads(played.stdout)[0]
    except (ValueError, IndexError):
        return f"no scenario ran:\n{played.stderr[-2000:]}"
    if result["outcome"] == "passed":
        return "the scenario stayed green"
    return None if fault["says"] in result["why"] else f"red for another reason: {result['why']}"


def run(command: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    running = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        output, error = running.communicate()
    except BaseException:
        running.terminate()  # it tidies up after itself
        running.communicate()
        raise
    return subprocess.CompletedProcess(command, running.returncode, output, error)


if __name__ == "__main__":
    sys.exit(main())
