"""Finds the scenarios by reading the folder: one folder each, with `scenario.nix`, `scenario.py` and `debian.json`."""

import ast
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

VM_TESTS = Path(__file__).resolve().parent.parent
COMMON = VM_TESTS / "common"
# In front of every script, in this order; default.nix has the same.
PREAMBLE = [COMMON / "host.py", COMMON / "control.py"]


@dataclass(frozen=True)
class Scenario:
    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def script(self) -> str:
        return (self.folder / "scenario.py").read_text()

    @cached_property
    def proves(self) -> str:
        """The first paragraph of the script's docstring."""
        told = ast.get_docstring(ast.parse(self.script)) or ""
        return " ".join(told.split("\n\n")[0].split())

    @cached_property
    def limit(self) -> int:
        """Seconds that it may take, from the one place that says so for both rigs."""
        found = re.search(r"^\s*globalTimeout = (\d+);", (self.folder / "scenario.nix").read_text(), re.MULTILINE)
        if found is None:
            raise ValueError(f"{self.folder / 'scenario.nix'} states no globalTimeout")
        return int(found[1])

    @cached_property
    def debian(self) -> dict[str, Any]:
        """What makes its machines on Debian; README.md has the fields."""
        described: dict[str, Any] = json.loads((self.folder / "debian.json").read_text())
        return described

    @property
    def rig(self) -> str:
        """`nspawn` or `qemu`."""
        return str(self.debian["rig"])

    @property
    def always(self) -> bool:
        """Whether it runs without being asked for by name: every one in a container, and the named ones in QEMU."""
        return self.rig == "nspawn" or bool(self.debian.get("always", False))

    @property
    def machines(self) -> dict[str, dict[str, Any]]:
        return dict(sorted(self.debian["machines"].items()))


def find_scenarios() -> dict[str, Scenario]:
    return {path.parent.name: Scenario(path.parent) for path in sorted(VM_TESTS.glob("*/scenario.nix"))}
