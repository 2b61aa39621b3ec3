"""Kernels as forks of a process that has imported what chapters import.

Starting Python and importing libraries is a third of what running a chapter takes. A build that runs several chapters, and
`storykit serve` from one build to the next, therefore keep a process that has done it, and nothing else: it has read nothing
and knows nothing of the engine, so that a kernel is in all as a new one. Jupyter asks for kernels by its own door, a kernel
provisioner; where there is no such process, or it does not answer, a kernel is a new process as ever.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from storykit.site import command, family

NAME = "storykit-fork"
"""Of the provisioner, as `pyproject.toml` tells Jupyter."""
LIBRARIES = ("ipykernel.kernelapp", "pandas", "plotly.graph_objects", "geopandas")
"""What chapters import, themselves or by the engine, and takes long."""
_LAUNCHER = "ipykernel_launcher"
_KEEP = "from storykit.site import kernels; kernels.keep()"
_PARENT = "JPY_PARENT_PID"
"""Whose end ends a kernel, as Jupyter calls it in the environment."""
_LARGEST = 1 << 20
"""Bytes of a message; the system allows less."""
_kept: tuple[socket.socket, subprocess.Popen[bytes]] | None = None


# --- who wants kernels ----------------------------------------------------------------------------------


@contextlib.contextmanager
def forked(chapters: int) -> Iterator[None]:
    """Inside this context kernels are forks, if there are enough `chapters` to make up for the process that is forked."""
    begun_here = _kept is None and chapters > 1
    if begun_here:
        begin()
    try:
        yield
    finally:
        if begun_here:
            end()


def begin() -> None:
    """From now on kernels of this process and of its forks are forks, where that is safe and Jupyter knows how."""
    global _kept
    known = importlib.metadata.entry_points(group=KernelProvisionerFactory.GROUP_NAME, name=NAME)
    if sys.platform != "linux" or not known:  # macOS: see `warm`
        return
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        environment = {**os.environ, **command.SEED}
        process = subprocess.Popen([sys.executable, "-c", _KEEP], env=environment, stdin=theirs.fileno())
    _kept = ours, process
    os.environ[KernelProvisionerFactory.default_provisioner_name_env] = NAME


def end() -> None:
    """No more of them; what is left of them ends."""
    global _kept
    if _kept:
        asks, process = _kept
        _kept = None
        os.environ.pop(KernelProvisionerFactory.default_provisioner_name_env, None)
        asks.close()
        family.end(process.pid)
        process.wait()


class Provisioner(LocalProvisioner):
    """Jupyter's own for kernels of this machine, but that one is a fork where there is something to fork."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start a kernel by the command of its specification."""
        kernel = _asked_for(cmd, kwargs)
        if kernel is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process, self.pid, self.pgid = kernel, kernel.pid, kernel.pid  # type: ignore[assignment]
        return self.connection_info

    async def shutdown_requested(self, restart: bool = False) -> None:
        """End a fork at once: all that its chapter had to say is said, and it keeps nothing that is to be put in order."""
        if isinstance(self.process, Kernel):
            await self.kill(restart)


class Kernel:
    """A kernel that is no child of this process, to be used like a `subprocess.Popen`. It ends with this process."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, handle: int, line: socket.socket):
        self.pid, self._handle, self._line = pid, handle, line

    def poll(self) -> int | None:
        """None while it runs; then 0, for how it ended only its own parent is told."""
        over, _, _ = select.select([self._handle], [], [], 0)
        return 0 if over else None

    def wait(self) -> int:
        select.select([self._handle], [], [])
        self._line.close()
        os.close(self._handle)
        return 0

    def send_signal(self, number: int) -> None:
        signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _asked_for(cmd: list[str], settings: dict[str, Any]) -> Kernel | None:
    """A kernel for a command; None if it is not one of this Python's, or nobody answers."""
    if _kept is None or cmd[0] != sys.executable or _LAUNCHER not in cmd:
        return None
    words = {
        "arguments": cmd[cmd.index(_LAUNCHER) + 1 :],
        "folder": settings.get("cwd") or os.getcwd(),
        "environment": settings.get("env") or dict(os.environ),
    }
    line, theirs = socket.socketpair()
    with contextlib.suppress(OSError), theirs:
        socket.send_fds(_kept[0], [json.dumps(words).encode()], [theirs.fileno(), 0, 1, 2])
        theirs.close()
        said, handles, *_ = socket.recv_fds(line, 32, 1)
        if said:
            return Kernel(int(said), handles[0], line)
    line.close()
    return None


# --- the process that is kept ---------------------------------------------------------------------------


def keep() -> None:
    """Import the libraries, then fork for each message; it ends when nobody is left who could send one."""
    asked = socket.socket(fileno=os.dup(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is told to who asks
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # kernels that have ended leave no name
    os.environ[_PARENT] = str(os.getpid())  # read when a kernel's modules are imported
    for name in LIBRARIES:
        importlib.import_module(name)
    while True:
        said, handed, *_ = socket.recv_fds(asked, _LARGEST, 4)
        if not said:
            return
        if os.fork() == 0:
            asked.close()
            return _become_kernel(json.loads(said), *handed)
        for number in handed:
            os.close(number)


def _become_kernel(words: dict[str, Any], line: int, *streams: int) -> None:
    """What a new process would be after `python -m ipykernel_launcher`, and has imported."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # the other a kernel sets itself
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(words["folder"])
    os.environ.clear()
    os.environ.update(words["environment"], **{_PARENT: str(os.getppid())})
    asker = socket.socket(fileno=line)
    handle = os.pidfd_open(os.getpid())
    socket.send_fds(asker, [str(os.getpid()).encode()], [handle])
    os.close(handle)
    family.end_when_left(asker)
    for name in [name for name in sys.modules if name.partition(".")[0] == "storykit"]:
        del sys.modules[name]  # of the engine a kernel has what its chapter imports, as it is by then
    sys.argv = [_LAUNCHER, *words["arguments"]]
    runpy.run_module(_LAUNCHER, run_name="__main__", alter_sys=True)
