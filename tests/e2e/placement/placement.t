#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The real scheduler judges the placement proof.

For each profile: random pods go through the gate. First only nodes outside
the profile's set exist, adversarial ones: nothing that was admitted may be
bound. Then the right nodes come, and everything that is bound must be on one.
What was refused goes past the gate into a namespace that is not asked about,
to show that the oracle knows where the scheduler would have put it.

PLACEMENT_SEED and PLACEMENT_PODS choose other pods, and how many.
"""
import copy
import glob
import json
import os
import random
import re
import subprocess
import sys
import tempfile

import yaml

sys.dont_write_bytecode = True
sys.path[:0] = [os.path.dirname(__file__),
                os.path.join(os.path.dirname(__file__), "..")]
import generate
import oracle
from lib import tap
from lib.api import Api
from lib.cluster import Cluster
from lib.gate import Gate
from lib.process import KEEPGATE, TOP, write
from lib.rules import rules
from lib.tap import check, wait_for

SEED = int(os.environ.get("PLACEMENT_SEED", "1"))
PODS = int(os.environ.get("PLACEMENT_PODS", "2000"))
NODES = 60         # of each kind, for each profile
DAEMONS = 24       # DaemonSets, over all profiles
FREE = "keepgate-system"     # the webhook is not asked about it
IMAGE = "registry.example/app@sha256:" + 64 * "0"
PLACEMENT = {"NOD-001", "NOD-002", "NOD-004"}
STRICT = {"apiVersion": "keepgate.dev/v1alpha1", "kind": "EnclavePolicy",
          "metadata": {"name": "enclave-strict"}, "spec": {}}
# For profiles of which no whole pod is known: nothing but the placement.
ONLY_NODES = {**STRICT, "metadata": {"name": "only-nodes"}, "spec": {
    "rules": [{"id": name, "action": "Off"} for name in rules()
              if name not in ("NOD-001", "NOD-002", "NOD-003")]}}
PROFILES = [oracle.Profile(yaml.safe_load(open(path))) for path in sorted(
    glob.glob(os.path.join(TOP, "policies/profiles/*.yaml")))]


class Totals:
    pods = wrong = alarms = 0


def review(pod):
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": {
                "uid": "1", "operation": "CREATE", "namespace": "default",
                "kind": {"group": "", "version": "v1", "kind": "Pod"},
                "resource": {"group": "", "version": "v1",
                             "resource": "pods"},
                "userInfo": {"username": "admin", "groups": []},
                "object": pod}}


def verdicts(pods, policy):
    """For each pod the rules that refuse it, or None, by the dry run."""
    documents = "".join(f"---\n{json.dumps(review(pod))}\n" for pod in pods)
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(policy, file)
        file.flush()
        done = subprocess.run(
            [KEEPGATE, "check", "-o", "json", "-p", file.name, "-f", "-"],
            text=True, capture_output=True, input=documents)
    return [None if r["verdict"] in ("allow", "warn") else
            {f["rule"] for f in r["findings"]}
            for r in json.loads(done.stdout)["results"]]


def base_pods():
    """For each profile pods that are right, out of the enclave cases."""
    found = {}
    for path in sorted(glob.glob(os.path.join(TOP, "tests/enclave/*.jsonl"))):
        for case in map(json.loads, open(path)):
            pod = case.get("object") or {}
            if (case.get("expect") == "allow" and pod.get("kind") == "Pod"
                    and "request" not in case and pod.get("metadata")):
                labels = pod["metadata"].get("labels") or {}
                profile = labels.get("keepgate.dev/profile")
                found.setdefault(profile, []).append(pod)
    return found


def bare(profile):
    """A pod that only declares its profile."""
    return {"metadata": {"labels": {"keepgate.dev/profile": profile.name}},
            "spec": {"containers": [{"name": "app"}]}}


def base_of(profile, pods, policy):
    """The first of these that the policy admits where its node is proven."""
    key = min(profile.proving)
    selector = {key: min(profile.proving[key], default="true")}
    for pod in pods:
        tried = copy.deepcopy({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {**pod["metadata"], "name": "base"},
            "spec": {**pod["spec"], "nodeSelector": selector}})
        tried["spec"].pop("affinity", None)
        # As the API server will have filled it in.
        tried["spec"]["schedulerName"] = "default-scheduler"
        for kind in "containers", "initContainers":
            for container in tried["spec"].get(kind, []):
                container.setdefault("image", IMAGE)
                asked = container.get("resources", {})
                asked.setdefault("requests", dict(asked.get("limits", {})))
        if verdicts([tried], policy) == [None]:
            return tried
    return None


def choose_bases():
    """{profile: (pod, policy)}: enclave-strict, where a whole pod is known."""
    cases, found = base_pods(), {}
    for profile in (p for p in PROFILES if p.proving):
        # A class that proves by itself would leave nothing to prove by node.
        pods = [pod for pod in cases.get(profile.name, [])[:20]
                if not (profile.class_proves
                        and "runtimeClassName" in pod["spec"])]
        pods.append(bare(profile))
        for policy in STRICT, ONLY_NODES:
            base = base_of(profile, pods, policy)
            if base:
                found[profile.name] = base, policy
                break
    return found


def policies():
    """Both, each for the namespaces of its profiles; strict for all else."""
    key = "kubernetes.io/metadata.name"
    bare_ones = ["gated-" + name for name, (_, policy) in BASES.items()
                 if policy is ONLY_NODES]
    return yaml.safe_dump_all(
        {**policy, "spec": {**policy["spec"], "match": {"namespaceSelector": {
            "matchExpressions": [{"key": key, "operator": operator,
                                  "values": bare_ones or ["none"]}]}}}}
        for policy, operator in ((STRICT, "NotIn"), (ONLY_NODES, "In")))


class Fixture:
    def __init__(self, work):
        self.gate = None
        self.cluster = Cluster(work)
        try:
            self.gate = Gate(self.cluster, options=(
                "--audit-objects", "none",
                "-p", write(work, "policies.yaml", policies())))
            self.gate.install()
            self.api = Api(self.cluster)
        except Exception:
            self.stop()
            raise

    def stop(self):
        if self.gate:
            self.gate.stop()
        self.cluster.stop()


class Trial:
    """One profile's pods, nodes and verdicts."""

    def __init__(self, fixture, profile, count):
        self.f, self.api = fixture, fixture.api
        self.profile, self.count = profile, count
        self.base, self.policy = BASES[profile.name]
        self.rng = random.Random(f"{SEED}/{profile.name}")
        self.words = generate.Words(self.rng, profile, PROFILES)
        self.namespace = "gated-" + profile.name
        self.nodes = {}      # name to (labels, taints)
        self.admitted, self.refused = {}, {}    # name to pod (and rules)
        self.mistakes = []

    # --- What is there ---

    def make(self):
        self.pods = [generate.pod(self.words, self.base, f"p{i}")
                     for i in range(self.count)]
        share = max(1, DAEMONS // len(PROFILES))
        self.daemons = [generate.daemon_set(self.words, self.base, f"d{i}")
                        for i in range(share)]
        self.wrong, self.right = generate.node_labels(
            self.words, self.pods, NODES)

    def resources(self):
        """What the base asks for: every node offers it, right or wrong."""
        asked = {}
        for kind in "containers", "initContainers":
            for container in self.base["spec"].get(kind, []):
                for part in container.get("resources", {}).values():
                    asked.update(part)
        return {name: "100k" if re.search("[0-9]$", amount) else "100Ti"
                for name, amount in ((k, str(v)) for k, v in asked.items())
                if "/" in name}

    def add_nodes(self, kind, many):
        """The last one is the canary's: bound to it, all have been seen."""
        mark = f"{self.profile.name}-{kind}"
        for i, labels in enumerate(many):
            body = generate.node(self.words, f"{kind}-{i}", labels,
                                 self.resources())
            self.nodes[f"{kind}-{i}"] = labels, body["spec"]["taints"]
            self.must(201, "POST", "/api/v1/nodes", body)
        labels = {"canary": mark}
        body = generate.node(self.words, "canary-" + kind, labels, {})
        body["spec"]["taints"] = [{"key": "canary", "effect": "NoSchedule"}]
        self.must(201, "POST", "/api/v1/nodes", body)
        self.nodes["canary-" + kind] = labels, body["spec"]["taints"]
        self.must(201, "POST", f"/api/v1/namespaces/{FREE}/pods", {
            "metadata": {"name": "canary-" + kind}, "spec": {
                "nodeSelector": labels,
                "tolerations": [{"key": "canary", "operator": "Exists"}],
                "containers": [{"name": "a", "image": "a"}]}})
        wait_for("the canary is bound", lambda: self.call(
            "GET", f"/api/v1/namespaces/{FREE}/pods/canary-{kind}"
            )["spec"].get("nodeName"))

    def call(self, method, path, body=None, **query):
        return self.api.call(method, path, body, **query)[1]

    def must(self, want, method, path, body=None):
        status, answer = self.api.call(method, path, body)
        check(status == want, f"{method} {path}: {status} "
              + str(answer.get("message")))

    def make_class(self, spec):
        """The base's runtime class, with the overhead that its pods have."""
        if "runtimeClassName" in spec:
            self.api.call("POST", "/apis/node.k8s.io/v1/runtimeclasses", {
                "metadata": {"name": spec["runtimeClassName"]},
                "handler": "none",
                "overhead": {"podFixed": spec.get("overhead", {})}})

    def clear(self):
        now = {"gracePeriodSeconds": 0, "propagationPolicy": "Background"}
        self.call("DELETE", f"/apis/apps/v1/namespaces/{self.namespace}"
                  "/daemonsets", now)
        for namespace in self.namespace, FREE:
            wait_for("the pods are gone", lambda: not self.call(
                "DELETE", f"/api/v1/namespaces/{namespace}/pods",
                now).get("items"))
        self.call("DELETE", "/api/v1/nodes", now)

    # --- The gate's verdicts ---

    def submit(self):
        for pod in self.pods:
            name = pod["metadata"]["name"]
            status, answer = self.api.create(self.namespace, "pods", pod)
            if status == 201:
                self.admitted[name] = pod
                continue
            message = answer.get("message", "")
            check(status == 403 and "denied the request: " in message,
                  f"{name}: {status} {message}\n{json.dumps(pod['spec'])}")
            self.refused[name] = pod, set(re.findall(
                "([A-Z]+-[0-9]{3}) /", message))
            if "nodeName" not in pod["spec"]:
                self.api.create(FREE, "pods", pod)
        for daemon in self.daemons:
            self.must(201, "POST", f"/apis/apps/v1/namespaces/"
                      f"{self.namespace}/daemonsets", daemon)

    def dry_run(self):
        """`keepgate check` says of each pod what the gate said."""
        results = verdicts(self.pods, self.policy)
        for pod, rules in zip(self.pods, results):
            name = pod["metadata"]["name"]
            if (rules is None) != (name in self.admitted):
                self.mistakes.append(f"check and the gate differ on {name}")

    # --- The scheduler's ---

    def listed(self, namespace):
        return self.call("GET", f"/api/v1/namespaces/{namespace}/pods",
                         resourceVersion="0")["items"]

    def settled(self):
        """Everybody is bound who can be, the rest was tried."""
        for namespace in self.namespace, FREE:
            for pod in self.listed(namespace):
                if pod["spec"].get("nodeName"):
                    continue
                tried = any(c["type"] == "PodScheduled" for c in
                            pod.get("status", {}).get("conditions", []))
                fits = self.fits(pod["spec"])
                check(tried and not fits, f"{pod['metadata']['name']} of "
                      f"{namespace} is not bound, though it fits {fits}: "
                      f"{pod.get('status')} {json.dumps(pod['spec'])}")
        return True

    def fits(self, spec):
        """A node that takes it, or None."""
        return next((name for name, (labels, taints) in self.nodes.items()
                     if oracle.selects(spec, name, labels)
                     and oracle.tolerates(spec, taints)), None)

    def daemons_settled(self):
        """The controller has tried each that has a node to be on."""
        tried = {r.get("generateName") for r in self.f.gate.only.records()
                 if r["namespace"] == self.namespace}
        return all(d["metadata"]["name"] + "-" in tried for d in self.daemons
                   if self.fits(d["spec"]["template"]["spec"]))

    def judge_bound(self):
        """Admitted pods on wrong nodes; and where the oracle is mistaken."""
        wrong = {}
        for namespace in self.namespace, FREE:
            for pod in self.listed(namespace):
                name = pod["spec"].get("nodeName")
                if not name or name.startswith("canary-"):
                    continue
                labels = self.nodes[name][0]
                if not oracle.selects(pod["spec"], name, labels):
                    self.mistakes.append(
                        f"{pod['metadata']['name']} is on {name} {labels}, "
                        f"says the scheduler: {json.dumps(pod['spec'])}")
                if namespace == self.namespace and not self.profile.right(
                        labels):
                    wrong[pod["metadata"]["name"]] = pod, name
        return wrong

    # --- Conclusions ---

    def run(self):
        self.make()
        self.must(201, "POST", "/api/v1/namespaces",
                  {"metadata": {"name": self.namespace}})
        self.make_class(self.base["spec"])
        try:
            self.add_nodes("wrong", self.wrong)
            self.submit()
            self.dry_run()
            wait_for("the scheduler settles", self.settled, 120)
            wait_for("the DaemonSets settle", self.daemons_settled, 120)
            wrong = self.judge_bound()
            self.add_nodes("right", self.right)
            wait_for("the scheduler settles", self.settled, 120)
            wait_for("the DaemonSets settle", self.daemons_settled, 120)
            wrong.update(self.judge_bound())
        finally:
            self.clear()
        return wrong

    def by_brute_force(self):
        """Admitted pods that some node outside the set would take."""
        return {name: pod for name, pod in self.admitted.items()
                if oracle.wrong_landing(pod["spec"], self.profile)}

    def alarms(self):
        """Refused pods that could only land right: (false, explained)."""
        false, explained, others = {}, 0, 0
        for name, (pod, rules) in self.refused.items():
            spec = pod["spec"]
            if not rules & PLACEMENT:
                others += 1
            elif oracle.wrong_landing(spec, self.profile):
                continue
            elif oracle.wrong_landing(oracle.without_uncounted(spec),
                                      self.profile):
                explained += 1
            else:
                false[name] = pod
        return false, explained, others


def show(what, pod, profile, fails):
    small = generate.shrink(pod, fails)
    tap.complain(f"{what}, profile {profile.name}, the smallest such pod:")
    tap.complain(yaml.safe_dump({k: v for k, v in small["spec"].items()
                                if k in ("nodeSelector", "affinity",
                                         "tolerations", "nodeName")}))
    landing = oracle.wrong_landing(small["spec"], profile)
    if landing:
        tap.complain(f"a node that takes it: {landing[1]}")


def judge(fixture, profile, count):
    trial = Trial(fixture, profile, count)
    on_wrong = trial.run()
    could = trial.by_brute_force()
    false, explained, others = trial.alarms()
    tap.comment(
        f"{profile.name}: {count} pods, {len(trial.admitted)} admitted, "
        f"{len(trial.refused)} refused: {others} for other reasons, "
        f"{explained} where only Gt, Lt or matchFields, which do not count, "
        "kept them right")
    Totals.pods += count
    Totals.wrong += len(on_wrong.keys() | could.keys())
    Totals.alarms += len(false)
    for pod, node in list(on_wrong.values())[:3]:
        tap.complain(f"bound to {node} {trial.nodes[node][0]}")
    for pod in list(could.values())[:3]:
        show("admitted, and could land wrong", pod, profile, lambda p: (
            verdicts([p], trial.policy)[0] is None
            and oracle.wrong_landing(p["spec"], profile)))
    for pod in list(false.values())[:3]:
        show("refused, and could only land right", pod, profile, lambda p: (
            (verdicts([p], trial.policy)[0] or set()) & PLACEMENT
            and not oracle.wrong_landing(
                oracle.without_uncounted(p["spec"]), profile)))
    check(not on_wrong and not could and not false and not trial.mistakes,
          f"{len(on_wrong)} bound wrong, {len(could)} could be, "
          f"{len(false)} false alarms; "
          + "\n".join(trial.mistakes[:5]))
    check(len(trial.admitted) > count // 20, "hardly a pod was admitted")


def add(profile, count):
    name = BASES[profile.name][1]["metadata"]["name"]
    tap.scenario(f"{profile.name}, {name}: what is admitted lands right")(
        lambda f: judge(f, profile, count))


BASES = choose_bases()


def main():
    for profile in PROFILES:
        if profile.name not in BASES:
            tap.comment(f"{profile.name}: left out, it has no nodes")
        else:
            add(profile, -(-PODS // len(BASES)))
    tap.comment(f"seed {SEED}")
    code = tap.run(Fixture)
    line = (f"placement: {Totals.pods} pods, {Totals.wrong} wrong, "
            f"{Totals.alarms} false alarms")
    if "HARNESS_ACTIVE" in os.environ:    # prove shows only this stream
        print(line, file=sys.stderr)
    print(line)
    return code


if __name__ == "__main__":
    sys.exit(main())
