#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What people see through kubectl, and what the gate must never block."""
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from lib import tap
from lib.cluster import Cluster
from lib.gate import BAD_POD, Gate
from lib.process import write
from lib.rules import POLICY, privileged, right_pod
from lib.tap import check, scenario, wait_for

ORDINARY = {
    "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "ordinary"},
    "spec": {"containers": [{"name": "web", "image": "nginx:1"}]}}


class Fixture:
    """A cluster with a gate, and pods that were there before the gate."""

    def __init__(self, work):
        self.gate = None
        self.cluster = Cluster(work)
        try:
            for name in "plain", "finalized":
                self.cluster.kubectl("create", "-f", "-", good=True,
                                     given=bad_pod(name))
            self.gate = Gate(self.cluster, options=(
                "-p", write(work, "policy.yaml", POLICY % "Warn")))
            self.gate.install()
            self.cluster.namespace("audited")
        except Exception:
            self.stop()
            raise

    def create(self, body, *options):
        return self.cluster.kubectl(
            "create", *options, "-f", "-",
            given=body if isinstance(body, str) else json.dumps(body))

    def stop(self):
        if self.gate:
            self.gate.stop()
        self.cluster.stop()


def bad_pod(name):
    """As it stood before anybody judged it; with a finalizer."""
    return json.dumps({**BAD_POD, "metadata": {
        "name": name, "finalizers": ["e2e.keepgate.dev/hold"]}})


def deployment(pod, name):
    labels = {"app": name, **pod["metadata"].get("labels", {})}
    return {
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": name}},
                 "template": {"metadata": {"labels": labels},
                              "spec": pod["spec"]}}}


# --- Verdicts ---

@scenario("an ordinary pod is admitted, without a word")
def ordinary(f):
    done = f.create(ORDINARY)
    check(done.returncode == 0, done.stderr)
    check(done.stderr == "", "kubectl said: " + done.stderr)


@scenario("an enclave pod that is right is admitted, without a word")
def right(f):
    done = f.create(right_pod("right"))
    check(done.returncode == 0, done.stderr)
    check(done.stderr == "", "kubectl said: " + done.stderr)


@scenario("a refusal reaches the person: rule, pointer, found and fix")
def refused(f):
    done = f.create(BAD_POD)
    check(done.returncode == 1, "it was admitted")
    for part in ('denied the request: ', "(Forbidden)", "CLS-001 /metadata",
                 "EPC-004 /spec/containers/0/resources/limits/"
                 "sgx.intel.com~1epc: found ", "; allowed ", "; fix: "):
        check(part in done.stderr, f"no {part!r} in: {done.stderr}")


@scenario("a warning is shown, and the pod admitted")
def warned(f):
    done = f.create(privileged(right_pod("warned")))
    check(done.returncode == 0, done.stderr)
    check("Warning: ISO-001 /spec/containers/0/securityContext/privileged: "
          "found " in done.stderr, "kubectl said: " + done.stderr)


# --- Workloads ---

@scenario("a Deployment is warned about, and its pods are refused")
def misbuilt_deployment(f):
    done = f.create(deployment(BAD_POD, "misbuilt"))
    check(done.returncode == 0, "the Deployment was refused: " + done.stderr)
    check("Warning: EPC-004 /spec/template/spec/containers/0/" in done.stderr,
          "kubectl said: " + done.stderr)

    def refusal():
        for rs in f.cluster.get("replicasets", "-l", "app=misbuilt")["items"]:
            for condition in rs.get("status", {}).get("conditions", []):
                if condition["type"] == "ReplicaFailure":
                    return condition["message"]
    message = wait_for("the ReplicaSet says why it has no pods", refusal)
    check("EPC-004 /spec/containers/0/" in message, message)
    check(not f.cluster.get("pods", "-l", "app=misbuilt")["items"],
          "a pod got through")


@scenario("a right Deployment gets its pods, made by the controller")
def right_deployment(f):
    done = f.create(deployment(right_pod(), "fine"))
    check(done.returncode == 0 and done.stderr == "", done.stderr)
    wait_for("two pods", lambda: len(
        f.cluster.get("pods", "-l", "app=fine")["items"]) == 2)
    users = {r["user"]["username"] for r in f.gate.only.records()
             if r.get("generateName", "").startswith("fine-")}
    check(users == {"system:serviceaccount:kube-system:"
                    "replicaset-controller"}, f"made by {users}")


@scenario("a misbuilt Deployment can still be scaled and labelled")
def scaled(f):
    for argv in (("scale", "deployment/misbuilt", "--replicas=1"),
                 ("label", "deployment/misbuilt", "touched=yes"),
                 ("delete", "deployment/misbuilt")):
        done = f.cluster.kubectl(*argv)
        check(done.returncode == 0, done.stderr)


# --- What was there before ---

@scenario("a misbuilt pod from before can be labelled and annotated")
def metadata_update(f):
    for argv in (("label", "pod/plain", "touched=yes"),
                 ("annotate", "pod/plain", "touched=yes")):
        done = f.cluster.kubectl(*argv)
        check(done.returncode == 0, done.stderr)


@scenario("its status can be reported")
def status_update(f):
    done = f.cluster.kubectl(
        "patch", "pod/plain", "--subresource=status", "--type=merge", "-p",
        '{"status":{"phase":"Running","message":"seen"}}')
    check(done.returncode == 0, done.stderr)


@scenario("it can be deleted, and its finalizer removed")
def finalized(f):
    remove(f, "finalized")


def remove(f, name):
    done = f.cluster.kubectl("delete", "pod/" + name, "--wait=false")
    check(done.returncode == 0, done.stderr)
    check("deletionTimestamp" in f.cluster.get("pod/" + name)["metadata"],
          "the finalizer does not hold it")
    done = f.cluster.kubectl("patch", "pod/" + name, "--type=merge", "-p",
                             '{"metadata":{"finalizers":null}}')
    check(done.returncode == 0, done.stderr)
    wait_for("it is gone", lambda: f.cluster.kubectl(
        "get", "pod/" + name).returncode != 0)


@scenario("nor is that blocked where the gate is asked about everything")
def asked_everything(f):
    def everything(hook):
        hook["rules"] = [{"apiGroups": ["*"], "apiVersions": ["*"],
                          "operations": ["*"], "resources": ["*/*"],
                          "scope": "Namespaced"}]
    f.gate.install(everything)
    try:
        metadata_update_again(f)
        status_update(f)
        remove(f, "plain")
        asked = {(r["operation"], r["subResource"])
                 for r in f.gate.only.records() if r.get("name") == "plain"}
        check({("DELETE", ""), ("UPDATE", "status"), ("UPDATE", "")} <= asked,
              f"the gate was asked only {asked}")
    finally:
        f.gate.install()


def metadata_update_again(f):
    done = f.cluster.kubectl("label", "pod/plain", "again=yes")
    check(done.returncode == 0, done.stderr)


# --- Records ---

@scenario("a server-side dry run is judged, and recorded as one")
def dry_run(f):
    pod = right_pod("only-tried")
    done = f.create(pod, "--dry-run=server")
    check(done.returncode == 0, done.stderr)
    check(f.create(BAD_POD, "--dry-run=server").returncode == 1,
          "a bad pod passed its dry run")
    found = [r for r in f.gate.only.records() if r.get("name") == "only-tried"]
    check(found and all(r["dryRun"] for r in found), f"recorded: {found}")
    f.create(right_pod("really-made"))
    found = [r for r in f.gate.only.records()
             if r.get("name") == "really-made"]
    check(found and not any(r["dryRun"] for r in found), f"recorded: {found}")


@scenario("verdict, rules and rule set stand in the API server's audit log")
def annotations(f):
    f.create(right_pod("noted"), "-n", "audited")
    f.create({**BAD_POD, "metadata": {"name": "noted-too"}}, "-n", "audited")
    prefix = "validate.keepgate.dev/"

    def noted(name):
        for event in f.cluster.audit_events():
            if event["objectRef"].get("name") == name or name in event.get(
                    "responseStatus", {}).get("message", ""):
                return {k[len(prefix):]: v for k, v in
                        event.get("annotations", {}).items()
                        if k.startswith(prefix)}
        return {}
    for name, verdict in ("noted", "allow"), ("noted-too", "deny"):
        got = noted(name)
        check(got.get("verdict") == verdict, f"{name}: {got}")
        check(got.get("ruleset") == f.gate.only.ruleset, f"{name}: {got}")
    check("EPC-004" in got["rules"] and "CLS-001" in got["rules"], str(got))


# --- Without the gate; the last two, in this order ---

@scenario("stopped, with failurePolicy Fail: everything is refused")
def stopped_fail(f):
    f.gate.stop()
    done = f.create(ORDINARY | {"metadata": {"name": "unjudged"}})
    check(done.returncode == 1, "it was admitted")
    check("failed calling webhook" in done.stderr, done.stderr)
    done = f.create(ORDINARY, "-n", "kube-system")
    check(done.returncode == 0, "kube-system is spared: " + done.stderr)


@scenario("stopped, with failurePolicy Ignore: everything is admitted")
def stopped_ignore(f):
    for configuration in f.gate.configurations("ca"):
        for hook in configuration["webhooks"]:
            hook["failurePolicy"] = "Ignore"
        f.cluster.kubectl("apply", "-f", "-", good=True,
                          given=json.dumps(configuration))
    wait_for("pods are admitted", lambda: f.create(
        BAD_POD, "--dry-run=server").returncode == 0)
    done = f.create(ORDINARY | {"metadata": {"name": "unjudged"}})
    check(done.returncode == 0, done.stderr)


if __name__ == "__main__":
    sys.exit(tap.run(Fixture))
