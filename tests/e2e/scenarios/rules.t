#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One scenario for each rule: its own example is refused, its fix admitted.

The examples are those of `keepgate rules`; a new rule is tried by itself.
"""
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from lib import tap
from lib.cluster import Cluster
from lib.gate import Gate
from lib.rules import findings, rules
from lib.tap import Skip, check

# What the API server refuses or mends before any webhook sees it: only
# files show these, and the tests of `keepgate check` do.
FILES_ONLY = {
    "EPC-002": "unequal amounts are refused, a limit alone is defaulted",
}
# Examples that the API server would refuse itself; this shows the same there.
INSTEAD = {
    "EPC-003": ("epc: 500m", 'epc: "9223372036854775808"'),
}
LINE = re.compile(
    r"([A-Z]+-[0-9]{3}) (/\S*): found .+; allowed .+; fix: .+")


class Fixture:
    def __init__(self, work):
        self.gate = None
        self.cluster = Cluster(work, controllers=False)
        try:
            self.gate = Gate(self.cluster)
            self.gate.install()
        except Exception:
            self.stop()
            raise

    def create(self, manifest):
        return self.cluster.kubectl("create", "--dry-run=server", "-f", "-",
                                    given=manifest)

    def stop(self):
        if self.gate:
            self.gate.stop()
        self.cluster.stop()


def judge(f, rule):
    """The example shows the rule, in the words of the dry run."""
    name = rule["id"]
    if name in FILES_ONLY:
        raise Skip(FILES_ONLY[name])
    if not rule["example"]:
        raise Skip("it refuses nothing")
    example = rule["example"].replace(*INSTEAD.get(name, ("", "")))
    done = f.create(example)
    check(done.returncode == (1 if rule["action"] == "deny" else 0),
          f"exit {done.returncode}: {done.stderr}")
    shown = {m.group(1, 2) for m in LINE.finditer(done.stderr)}
    for found in findings(example):
        check((found["rule"], found["pointer"]) in shown,
              f"no {found['rule']} {found['pointer']} in: {done.stderr}")
    check(name in {rule for rule, _ in shown}, f"not shown: {done.stderr}")
    done = f.create(rule["fixed"])
    check(done.returncode == 0, "its fix is refused: " + done.stderr)
    check(name not in done.stderr, "its fix is warned about: " + done.stderr)


def add(rule):
    what = "refused" if rule["action"] == "deny" else "shown"
    tap.scenario(f"{rule['id']} is {what}: {rule['title']}")(
        lambda f: judge(f, rule))


for each in rules().values():
    add(each)


if __name__ == "__main__":
    sys.exit(tap.run(Fixture))
