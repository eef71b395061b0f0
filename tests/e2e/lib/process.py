# SPDX-License-Identifier: Apache-2.0
"""Programs that a test starts, each stopped by its own process."""
import os
import signal
import socket
import subprocess

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
KEEPGATE = os.path.abspath(
    os.environ.get("KEEPGATE", os.path.join(TOP, "build/release/keepgate")))


def write(folder, name, text):
    """Puts a file into a folder, and gives its path."""
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def free_port():
    """A loopback port that nobody listens on now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Process:
    """One program; what it says goes to FOLDER/NAME.log."""

    def __init__(self, name, argv, folder, env=None):
        self.name = name
        self.log = os.path.join(folder, name + ".log")
        with open(self.log, "ab") as log:
            # It goes when the test goes, however the test goes.
            self.child = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *argv],
                stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, cwd=folder,
                env={**os.environ, **(env or {})})

    @property
    def pid(self):
        return self.child.pid

    def alive(self):
        return self.child.poll() is None

    def said(self):
        with open(self.log, errors="replace") as log:
            return log.read()

    def check_alive(self):
        if not self.alive():
            raise RuntimeError(
                f"{self.name} ended with {self.child.returncode}; its last"
                " words:\n" + "\n".join(self.said().splitlines()[-15:]))

    def stop(self, how=signal.SIGTERM, seconds=20):
        """Gives its exit status; what does not end in time is killed."""
        if self.alive():
            self.child.send_signal(how)
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            return self.child.wait()
