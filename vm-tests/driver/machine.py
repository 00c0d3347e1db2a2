"""A machine as a scenario's script sees it: the method names and meanings of the NixOS test driver.

All of it rests on one primitive, `run_shell`; a kind of machine (nspawn.py, qemu.py) adds that, and how it starts and
ends. https://nixos.org/manual/nixos/stable/#ssec-machine-objects
"""

import re
import shlex
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO


class RequestedAssertionFailed(Exception):
    """What a script asked for did not hold: the driver is well, the machine is not as it should be."""


def retry(look: Callable[[bool], bool], timeout_seconds: float = 900, every: float = 1) -> None:
    """Calls `look` until it gives True; at last with True, and fails when that is in vain."""
    begun = time.monotonic()
    while time.monotonic() - begun < timeout_seconds:
        if look(False):
            return
        time.sleep(every)
    if not look(True):
        raise RequestedAssertionFailed(f"not within {time.monotonic() - begun:.0f} s")


class Machine(ABC):
    def __init__(self, name: str, log: TextIO) -> None:
        self.name = name
        self._log = log
        self._stderr = ""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    @abstractmethod
    def run_shell(self, script: str, timeout: float | None) -> tuple[int, str, str]:
        """Runs bash as root; gives exit status, output and error output once both are closed.

        Status 124 where it took longer than `timeout` seconds, as timeout(1) says it.
        """

    @abstractmethod
    def is_up(self) -> bool:
        """Whether it was started and has not ended since."""

    @abstractmethod
    def start(self, allow_reboot: bool = False) -> None:
        """Boots it where it is not up, over whatever an earlier run left on its disk."""

    @abstractmethod
    def crash(self) -> None:
        """Ends it as a power cut would."""

    @abstractmethod
    def wait_for_shutdown(self) -> None:
        """Waits until it has ended by itself."""

    @abstractmethod
    def block(self) -> None:
        """Pulls its network cable."""

    @abstractmethod
    def unblock(self) -> None:
        """Puts the cable back."""

    @abstractmethod
    def shell_interact(self) -> None:
        """A root shell on this terminal."""

    def shutdown(self) -> None:
        if self.is_up():
            self.execute("systemctl poweroff --no-block", check_return=False)
            self.wait_for_shutdown()

    def reboot(self) -> None:
        self.shutdown()
        self.start()

    def log(self, msg: str) -> None:
        self._log.write(f"{self.name}: {msg}\n")

    @contextmanager
    def nested(self, msg: str) -> Iterator[None]:
        self.log(msg)
        begun = time.monotonic()
        yield
        self.log(f"({msg.splitlines()[0]}: {time.monotonic() - begun:.2f} s)")

    def execute(
        self, command: str, check_return: bool = True, check_output: bool = True, timeout: int | None = 900
    ) -> tuple[int, str]:
        """Exit status and standard output of a bash command under `set -euo pipefail`.

        -1 for the status where it is not asked for, and no output where that is not.
        """
        if not self.is_up():
            self.start()
        status, output, self._stderr = self.run_shell(f"set -euo pipefail; {command}", timeout)
        if self._stderr.strip():
            self.log(f"  stderr: {self._stderr.strip()[-2000:]}")
        return status if check_return else -1, output if check_output else ""

    def succeed(self, *commands: str, timeout: int | None = None) -> str:
        return "".join(self._expect(command, timeout, succeeds=True) for command in commands)

    def fail(self, *commands: str, timeout: int | None = None) -> str:
        return "".join(self._expect(command, timeout, succeeds=False) for command in commands)

    def _expect(self, command: str, timeout: int | None, *, succeeds: bool) -> str:
        with self.nested(f"must {'succeed' if succeeds else 'fail'}: {command}"):
            status, output = self.execute(command, timeout=timeout)
        if output.strip():
            self.log(f"  output: {output.strip()[-2000:]}")
        if (status == 0) != succeeds:
            how = f"failed (exit code {status})" if succeeds else "unexpectedly succeeded"
            said = "\n".join(part.strip()[-2000:] for part in (output, self._stderr) if part.strip())
            raise RequestedAssertionFailed(f"{self.name}: command `{command}` {how}\n{said}".rstrip())
        return output

    def wait_until_succeeds(self, command: str, timeout: int = 900) -> str:
        return self._until(command, timeout, lambda status: status == 0)

    def wait_until_fails(self, command: str, timeout: int = 900) -> str:
        return self._until(command, timeout, lambda status: status != 0)

    def _until(self, command: str, timeout: int, holds: Callable[[int], bool]) -> str:
        seen = ""

        def look(_last: bool) -> bool:
            nonlocal seen
            status, seen = self.execute(command, timeout=timeout)
            return holds(status)

        self._wait(f"`{command}`", look, timeout)
        return seen

    def _wait(self, what: str, look: Callable[[bool], bool], timeout: float) -> None:
        with self.nested(f"waiting for {what}"):
            try:
                retry(look, timeout)
            except RequestedAssertionFailed as error:
                raise RequestedAssertionFailed(f"{self.name}: {what}: {error}") from None

    def systemctl(self, q: str, user: str | None = None) -> tuple[int, str]:
        if user is None:
            return self.execute(f"systemctl {q}")
        command = f"XDG_RUNTIME_DIR=/run/user/$(id -u) systemctl --user {q}"
        return self.execute(f"su -l {user} --shell /bin/sh -c {shlex.quote(command)}")

    def get_unit_info(self, unit: str, user: str | None = None) -> dict[str, str]:
        status, lines = self.systemctl(f"--no-pager show {shlex.quote(unit)}", user)
        if status != 0:
            raise RequestedAssertionFailed(f"{self.name}: systemctl show {unit}: exit code {status}")
        return dict(re.findall(r"^([^=\n]+)=(.*)$", lines, re.MULTILINE))

    def get_unit_property(self, unit: str, property: str, user: str | None = None) -> str:
        return self.get_unit_info(unit, user)[property]

    def require_unit_state(self, unit: str, require_state: str = "active") -> None:
        state = self.get_unit_property(unit, "ActiveState")
        if state != require_state:
            raise RequestedAssertionFailed(f"{self.name}: {unit} is {state}, not {require_state}")

    def wait_for_unit(self, unit: str, user: str | None = None, timeout: int = 900) -> None:
        """Waits until it is active; fails at once where it failed, or where nothing will start it any more."""

        def look(_last: bool) -> bool:
            state = self.get_unit_property(unit, "ActiveState", user)
            if state == "failed":
                raise RequestedAssertionFailed(f"{self.name}: {unit} failed")
            if state == "inactive" and "No jobs" in self.systemctl("list-jobs --full 2>&1", user)[1]:
                state = self.get_unit_property(unit, "ActiveState", user)
                if state == "inactive":
                    raise RequestedAssertionFailed(f"{self.name}: {unit} is inactive, and nothing will start it")
            return state == "active"

        self._wait(f"unit {unit}", look, timeout)

    def start_job(self, jobname: str, user: str | None = None) -> tuple[int, str]:
        return self.systemctl(f"start {jobname}", user)

    def stop_job(self, jobname: str, user: str | None = None) -> tuple[int, str]:
        return self.systemctl(f"stop {jobname}", user)

    def wait_for_file(self, filename: str, timeout: int = 900) -> None:
        self._wait(f"file {filename}", lambda _last: self.execute(f"test -e {filename}")[0] == 0, timeout)

    def wait_for_open_port(self, port: int, addr: str = "localhost", timeout: int = 900) -> None:
        self._wait(f"port {port} of {addr}", lambda _last: self._is_open(port, addr), timeout)

    def wait_for_closed_port(self, port: int, addr: str = "localhost", timeout: int = 900) -> None:
        self._wait(f"port {port} of {addr} closed", lambda _last: not self._is_open(port, addr), timeout)

    def _is_open(self, port: int, addr: str) -> bool:
        return self.execute(f"exec 3<>/dev/tcp/{addr}/{port}")[0] == 0

    def sleep(self, secs: int) -> None:
        self.succeed(f"sleep {secs}")
