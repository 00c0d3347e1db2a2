"""QEMU as every machine here is started: which of its two ways works, and what both have in common."""

import os
import subprocess
import time
from functools import cache

from image import Tools, first_program


@cache
def fastest(using: Tools) -> str:
    """`kvm` where a machine really starts with it, else `tcg`. A device that opens is no proof: it may be nested and lame."""
    initrd = ["-append", "console=ttyS0 quiet vm.trial", "-m", "256", "-no-reboot", "-serial", "null"]
    trial = subprocess.Popen([*qemu(using, "kvm"), *initrd], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert trial.stdout is not None
    os.set_blocking(trial.stdout.fileno(), False)
    said = b""
    for _ in range(200):
        said += trial.stdout.read() or b""
        if trial.poll() is not None or b"KVM internal error" in said:
            break
        time.sleep(0.05)
    works = trial.poll() == 0
    trial.kill()
    trial.wait()
    return "kvm" if works else "tcg"


def qemu(using: Tools, accelerator: str) -> list[str]:
    """A bare machine with the kernel and its first program, as fast as software goes: one processor, and nothing to find drivers for."""
    share = using.folder / "usr/share"
    return [
        *using.command("qemu-system-x86_64"),
        *("-L", str(share / "qemu"), "-L", str(share / "seabios"), "-nodefaults", "-no-user-config", "-display", "none"),
        *("-accel", accelerator, "-M", "q35,hpet=off,sata=off,smbus=off", "-cpu", "max,svm=off", "-smp", "1"),
        *("-kernel", str(using.kernel), "-initrd", str(first_program(using))),
    ]
