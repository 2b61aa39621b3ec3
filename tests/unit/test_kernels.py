"""Kernels that are forks: as new ones in all that a chapter can tell, none left behind, new ones where nothing is forked."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from queue import Empty

import psutil
import pytest
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory

from storykit.site import family, kernels


@pytest.fixture
def forks():
    """Where there are none there is nothing to ask; what is done there instead is tested everywhere, below."""
    if sys.platform != "linux":
        pytest.skip("kernels are not forked on this system")


@pytest.fixture
def kept(forks):
    KernelProvisionerFactory.clear_instance()
    with kernels.forked(chapters=2):
        yield psutil.Process(kernels._kept[1].pid)
    KernelProvisionerFactory.clear_instance()


class Asked:
    """A kernel and who talks to it."""

    def __init__(self, **settings):
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(**settings)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    @property
    def process(self):
        return psutil.Process(self.manager.provisioner.pid)

    def says(self, expression):
        reply = self.client.execute_interactive(
            "", user_expressions={"said": f"__import__('json').dumps({expression})"}, timeout=30
        )
        said = reply["content"]["user_expressions"]["said"]
        assert said["status"] == "ok", said
        return json.loads(eval(said["data"]["text/plain"]))

    def end(self):
        process = self.process
        self.client.stop_channels()
        self.manager.shutdown_kernel()
        assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


TOLD = """[
    __import__("os").getcwd(), dict(__import__("os").environ), __import__("sys").path, __import__("sys").argv[1:2],
    __import__("sys").flags.hash_randomization, __import__("os").getsid(0) == __import__("os").getpid(),
    sorted(n for n in __import__("sys").modules if n.startswith("storykit")),
    __import__("signal").getsignal(__import__("signal").SIGCHLD), __name__, __import__("os").isatty(0)
]"""


def test_a_fork_is_told_what_a_new_kernel_is_told(kept, tmp_path):
    settings = {"cwd": str(tmp_path), "env": {**os.environ, "PYTHONHASHSEED": "0", "SAID": "so"}}
    forked = Asked(**settings)
    assert forked.process.ppid() == kept.pid and "pandas" in forked.says("list(__import__('sys').modules)")
    as_fork = forked.says(TOLD)
    forked.end()
    kernels.end()
    KernelProvisionerFactory.clear_instance()
    new = Asked(**settings)
    assert new.process.ppid() == os.getpid()
    as_new = new.says(TOLD)
    new.end()
    assert as_fork[1].pop("JPY_PARENT_PID") != as_new[1].pop("JPY_PARENT_PID")  # with whom it ends
    assert as_fork == as_new and as_fork[1]["SAID"] == "so"


def test_a_fork_can_be_interrupted_as_a_new_kernel_can(kept, tmp_path):
    forked = Asked(cwd=str(tmp_path))
    forked.client.execute("print('waits', flush=True); __import__('time').sleep(60)")
    while (message := forked.client.get_iopub_msg(timeout=30))["msg_type"] != "stream":
        pass
    assert message["content"]["text"] == "waits\n"
    forked.manager.interrupt_kernel()
    assert forked.client.get_shell_msg(timeout=30)["content"]["ename"] == "KeyboardInterrupt"
    with pytest.raises(Empty):
        forked.client.get_shell_msg(timeout=0.1)
    forked.end()


@pytest.mark.parametrize("after", [0, 0.5], ids=["before it is asked", "while it is asked"])
def test_where_what_is_forked_is_gone_a_kernel_is_a_new_process(kept, tmp_path, after):
    kept.suspend()
    killing = threading.Timer(after, kept.kill)
    killing.start()
    if not after:
        killing.join()
    new = Asked(cwd=str(tmp_path))
    assert new.process.ppid() == os.getpid() and new.says("1 + 1") == 2
    new.end()


def test_one_chapter_alone_is_not_worth_it():
    with kernels.forked(chapters=1):
        assert kernels._kept is None and "JUPYTER_DEFAULT_PROVISIONER_NAME" not in os.environ


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_where_forks_are_not_safe_kernels_are_new_processes(monkeypatch, tmp_path, platform):
    KernelProvisionerFactory.clear_instance()
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(kernels.sys, "platform", platform)
        kernels.begin()
    assert kernels._kept is None and "JUPYTER_DEFAULT_PROVISIONER_NAME" not in os.environ
    new = Asked(cwd=str(tmp_path))
    assert new.process.ppid() == os.getpid()
    new.end()


def test_who_is_told_of_no_provisioner_starts_new_kernels(monkeypatch):
    """After an update of the files alone, what is installed may know of none yet."""
    monkeypatch.setattr(kernels, "NAME", "nobody-knows")
    with kernels.forked(chapters=2):
        assert kernels._kept is None and "JUPYTER_DEFAULT_PROVISIONER_NAME" not in os.environ


def _asks(told):
    """A kernel for a process of its own, which waits to be killed."""
    KernelProvisionerFactory.clear_instance()
    told.send(Asked().process.pid)
    time.sleep(60)


def test_forks_end_with_who_asked_for_them(kept):
    ours, theirs = multiprocessing.Pipe()
    asker = multiprocessing.get_context("fork").Process(target=_asks, args=(theirs,))
    asker.start()
    assert ours.poll(60)
    forked = psutil.Process(ours.recv())
    assert forked.ppid() == kept.pid
    asker.kill()
    asker.join()
    _, alive = psutil.wait_procs([forked], timeout=30)
    assert not alive and kept.is_running()


def test_what_is_forked_ends_with_the_last_who_could_ask(forks):
    asker = subprocess.Popen([sys.executable, "-c", BEGINS], stdout=subprocess.PIPE, text=True)
    try:
        began = psutil.Process(int(asker.stdout.readline()))
        asker.kill()
        asker.wait()
        _, alive = psutil.wait_procs([began], timeout=30)
        assert not alive
    finally:
        family.end(asker.pid)
        asker.stdout.close()


BEGINS = """
import time
from storykit.site import kernels
kernels.begin()
print(kernels._kept[1].pid, flush=True)
time.sleep(60)
"""


def test_nothing_is_left_when_it_is_over(kept):
    forked = Asked()
    process = forked.process
    forked.end()
    kernels.end()
    psutil.wait_procs([kept, process], timeout=10)
    assert not kept.is_running() and not process.is_running()
    assert "JUPYTER_DEFAULT_PROVISIONER_NAME" not in os.environ
