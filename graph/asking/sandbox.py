"""What a process gives up before it works for strangers.

Source: Linux, prctl(2), seccomp(2), Documentation/userspace-api/seccomp_filter.rst.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
from pathlib import Path

WORKER = "query-worker"
"""What the system calls a worker."""

_LONG_TURN_MS = 50
_NICEST = 19
_PR_SET_PDEATHSIG, _PR_SET_NAME, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 15, 22, 38
_MODE_FILTER = 2
_LOAD, _EQUALS, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050001  # the last with EPERM
_CALL_AT, _MACHINE_AT = 0, 4  # in struct seccomp_data
_OTHER_NUMBERING = 0x40000000  # x32 has the same calls once more, from here on

# The kernel's name for the machine, then socket, connect, accept, bind, listen,
# socketpair, execve, ptrace, accept4, process_vm_readv and _writev, execveat and
# io_uring_setup (which makes sockets too), as the machine has them.
_DENIED = {
    "x86_64": (0xC000003E, 41, 42, 43, 49, 50, 53, 59, 101, 288, 310, 311, 322, 425),
    "aarch64": (0xC00000B7, 198, 203, 202, 200, 201, 199, 221, 117, 242, 270, 271, 281, 425),
}

_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}


def enter(memory_bytes: int) -> None:
    """Give up sockets, other programs, core files and all but some memory, for good.

    Shape: `memory_bytes` is what may be taken beyond what the process has now.
    Raises: OSError where the kernel cannot hold a process to that.
    """
    size = _address_space() + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, 1_024))
    _control(_PR_SET_NO_NEW_PRIVS, 1)
    program = _filter()
    held = ctypes.create_string_buffer(program)
    count = len(program) // 8
    whole = ctypes.create_string_buffer(struct.pack("@HxxxxxxQ", count, ctypes.addressof(held)))
    _control(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(whole))


def end_with_parent(parent: int) -> None:
    """Have the kernel end this process with the one that started it."""
    _control(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def name_process(name: str) -> None:
    """Have the system know the process that calls by a name of up to 15 letters."""
    held = ctypes.create_string_buffer(name.encode())
    _control(_PR_SET_NAME, ctypes.addressof(held))


def give_way(thread: int, nice: int = _NICEST) -> None:
    """Have a thread be as nice, in turns that others may interrupt, for good; 0 is the one that
    calls."""
    take_turns(thread, _LONG_TURN_MS, min(nice, _NICEST))


def take_turns(thread: int, turn_ms: int, nice: int) -> None:
    """Have a thread be as nice, and be put aside in its turn by who takes shorter ones.

    Shape: 0 is the one that calls. A kernel before 6.12 knows niceness alone; where the
        call is not known or forbidden, all stays as it is.
    Source: Linux, sched_setattr(2).
    """
    number = _SCHED_SETATTR.get(platform.machine())
    if number is not None:
        told = struct.pack("=IIQiIQQQ", 48, os.SCHED_OTHER, 0, nice, 0, turn_ms * 1_000_000, 0, 0)
        ctypes.CDLL(None).syscall(number, thread, told, 0)


def _filter() -> bytes:
    """A program for the kernel that refuses the calls of the list."""
    try:
        machine, *calls = _DENIED[platform.machine()]
    except KeyError:
        raise OSError(f"no list of calls for the machine {platform.machine()}") from None
    refusal = len(calls)
    steps = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_EQUALS, 1, 0, machine),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _CALL_AT),
        (_AT_LEAST, refusal + 1, 0, _OTHER_NUMBERING),
        *((_EQUALS, refusal - at, 0, call) for at, call in enumerate(calls)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    return pages * resource.getpagesize()


def _control(option: int, *values: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    arguments = [ctypes.c_ulong(value) for value in (*values, *(0,) * (4 - len(values)))]
    if libc.prctl(option, *arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"prctl {option}: {os.strerror(code)}")
