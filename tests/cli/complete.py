#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""complete.py DIR: a zsh on a terminal takes _keepgate from DIR; what it puts
in on <tab> must be what is wanted."""
import os
import pty
import select
import sys
import time

CASES = (("keepgate au", "dit"), ("keepgate audit ve", "rify"),
         ("keepgate check --warn", "exit-code"),
         ("keepgate check -o re", "view"), ("keepgate rules L", "IF-00"))


def read_until(fd, wanted):
    """What the shell says until `wanted`; None after 20 s."""
    seen, end = b"", time.monotonic() + 20
    while wanted.encode() not in seen:
        if not select.select([fd], [], [], max(0, end - time.monotonic()))[0]:
            sys.stderr.write("no %s in %r\n" % (wanted, seen))
            return None
        seen += os.read(fd, 4096)
    return seen


def main():
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "vt100"
        os.execvp("zsh", ["zsh", "-f", "-i"])
    os.write(fd, b"PS1=''; fpath=(%s $fpath); autoload -Uz compinit; "
             b"compinit -u -D; setopt no_beep; print READ''Y\n"
             % sys.argv[1].encode())
    good = read_until(fd, "READY") is not None
    for line, wanted in CASES:
        if not good:
            break
        # Echo comes first: only what follows the line is the answer.
        os.write(fd, line.encode())
        good = read_until(fd, line[-2:]) is not None
        os.write(fd, b"\t")
        good = good and read_until(fd, wanted) is not None
        os.write(fd, b"\x15")
    os.close(fd)
    os.waitpid(pid, 0)
    return 0 if good else 1


sys.exit(main())
