"""A machine with a kernel, disks and a clock of its own: Debian in QEMU, by KVM where that works, else in software."""

import base64
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from debian import lay, root_folder
from emulator import fastest, qemu
from image import DISK, HEADER, Tools, archive, disk, tools
from machine import Machine, RequestedAssertionFailed
from nspawn import BRIDGE, NspawnMachine
from scenario import Scenario

LETTER_BOX = 64 << 20
# Seconds that a guest may take to boot in software on a machine that does much else beside.
BOOT_LIMIT = 600
# Seconds that a script waits for what takes a container less than one.
PATIENCE = 300


def build_machines(scenario: Scenario, folder: Path, log: TextIO, addresses: dict[str, str]) -> list[Machine]:
    return [build_machine(scenario, name, folder / name, log, addresses) for name in scenario.machines]


def build_machine(scenario: Scenario, name: str, folder: Path, log: TextIO, addresses: dict[str, str]) -> Machine:
    described = scenario.machines[name]
    contained = described.get("rig") == "nspawn"
    root = root_folder(tuple(described.get("packages", [])))
    upper = folder / "upper"
    upper.mkdir(parents=True)
    encrypted = bool(described.get("encrypted_root", False))
    sizes = described.get("disks", [])
    letters = "cdefghij"[int(encrypted) :]
    known: dict[str, Any] = {"rig": "nspawn" if contained else "qemu"}
    known |= {"disks": [f"/dev/vd{letter}" for letter, _ in zip(letters, sizes)], "patience": PATIENCE}
    lay(scenario, name, over=root, into=upper, facts=known, addresses=addresses)
    if contained:
        return NspawnMachine(name, log, folder=folder, root=root, address=addresses[name])
    using = tools()
    drives = make_drives(using, folder, disk(root, using), [DISK + HEADER] * encrypted + sizes)
    address = addresses[name] if len(addresses) > 1 else None
    memory = int(described.get("memory", 768))
    return QemuMachine(name, log, folder=folder, using=using, drives=drives, memory=memory, encrypted=encrypted, address=address)


def make_drives(using: Tools, folder: Path, base: Path, sizes: list[int]) -> list[Path]:
    """The machine's own layer over the cached disk, the letter box, and its data disks: /dev/vda, /dev/vdb and so on."""
    system, letter_box = folder / "system.qcow2", folder / "letter-box.raw"
    using.run("qemu-img", "create", "-q", "-f", "qcow2", "-b", str(base), "-F", "raw", str(system))
    archive(folder / "upper", letter_box, LETTER_BOX)
    data = [folder / f"data-{number}.qcow2" for number, _ in enumerate(sizes)]
    for path, size in zip(data, sizes):
        using.run("qemu-img", "create", "-q", "-f", "qcow2", str(path), f"{size}M")
    return [system, letter_box, *data]


class QemuMachine(Machine):
    def __init__(
        self,
        name: str,
        log: TextIO,
        *,
        folder: Path,
        using: Tools,
        drives: list[Path],
        memory: int,
        encrypted: bool,
        address: str | None,
    ) -> None:
        super().__init__(name, log)
        self._folder = folder
        self._using = using
        self._drives = drives
        self._memory = memory
        self._encrypted = encrypted
        self._address = address
        self._plugged_in = False
        self._process: subprocess.Popen[bytes] | None = None
        self._console: socket.socket | None = None
        self._unread = b""

    def is_up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, allow_reboot: bool = False) -> None:
        if self.is_up():
            return
        accelerator = fastest(self._using)
        self.log(f"starting ({accelerator})")
        self._plug_in()
        begun = time.monotonic()
        with (self._folder / "qemu.log").open("ab") as file:
            self._process = subprocess.Popen(
                [*qemu(self._using, accelerator), *self._arguments(allow_reboot)],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )
        self._console = self._connect("console")
        self._console.settimeout(BOOT_LIMIT)
        while self._read_line() != "ready":
            pass
        self.run_shell("systemctl is-system-running --wait", BOOT_LIMIT)
        self.log(f"(booted: {time.monotonic() - begun:.2f} s, {self.processor_seconds():.0f} s of a processor)")

    def processor_seconds(self) -> float:
        """What QEMU has used so far: on a machine that does much else, a truer measure than the clock."""
        assert self._process is not None
        used = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")

    def _arguments(self, allow_reboot: bool) -> Iterator[str]:
        yield from ("-m", str(self._memory), "-rtc", "base=utc")
        words = ["console=ttyS0 quiet nokaslr net.ifnames=0 systemd.show_status=no"]
        words += ["vm.root=luks"] * self._encrypted
        words += [f"vm.address={self._address}"] * (self._address is not None)
        yield from ("-append", " ".join(words))
        for path in self._drives:
            # Without host flushes: what the guest has flushed outlives QEMU in the host's memory, and the rest is lost with it.
            yield from ("-drive", f"file={path},if=virtio,format={'raw' if path.suffix == '.raw' else 'qcow2'},cache=unsafe")
        yield from ("-serial", f"file:{self._folder / 'kernel.log'}")
        yield from ("-device", "virtio-serial-pci", "-device", "virtconsole,chardev=console", "-device", "virtio-rng-pci")
        for name, device in (("console", "-chardev"), ("monitor", "-qmp")):
            path = self._folder / name
            path.unlink(missing_ok=True)
            kind = f"socket,id=console,path={path}" if name == "console" else f"unix:{path}"
            yield from (device, f"{kind},server=on,wait=off")
        if self._address is not None:
            number = int(self._address.rpartition(".")[2])
            yield from ("-netdev", f"tap,id=net,ifname=vb-{self.name},script=no,downscript=no")
            yield from ("-device", f"virtio-net-pci,id=card,netdev=net,romfile=,mac=52:54:00:12:01:{number:02x}")
        if not allow_reboot:
            yield "-no-reboot"

    def _plug_in(self) -> None:
        card = f"vb-{self.name}"
        if self._address is not None and not self._plugged_in:
            self._plugged_in = True
            subprocess.run(["ip", "tuntap", "add", card, "mode", "tap"], check=True)
            subprocess.run(["ip", "link", "set", card, "master", BRIDGE, "up"], check=True)

    def _connect(self, name: str) -> socket.socket:
        for _ in range(200):
            if not self.is_up():
                break
            with contextlib.suppress(OSError):
                made = socket.socket(socket.AF_UNIX)
                made.connect(str(self._folder / name))
                return made
            time.sleep(0.05)
        raise RuntimeError(f"QEMU does not run: {(self._folder / 'qemu.log').read_text()[-2000:]}")

    def _read_line(self) -> str:
        while b"\n" not in self._unread:
            try:
                part = self._console.recv(1 << 16) if self._console is not None else b""
            except TimeoutError:
                part = b""
            if not part:
                kernel = (self._folder / "kernel.log").read_text(errors="replace")[-2000:]
                raise RequestedAssertionFailed(f"{self.name} answers no more; its kernel's last words: {kernel}")
            self._unread += part
        line, self._unread = self._unread.split(b"\n", 1)
        return line.decode(errors="replace").strip()

    def run_shell(self, script: str, timeout: float | None) -> tuple[int, str, str]:
        if self._console is None or not self.is_up():
            raise RequestedAssertionFailed(f"{self.name} is not up")
        self._console.settimeout(None if timeout is None else timeout + 60)
        self._console.sendall(f"{timeout or 0} {base64.b64encode(script.encode()).decode()}\n".encode())
        output, status, error = self._read_line().split(":")
        return int(status), base64.b64decode(output).decode(errors="replace"), base64.b64decode(error).decode(errors="replace")

    def shell_interact(self) -> None:
        self.start()
        print("One line at a time; Ctrl-D ends.")
        for line in sys.stdin:
            _, output, error = self.run_shell(line, None)
            print(output, error, sep="", end="", flush=True)

    def monitor(self, command: str, **arguments: Any) -> Any:
        """One command of the QEMU Machine Protocol, and its answer."""
        with self._connect("monitor") as talk, talk.makefile("rw") as file:
            for words in ({"execute": "qmp_capabilities"}, {"execute": command, "arguments": arguments}):
                file.write(json.dumps(words) + "\n")
                file.flush()
                answer: dict[str, Any] = {}
                while not answer.keys() & {"return", "error"}:
                    answer = json.loads(file.readline())
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']['desc']}")
            return answer["return"]

    def crash(self) -> None:
        """A power cut: QEMU is killed, and with it the guest's memory and all that the guest had not flushed to its disks."""
        if self._process is not None and self.is_up():
            self.log("crash")
            self._process.kill()
            self.wait_for_shutdown()

    def wait_for_shutdown(self) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(120)
        except subprocess.TimeoutExpired:
            raise RequestedAssertionFailed(f"{self.name} did not shut down") from None
        if self._console is not None:
            self._console.close()
        self._process, self._console, self._unread = None, None, b""

    def block(self) -> None:
        self.monitor("set_link", name="card", up=False)

    def unblock(self) -> None:
        self.monitor("set_link", name="card", up=True)
