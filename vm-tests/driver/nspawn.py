"""A machine in a container: Debian under its own systemd, in namespaces and a control group of its own."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TextIO

from machine import Machine, RequestedAssertionFailed

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
BRIDGE = "vlan1"


class NspawnMachine(Machine):
    """Lies in `folder` as an overlay over `root`; what is in FOLDER/upper before the start is what it boots with."""

    def __init__(self, name: str, log: TextIO, *, folder: Path, root: Path, address: str) -> None:
        super().__init__(name, log)
        self._folder = folder
        self._root = root
        self._address = address
        self._container: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def is_up(self) -> bool:
        return self._container is not None and self._container.poll() is None

    def start(self, allow_reboot: bool = False) -> None:
        if self.is_up():
            return
        self.log("starting")
        mounted = self._mount()
        groups = make_control_groups(f"{self._folder.parent.name}/{self.name}")
        files = " ".join(f"{group}/cgroup.procs" for group in groups)
        join = f'for file in {files}; do echo $$ > "$file"; done; exec "$@"'
        with (self._folder / "console").open("ab") as console:
            self._container = subprocess.Popen(
                [
                    *("sh", "-c", join, "sh", "systemd-nspawn", "-q", "-D", str(mounted), f"--machine={self.name}"),
                    *("--register=no", "--keep-unit", "--private-network", f"--network-bridge={BRIDGE}"),
                    *("--resolv-conf=off", "--timezone=off", "--link-journal=no", "--console=pipe", "--boot"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )
        self._leader = self._first_process(self._container)
        self._plug_in()
        self._wait("the end of its boot", self._has_booted, 60)

    def _mount(self) -> Path:
        mounted = self._folder / "machine"
        if not mounted.exists():
            for name in ("machine", "work"):
                (self._folder / name).mkdir()
            layers = f"lowerdir={self._root},upperdir={self._folder / 'upper'},workdir={self._folder / 'work'}"
            subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, str(mounted)], check=True)
        return mounted

    def _first_process(self, container: subprocess.Popen[bytes]) -> int:
        """The child of the container's manager that has become the machine's systemd: its network is there by then."""
        children = Path(f"/proc/{container.pid}/task/{container.pid}/children")
        for _ in range(400):
            if container.poll() is not None:
                break
            for child in children.read_text().split():
                with contextlib.suppress(FileNotFoundError):
                    if os.readlink(f"/proc/{child}/exe").endswith("/systemd/systemd"):
                        return int(child)
            time.sleep(0.05)
        raise RuntimeError(f"systemd-nspawn started nothing: {(self._folder / 'console').read_text()[-2000:]}")

    def _plug_in(self) -> None:
        """As NixOS's test machines have it: eth1 with an address of its own in a network of their own."""
        inside = ["nsenter", "-t", str(self._leader), "-n"]
        for words in (
            [*inside, "ip", "link", "set", "host0", "name", "eth1"],
            [*inside, "ip", "address", "add", f"{self._address}/24", "dev", "eth1"],
            [*inside, "ip", "link", "set", "eth1", "up"],
        ):
            subprocess.run(words, check=True)
        self.unblock()

    def _has_booted(self, _last: bool) -> bool:
        for _ in range(10):  # a container boots in less than a second
            _status, output, _ = self.run_shell("systemctl is-system-running", 10)
            if output.strip() in ("running", "degraded"):
                return True
            time.sleep(0.1)
        return False

    def run_shell(self, script: str, timeout: float | None) -> tuple[int, str, str]:
        try:
            done = subprocess.run(
                [*self._enter(), "bash", "-c", f"cd /tmp; {script}"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=timeout,
            )
        except subprocess.TimeoutExpired as error:
            return 124, (error.stdout or b"").decode(errors="replace"), f"took longer than {timeout} s"
        return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")

    def _enter(self) -> list[str]:
        namespaces = "-m -u -i -n -p -C -r -w".split()
        environment = ["env", "-i", f"PATH={PATH}", "HOME=/root", "USER=root", "LANG=C.UTF-8"]
        return ["nsenter", "-t", str(self._leader), *namespaces, *environment]

    def shell_interact(self) -> None:
        self.start()
        subprocess.run([*self._enter(), f"TERM={os.environ.get('TERM', 'dumb')}", "bash", "-l"])

    def crash(self) -> None:
        """Its PID 1 is killed, and all its processes with it; what they had written stays (the kernel runs on)."""
        if self.is_up():
            self.log("crash")
            os.kill(self._leader, signal.SIGKILL)
            self.wait_for_shutdown()

    def wait_for_shutdown(self) -> None:
        if self._container is None:
            return
        try:
            self._container.wait(60)
        except subprocess.TimeoutExpired:
            raise RequestedAssertionFailed(f"{self.name} did not shut down") from None
        self._container = None

    def block(self) -> None:
        self._set_link("down")

    def unblock(self) -> None:
        self._set_link("up")

    def _set_link(self, state: str) -> None:
        subprocess.run(["ip", "link", "set", f"vb-{self.name}", state], check=True)


def make_network() -> None:
    """One switch for all machines of a scenario; it goes with the network namespace it is made in."""
    for words in ("link set lo up", f"link add {BRIDGE} type bridge", f"link set {BRIDGE} up"):
        subprocess.run(["ip", *words.split()], check=True)


def hierarchies() -> list[Path]:
    """Where systemd keeps its control groups: one place, or two where the kernel still mixes both versions."""
    base = Path("/sys/fs/cgroup")
    return [base] if (base / "cgroup.controllers").exists() else [base / "unified", base / "systemd"]


def make_control_groups(name: str) -> list[Path]:
    """Without one of its own a machine would share the group of its units with any other, and kill theirs."""
    groups = [hierarchy / name for hierarchy in hierarchies()]
    for group in groups:
        group.mkdir(parents=True, exist_ok=True)
    return groups


def remove_control_groups(name: str) -> None:
    for hierarchy in hierarchies():
        for folder, _, _ in os.walk(hierarchy / name, topdown=False):
            for _ in range(50):  # the kernel may still be burying its last process
                try:
                    os.rmdir(folder)
                    break
                except OSError:
                    time.sleep(0.1)
