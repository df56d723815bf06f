"""The system calls that a learner's process may make, as a filter that the kernel enforces.

The filter is compiled here, on the grader's side, with libseccomp; the process only installs it.  Whatever is not named
fails with EPERM, so an attempt is an exception in the learner's code and not the end of the process.
"""

from __future__ import annotations

import errno
import os
import tempfile
from functools import cache

# Files that are open or may be opened (Landlock says which), memory, time, threads, and ending.
ALLOWED = """
read write readv writev pread64 pwrite64 lseek open openat close close_range dup dup2 dup3 pipe pipe2
stat fstat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat getdents64 getcwd statfs fstatfs
poll ppoll select pselect6 epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd2
mmap mprotect munmap mremap madvise brk mincore membarrier
futex set_robust_list get_robust_list rseq set_tid_address arch_prctl sched_yield sched_getaffinity getcpu
gettid getpid getppid getuid geteuid getgid getegid getresuid getresgid getgroups getpgrp getpgid getsid
uname sysinfo getrusage getrlimit times clock_gettime clock_getres clock_nanosleep gettimeofday time nanosleep getrandom
sigaltstack rt_sigaction rt_sigprocmask rt_sigreturn rt_sigtimedwait rt_sigsuspend rt_sigpending restart_syscall
setitimer getitimer alarm exit exit_group
""".split()

CLONE_VM, CLONE_SIGHAND, CLONE_THREAD = 0x100, 0x800, 0x10000
NEW_NAMESPACES = 0x7E020000
PR_SET_NAME, PR_SET_VMA = 15, 0x53564D41
F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC = 0, 1, 2, 3, 4, 1030
TCGETS, TIOCGWINSZ, FIONREAD, FIONCLEX, FIOCLEX = 0x5401, 0x5413, 0x541B, 0x5450, 0x5451


@cache
def compile_filter() -> bytes:
    """The filter's program.  Raises ImportError or OSError where libseccomp is missing."""
    import pyseccomp as seccomp

    allow = seccomp.ALLOW
    program = seccomp.SyscallFilter(defaction=seccomp.ERRNO(errno.EPERM))
    for name in ALLOWED:
        if seccomp.resolve_syscall(seccomp.Arch.NATIVE, name) >= 0:  # not every processor has all of them
            program.add_rule(allow, name)
    # Threads of this process, and no other process.  Where there is no clone3, glibc uses clone, which can be judged.
    thread = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD
    program.add_rule(allow, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, thread | NEW_NAMESPACES, thread))
    program.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    # Its own limits, to read.
    program.add_rule(allow, "prlimit64", seccomp.Arg(0, seccomp.EQ, 0), seccomp.Arg(2, seccomp.EQ, 0))
    for option in (PR_SET_NAME, PR_SET_VMA):
        program.add_rule(allow, "prctl", seccomp.Arg(0, seccomp.EQ, option))
    for command in (F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC):
        program.add_rule(allow, "fcntl", seccomp.Arg(1, seccomp.EQ, command))
    for request in (TCGETS, TIOCGWINSZ, FIONREAD, FIONCLEX, FIOCLEX):
        program.add_rule(allow, "ioctl", seccomp.Arg(1, seccomp.EQ, request))
    with tempfile.TemporaryFile() as file:
        program.export_bpf(file)
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        return file.read()
