"""What a machine in QEMU starts from: QEMU, a kernel and a first program of Debian's, and a disk made of a root folder.

All of it is kept below the user's cache, found by its content. QEMU is Debian trixie's, unpacked into a folder and not
installed: the host may have none, or an older one.
"""

import lzma
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from debian import SUITE, cached, write

TOOLS = ("qemu-system-x86", "qemu-utils", "linux-image-cloud-amd64", "busybox-static", "kmod")
GUEST = Path(__file__).with_name("guest")
# Mebibytes; and what a LUKS header takes beside a copy of it.
DISK = 1024
HEADER = 16
# Units that nothing here needs, and a boot in software waits for.
UNNEEDED = "serial-getty@hvc0 serial-getty@ttyS0 getty@tty1 e2scrub_reap ldconfig systemd-journal-catalog-update".split()
# In the order in which the first program loads them; what else is needed, udev loads.
MODULES = "virtio_blk failover net_failover virtio_net dm-mod cryptd crypto_simd gf128mul aesni-intel xts dm-crypt".split()


@dataclass(frozen=True)
class Tools:
    folder: Path

    @property
    def kernel(self) -> Path:
        return next((self.folder / "boot").glob("vmlinuz-*"))

    @property
    def modules(self) -> Path:
        return next((self.folder / "usr/lib/modules").iterdir())

    @property
    def libraries(self) -> Path:
        return self.folder / "usr/lib/x86_64-linux-gnu"

    def command(self, program: str) -> list[str]:
        """Runs by the loader and libraries that it was built for."""
        loader = [str(self.libraries / "ld-linux-x86-64.so.2"), "--library-path", f"{self.libraries}:{self.libraries}/pulseaudio"]
        return [*loader, "--argv0", program, str(self.folder / "usr/bin" / ("kmod" if program == "depmod" else program))]

    def run(self, program: str, *args: str) -> None:
        subprocess.run([*self.command(program), *args], check=True, stdout=subprocess.DEVNULL)


def tools() -> Tools:
    packages = ",".join(TOOLS)

    def make(fresh: Path) -> None:
        args = ["mmdebstrap", "--variant=extract", f"--include={packages}", "--format=directory", SUITE, str(fresh)]
        done = subprocess.run(args, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"mmdebstrap ended with {done.returncode}: {done.stderr[-2000:]}")
        (fresh / "lib").symlink_to("usr/lib")
        made = Tools(fresh)
        made.run("depmod", "-b", str(fresh), made.modules.name)

    return Tools(cached("qemu", f"{SUITE},{packages}", make))


def disk(root: Path, using: Tools) -> Path:
    """An ext4 file system with a root folder, the kernel's modules and the driver's shell; to be laid under a qcow2 overlay."""

    def make(fresh: Path) -> None:
        own = fresh.with_name(f"{fresh.name}.own")
        mounted = fresh.with_name(f"{fresh.name}.mounted")
        try:
            mounted.mkdir()
            lay_guest(own, using)
            subprocess.run(["mount", "-t", "overlay", "overlay", "-o", f"ro,lowerdir={own}:{root}", str(mounted)], check=True)
            try:
                subprocess.run(["mkfs.ext4", "-q", "-d", str(mounted), str(fresh), f"{DISK}M"], check=True, stdout=subprocess.DEVNULL)
            finally:
                subprocess.run(["umount", str(mounted)], check=True)
        finally:
            mounted.rmdir()
            shutil.rmtree(own)

    return cached("disk", f"{root.name},{using.folder.name},{DISK},{Path(__file__).read_text()},{texts_of_guest()}", make)


def lay_guest(own: Path, using: Tools) -> None:
    shutil.copytree(using.modules, own / "usr/lib/modules" / using.modules.name)
    system = own / "etc/systemd/system"
    write(system / "vm-test-shell.service", (GUEST / "vm-test-shell.service").read_text())
    write(own / "usr/lib/vm-test/shell", (GUEST / "shell").read_text(), 0o755)
    write(own / "usr/lib/vm-test/root.key", "the key of the tests' encrypted root\n", 0o400)
    (system / "multi-user.target.wants").mkdir()
    (system / "multi-user.target.wants/vm-test-shell.service").symlink_to("../vm-test-shell.service")
    for unneeded in UNNEEDED:
        (system / f"{unneeded}.service").symlink_to("/dev/null")


def first_program(using: Tools) -> Path:
    """The initramfs: busybox, a few modules, and guest/init."""

    def make(fresh: Path) -> None:
        folder = fresh.with_name(f"{fresh.name}.folder")
        try:
            for name in ("dev", "proc", "sys", "root", "modules", "bin", "run"):
                (folder / name).mkdir(parents=True)
            shutil.copy2(using.folder / "usr/bin/busybox", folder / "bin")
            shutil.copy2(GUEST / "init", folder)
            packed = {path.name.split(".")[0]: path for path in using.modules.rglob("*.ko.xz")}
            for name in MODULES:
                (folder / "modules" / f"{name}.ko").write_bytes(lzma.decompress(packed[name].read_bytes()))
            (folder / "modules/order").write_text("\n".join(MODULES))
            archive = "find . | bin/busybox cpio -o -H newc 2>/dev/null | gzip -1"
            with fresh.open("wb") as file:
                subprocess.run(["sh", "-c", archive], cwd=folder, stdout=file, check=True)
        finally:
            shutil.rmtree(folder)

    return cached("initramfs", f"{using.folder.name},{MODULES},{texts_of_guest()}", make)


def texts_of_guest() -> str:
    return "".join(path.read_text() for path in sorted(GUEST.iterdir()))


def archive(folder: Path, into: Path, size: int) -> None:
    """Packs what a machine has beyond its disk, as root's, into a letter box of `size` bytes (guest/init empties it)."""

    def owned_by_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        return entry

    with tarfile.open(into, "w", format=tarfile.USTAR_FORMAT) as tar:
        for entry in sorted(folder.iterdir()):
            tar.add(entry, entry.name, filter=owned_by_root)
    if into.stat().st_size > size:
        raise RuntimeError(f"{folder} is larger than the letter box")
    os.truncate(into, size)
