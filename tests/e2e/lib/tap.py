# SPDX-License-Identifier: Apache-2.0
"""Named scenarios, run in the order they are written, reported as TAP.

A scenario is a function with one argument, whatever the file's fixture gives.
It fails by an exception, and the others still run. The work folder is kept
when one failed, and always with KEEP=1; words on the command line choose the
scenarios whose names hold one of them.
"""
import atexit
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback

scenarios = []


class Skip(Exception):
    """What cannot be shown here; the text says why."""


def scenario(name):
    def add(function):
        scenarios.append((name, function))
        return function
    return add


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def wait_for(what, condition, seconds=60):
    """Asks until the answer is true, gives it; an error is a no for now."""
    end = time.monotonic() + seconds
    last = None
    while True:
        try:
            answer = condition()
            if answer:
                return answer
        except (AssertionError, OSError, ValueError, KeyError) as error:
            last = error
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s"
                                 + (f" ({last})" if last else ""))
        time.sleep(0.05)


def comment(text):
    for line in str(text).splitlines():
        print("#", line, flush=True)


def complain(text):
    """A comment that prove shows as well."""
    for line in str(text).splitlines():
        print("#", line, file=sys.stderr, flush=True)


def chosen():
    words = sys.argv[1:]
    return [(name, function) for name, function in scenarios
            if not words or any(word in name for word in words)]


def run_one(number, name, function, fixture):
    """True unless it failed."""
    begun = time.monotonic()
    try:
        function(fixture)
    except Skip as reason:
        print(f"ok {number} - {name} # SKIP {reason}", flush=True)
        return True
    except Exception as error:
        print(f"not ok {number} - {name}", flush=True)
        complain("FAILED: " + name)
        complain(error if isinstance(error, AssertionError)
                 else traceback.format_exc())
        return False
    print(f"ok {number} - {name} # {time.monotonic() - begun:.1f} s",
          flush=True)
    return True


def run(fixture):
    """Runs the chosen scenarios on what fixture(work folder) gives.

    A fixture has stop(); without one that starts, every scenario failed.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    work = tempfile.mkdtemp(prefix="keepgate-e2e-")
    todo = chosen()
    print(f"1..{len(todo)}", flush=True)
    failed = 0
    given = None
    try:
        try:
            given = fixture(work)
        except Exception:
            complain("FAILED: the cluster or the gate did not start")
            complain(traceback.format_exc())
            failed = 1
            return 1
        atexit.register(given.stop)
        for number, (name, function) in enumerate(todo, 1):
            failed += not run_one(number, name, function, given)
    finally:
        if given is not None:
            atexit.unregister(given.stop)
            given.stop()
        if failed or os.environ.get("KEEP") == "1":
            complain(f"logs are in {work}")
        else:
            shutil.rmtree(work, ignore_errors=True)
    return 1 if failed else 0
