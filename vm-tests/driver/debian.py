"""What a machine is made of on Debian: a root folder by mmdebstrap, and over it the built agent and its units."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scenario import COMMON, VM_TESTS, Scenario

SUITE = "trixie"
# What a host of these scenarios has; clamd loads a signature file of the test's own.
PACKAGES = (
    "systemd systemd-sysv dbus nftables iptables restic nix-bin nodejs openssl cryptsetup-bin iproute2 clamav-daemon "
    "clamdscan procps util-linux python3-minimal udev kmod e2fsprogs systemd-cryptsetup"
).split()
AGENT = VM_TESTS.parent / "agent"
# Seconds between two cycles, and what else every machine's agent is told unless its scenario says otherwise.
SETTINGS = {
    "host_id": "clinic-1",
    "site_id": "site-1",
    "baseline_path": "/etc/compliance-agent/baseline.yaml",
    "poll_interval": 3,
    "rebuild_health_check_timeout": 15,
    "remedy_runs_per_hour": 100,
}


def cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "compliance-agent"


def cached(kind: str, content: str, make: Callable[[Path], None]) -> Path:
    """`make` fills a new path, once for each content; later runs find it below the user's cache."""
    digest = hashlib.sha256(content.encode()).hexdigest()[:16]
    path = cache_folder() / f"{kind}-{digest}"
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / "lock").open("w") as lock:  # two scenarios at a time, and each is process 1 of its namespace
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            fresh = path.with_name(f"{path.name}.fresh")
            remove(fresh)
            try:
                make(fresh)
                fresh.rename(path)
            finally:
                remove(fresh)
    return path


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def root_folder(more: tuple[str, ...] = ()) -> Path:
    """A Debian root folder with the packages above and `more`. Nothing runs in it: machines lie over it."""
    packages = ",".join([*PACKAGES, *more])

    def make(fresh: Path) -> None:
        print(f"making a Debian {SUITE} root folder with mmdebstrap; it is kept in {cache_folder()}", file=sys.stderr)
        args = ["mmdebstrap", "--variant=minbase", f"--include={packages}", "--format=directory", SUITE, str(fresh)]
        done = subprocess.run(args, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"mmdebstrap ended with {done.returncode}: {done.stderr[-2000:]}")

    return cached(SUITE, f"{SUITE},{packages}", make)


def lay(
    scenario: Scenario, machine: str, *, over: Path, into: Path, facts: dict[str, Any], addresses: dict[str, str]
) -> None:
    """Writes into a folder all that a machine has beyond its root folder `over`.

    Product, settings, baseline, and the files of its roles (common/debian/ROLE/) and of its own (debian/MACHINE/).
    `facts` become /etc/vm-test.json, with those of the description; `addresses` are those of all machines by name.
    """
    described = scenario.machines[machine]
    roles = [COMMON / "debian" / role for role in described.get("roles", [])]
    for files in [*roles, scenario.folder / "debian" / machine]:
        if files.is_dir():
            shutil.copytree(files, into, symlinks=True, dirs_exist_ok=True)
    install(into)
    if described.get("agent", True):
        enable(into, "compliance-agent.service")
    settings = {**SETTINGS, **described.get("settings", {})}
    write_json(into / "etc/compliance-agent/config.yaml", settings)
    baseline = {"version": 1, "source": "manual", "checks": described.get("checks", {})}
    write_json(into / "etc/compliance-agent/baseline.yaml", with_digests(baseline, over))
    told = {"poll_interval": settings["poll_interval"], **described.get("facts", {}), **facts}
    write_json(into / "etc/vm-test.json", told)
    write(into / "etc/hostname", f"{machine}\n")
    others = [f"{address} {name}\n" for name, address in addresses.items()]
    write(into / "etc/hosts", "".join(["127.0.0.1 localhost\n", "::1 localhost\n", *others]))


def with_digests(baseline: dict[str, Any], root: Path) -> Any:
    """@sha256:PATH@ becomes the digest of that file, as in the NixOS module."""

    def digest(found: re.Match[str]) -> str:
        return hashlib.sha256((root / found[1].lstrip("/")).read_bytes()).hexdigest()

    return json.loads(re.sub(r"@sha256:([^@]*)@", digest, json.dumps(baseline)))


def install(into: Path) -> None:
    """The bundled programs, their one compiled library, and the units with their placeholder filled in."""
    home = into / "opt/compliance-agent"
    shutil.copytree(AGENT / "dist", home / "dist")
    for name in ("better-sqlite3", "bindings", "file-uri-to-path"):
        sources = shutil.ignore_patterns("deps", "src", "obj.target", ".deps")
        shutil.copytree(AGENT / "node_modules" / name, home / "node_modules" / name, ignore=sources)
    for program in ("compliance-agent", "compliance-server"):
        write(into / "usr/bin" / program, f'#!/bin/sh\nexec node /opt/compliance-agent/dist/{program}.js "$@"\n', 0o755)
    for unit in (AGENT / "units").iterdir():
        if unit.suffix in (".service", ".socket", ".target"):
            write(into / "usr/lib/systemd/system" / unit.name, unit.read_text().replace("@bin@", "/usr/bin"))
    for kind in ("sysusers.d", "tmpfiles.d"):
        shutil.copytree(AGENT / "units" / kind, into / "usr/lib" / kind, dirs_exist_ok=True)


def enable(into: Path, unit: str) -> None:
    wants = into / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(parents=True, exist_ok=True)
    (wants / unit).symlink_to(f"/usr/lib/systemd/system/{unit}")


def write_json(path: Path, value: Any) -> None:
    write(path, json.dumps(value, indent=2) + "\n")


def write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
