#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Change under load: policies, certificates, replicas. No call may be lost.

The load is creates of a good and a bad pod through the API server, whose
webhook is failurePolicy Fail: a call that the gate does not answer shows.
"""
import os
import signal
import sys
import time
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from lib import tap
from lib.api import Api, Load
from lib.cluster import Cluster
from lib.gate import BAD_POD, Gate
from lib.process import write
from lib.rules import POLICY, privileged, right_pod
from lib.tap import check, scenario, wait_for


class Fixture:
    """Two replicas behind a balancer, with a policy of their own."""

    def __init__(self, work):
        self.gate = None
        self.cluster = Cluster(work, controllers=False)
        try:
            self.policies = self.cluster.path("policies")
            os.mkdir(self.policies)
            self.write_policy(POLICY % "Warn")
            self.gate = Gate(self.cluster, replicas=2, options=(
                "-p", self.policies, "--drain", "2s"))
            self.gate.install()
        except Exception:
            self.stop()
            raise

    def write_policy(self, text):
        """As an editor or a ConfigMap does: a new file in the old's place."""
        new = write(self.cluster.work, "new-policy.yaml", text)
        os.rename(new, os.path.join(self.policies, "policy.yaml"))

    def load(self):
        return Load(self.cluster, "default", right_pod("good"), BAD_POD)

    def stop(self):
        if self.gate:
            self.gate.stop()
        self.cluster.stop()


def nothing_lost(load):
    check(load.calls > 50, f"only {load.calls} calls were made")
    check(not load.lost, f"{len(load.lost)} of {load.calls} calls lost:\n"
          + "\n".join(load.lost[:20]))
    tap.comment(f"{load.calls} calls, none lost")


def admin(replica, path):
    """What the admin port says, also where it says no."""
    try:
        with urllib.request.urlopen(
                f"http://{replica.admin}{path}", timeout=10) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def hashes(f):
    """The rule set of each replica, as its metrics state it."""
    found = []
    for replica in f.gate.replicas.values():
        text = admin(replica, "/metrics")
        found.append(text.split('keepgate_ruleset_info{hash="')[1][:64])
    return found


def probe(f):
    """The HTTP status of a pod that only ISO-001 speaks about."""
    pod = privileged(right_pod("probe"))
    api = Api(f.cluster)
    try:
        return api.create("default", "pods", pod, dryRun="All")[0]
    finally:
        api.close()


def change_policy(f, text, signalled=False):
    """Writes it, waits until both replicas go by it; how long that took."""
    before = hashes(f)
    f.write_policy(text)
    begun = time.monotonic()
    if signalled:
        for replica in f.gate.replicas.values():
            os.kill(replica.process.pid, signal.SIGHUP)
    wait_for("both replicas have a new rule set", lambda: all(
        new != old for new, old in zip(hashes(f), before)), 10)
    return time.monotonic() - begun


@scenario("a changed policy changes the verdict within 3 s; no call is lost")
def policy(f):
    check(probe(f) == 201, "the probe is refused before the change")
    with f.load() as load:
        load.more(50)
        took = change_policy(f, POLICY % "Deny")
        check(all(probe(f) == 403 for _ in range(10)), "still admitted")
        load.more(50)
        back = change_policy(f, POLICY % "Warn")
        check(all(probe(f) == 201 for _ in range(10)), "still refused")
        load.more(50)
    tap.comment(f"acted after {took:.2f} s and {back:.2f} s")
    check(max(took, back) <= 3, f"took {took:.2f} s and {back:.2f} s")
    nothing_lost(load)


@scenario("SIGHUP looks at the policies at once")
def hangup(f):
    took = change_policy(f, POLICY % "Deny", signalled=True)
    check(probe(f) == 403, "still admitted")
    change_policy(f, POLICY % "Warn", signalled=True)
    tap.comment(f"acted after {took:.2f} s")


@scenario("a broken policy keeps the old one, and is not silent about it")
def broken(f):
    before = hashes(f)
    with f.load() as load:
        f.write_policy(POLICY.replace("rules:", "rulez:") % "Deny")
        for replica in f.gate.replicas.values():
            wait_for("the log says so", lambda: "rulez" in
                     replica.process.said(), 10)
            check('result="error"' in admin(replica, "/metrics")
                  or 'result="failed"' in admin(replica, "/metrics"),
                  "no metric says so")
            check("polic" in admin(replica, "/readyz"),
                  "readiness says: " + admin(replica, "/readyz"))
        check(hashes(f) == before, "the rule set changed")
        load.more(50)
    nothing_lost(load)
    check(probe(f) == 201, "the old policy is not in force")
    f.write_policy(POLICY % "Warn")


@scenario("a new certificate and CA bundle take over; no call is lost")
def certificates(f):
    gate = f.gate
    with f.load() as load:
        load.more(50)
        gate.new_authority("ca2")
        gate.install(authorities=("ca", "ca2"))
        load.more(50)
        gate.new_certificate("ca2")
        # Two in a row: both replicas, as the balancer takes turns.
        wait_for("the new certificate is served", lambda: gate.served_by(
            "ca2") and gate.served_by("ca2"), 10)
        load.more(50)
        gate.install(authorities=("ca2",))
        load.more(100)
    nothing_lost(load)


@scenario("a certificate without its key is not taken; no call is lost")
def half_certificate(f):
    gate = f.gate
    with open(gate.file("tls.crt")) as old:
        good = old.read()
    with f.load() as load:
        gate.new_authority("stray")
        os.rename(gate.file("stray.crt"), gate.file("tls.crt"))
        for replica in gate.replicas.values():
            wait_for("the log says so", lambda: "tls.crt" in
                     replica.process.said(), 10)
        check(gate.served_by("ca2") and gate.served_by("ca2"),
              "something else is served")
        load.more(100)
        new = write(gate.folder, "new.crt", good)
        os.rename(new, gate.file("tls.crt"))
    nothing_lost(load)


@scenario("two replicas, each stopped in turn under load: no call is lost")
def replicas(f):
    gate = f.gate
    with f.load() as load:
        load.more(50)
        for name in list(gate.replicas):
            code = gate.stop_replica(name)
            check(code == 0, f"{name} ended with {code}")
            load.more(50)
            gate.start_replica(name)
            load.more(50)
    nothing_lost(load)


if __name__ == "__main__":
    sys.exit(tap.run(Fixture))
