#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One scenario for each rule: its own example is refused, its fix admitted.

The examples are those of `keepgate rules`, so a new rule is tried by itself.
Each is played in a namespace of its own: a manifest is created; a review is
acted out as the user that it names, on the object as it was before. A policy
that comes with an example is in force in that namespace only.
"""
import json
import os
import re
import sys
import time

import yaml

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from lib import tap
from lib.api import Api
from lib.cluster import Cluster
from lib.gate import Gate
from lib.process import write
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
    "LIF-003": ("spec:\n", "spec:\n  nodeName: n1\n"),
}
# Judged in what the API server has filled in, and so not in a bare manifest.
LATER = {"EPC-006"}
# Who a manifest comes from, where that is not just anybody.
FROM = {"LIF-003": {"username": "system:node:n1", "groups": ["system:nodes"]}}
OWN = "keepgate.dev/v1alpha1"
NAME = "kubernetes.io/metadata.name"
LINE = re.compile(
    r"([A-Z]+-[0-9]{3}) (/\S*): found .+; allowed .+; fix: .+")
POLICY = {"apiVersion": OWN, "kind": "EnclavePolicy"}
CONNECT = {"apiGroups": [""], "apiVersions": ["v1"], "scope": "Namespaced",
           "operations": ["CREATE", "CONNECT"],
           "resources": ["pods/exec", "pods/attach", "pods/portforward",
                         "pods/binding"]}


class Play:
    """One example, taken apart."""

    def __init__(self, rule, which):
        self.namespace = f"{rule['id'].lower()}-{which}"
        text = rule[which].replace(*INSTEAD.get(rule["id"], ("", "")))
        documents = [d for d in yaml.safe_load_all(text) if d]
        self.subject = next(d for d in documents if d["kind"] not in (
            "Namespace", "EnclavePolicy", "EnclaveProfile",
            "EnclaveException"))
        self.labels = next((d["metadata"].get("labels", {}) for d in documents
                            if d["kind"] == "Namespace"), {})
        self.own = [d for d in documents if d["apiVersion"] == OWN]
        if rule["action"] == "off":
            self.own.append({**POLICY, "metadata": {"name": "on"}, "spec": {
                "rules": [{"id": rule["id"], "action": "Deny"}]}})
        for document in self.own:
            self.confine(document)
        self.user = FROM.get(rule["id"])
        self.review = self.subject.get("request")
        if self.review:
            self.user = self.review["userInfo"]

    def confine(self, document):
        """To this play's namespace, under a name that no other has."""
        document["metadata"]["name"] += "-" + self.namespace
        if document["kind"] == "EnclavePolicy":
            spec = document["spec"]
            accounts = spec.get("attestation", {}).get("serviceAccounts", [])
            accounts[:] = [self.namespace + name[name.index("/"):]
                           for name in accounts]
            match = spec.setdefault("match", {})
            match["namespaceSelector"] = {
                "matchLabels": {NAME: self.namespace}}

    def before(self):
        """The object that must be there first, or None."""
        if not self.review:
            return None
        if self.review.get("oldObject"):
            return self.review["oldObject"]
        return {"apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": self.review["name"]},
                "spec": {"containers": [{"name": "a", "image": "a"}]}}

    def as_user(self):
        if not self.user:
            return []
        return ["--as", self.user["username"]] + [
            f"--as-group={group}" for group in self.user["groups"]]


class Fixture:
    def __init__(self, work):
        self.gate = None
        self.plays = {}
        for rule in rules().values():
            if rule["example"] and rule["id"] not in FILES_ONLY:
                for which in "example", "fixed":
                    play = Play(rule, which)
                    self.plays[rule["id"], which] = play
        self.cluster = Cluster(work, controllers=False)
        try:
            self.policies = self.write_policies(work)
            self.prepare()
            self.gate = Gate(self.cluster, options=("-p", self.policies))
            self.gate.install(lambda hook: hook["rules"].append(CONNECT)
                              if hook["name"].startswith("val") else None)
        except Exception:
            self.stop()
            raise

    def write_policies(self, work):
        """enclave-strict where no play has a policy of its own."""
        plays = self.plays.values()
        taken = [p.namespace for p in plays
                 if any(d["kind"] == "EnclavePolicy" for d in p.own)]
        strict = {**POLICY, "metadata": {"name": "enclave-strict"}, "spec": {
            "match": {"namespaceSelector": {"matchExpressions": [
                {"key": NAME, "operator": "NotIn",
                 "values": taken or ["none"]}]}}}}
        spaces = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {
            "name": p.namespace, "labels": p.labels}}
            for p in plays if p.labels]
        return write(work, "policy.yaml", yaml.safe_dump_all(
            [strict, *spaces, *(d for p in plays for d in p.own)]))

    def prepare(self):
        """Namespaces and what was there before; everybody may do anything."""
        api = Api(self.cluster)
        api.call("POST", "/apis/rbac.authorization.k8s.io/v1"
                 "/clusterrolebindings", {
                     "metadata": {"name": "everybody"},
                     "roleRef": {"apiGroup": "rbac.authorization.k8s.io",
                                 "kind": "ClusterRole",
                                 "name": "cluster-admin"},
                     "subjects": [{"apiGroup": "rbac.authorization.k8s.io",
                                   "kind": "Group",
                                   "name": "system:authenticated"}]})
        for play in self.plays.values():
            api.call("POST", "/api/v1/namespaces", {"metadata": {
                "name": play.namespace, "labels": play.labels}})
            if play.before():
                status, answer = api.create(play.namespace, "pods",
                                            play.before())
                check(status == 201, str(answer.get("message")))
        api.close()

    def stop(self):
        if self.gate:
            self.gate.stop()
        self.cluster.stop()

    # --- Acting it out ---

    def act(self, play):
        """Gives kubectl's exit status and what it said."""
        to = [*play.as_user(), "-n", play.namespace]
        if not play.review:
            return self.create(play, to)
        review = play.review
        if review["operation"] == "CONNECT":
            return self.connect(play, to)
        path = (f"/api/v1/namespaces/{play.namespace}/pods/"
                + review["name"])
        verb, body = "create", review.get("object")
        if review["operation"] == "UPDATE":
            verb, body = "replace", self.updated(path, body)
        if review["operation"] == "DELETE":
            return self.cluster.kubectl(
                "delete", "pod", review["name"], "--dry-run=server", *to)
        if review.get("subResource"):
            path += "/" + review["subResource"]
        return self.cluster.kubectl(
            verb, "--raw", path + "?dryRun=All", "-f", "-", *to,
            given=json.dumps(body))

    def create(self, play, to):
        """With its runtime class, whose overhead a pod must have."""
        spec = play.subject["spec"]
        if "runtimeClassName" in spec:
            self.set_class(spec["runtimeClassName"], spec.get("overhead"))
        for _ in range(40):    # the API server learns of a class in a moment
            done = self.cluster.kubectl(
                "create", "--dry-run=server", "-f", "-", *to,
                given=json.dumps(play.subject))
            if "pod rejected: " not in done.stderr:
                break
            time.sleep(0.25)
        return done

    def set_class(self, name, overhead):
        body = {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass",
                "metadata": {"name": name}, "handler": "none"}
        if overhead:
            body["overhead"] = {"podFixed": overhead}
        self.cluster.kubectl("delete", "runtimeclass", name,
                             "--ignore-not-found", good=True)
        self.cluster.kubectl("create", "-f", "-", given=json.dumps(body),
                             good=True)

    def connect(self, play, to):
        """Nobody runs the pod: what is let through fails for want of a node.
        """
        name, what = play.review["name"], play.review["subResource"]
        argv = {"exec": ["exec", name, "--", "sh"],
                "attach": ["attach", name],
                "portforward": ["port-forward", name, "8080"]}[what]
        return self.cluster.kubectl(*to, *argv)

    def updated(self, path, change):
        """The object as it is now, with the review's differences."""
        now = self.cluster.get("--raw", path)
        for part in "labels", "annotations":
            now["metadata"][part] = change["metadata"].get(part, {})
        for kind, many in change["spec"].items():
            here = {c["name"]: c for c in now["spec"].get(kind, [])}
            now["spec"][kind] = [{**here.get(c["name"], {}), **c}
                                 for c in many]
        return now


# --- Judging ---

def shown(done):
    """{"deny": ..., "warn": ...}: (rule, pointer) of what kubectl showed."""
    found = {"deny": set(), "warn": set()}
    for line in done.stderr.splitlines():
        kind = "warn" if line.startswith("Warning: ") else "deny"
        found[kind] |= {m.group(1, 2) for m in LINE.finditer(line)}
    return found


def by_dry_run(f, play):
    """The same out of `keepgate check`; the API server sorts names."""
    found = {"deny": set(), "warn": set(), "audit": set()}
    for each in findings(json.dumps(play.subject, sort_keys=True),
                         "-p", f.policies, "-n", play.namespace):
        found[each["action"]].add((each["rule"], each["pointer"]))
    del found["audit"]
    return found


def judge(f, rule):
    name = rule["id"]
    if name in FILES_ONLY:
        raise Skip(FILES_ONLY[name])
    if not rule["example"]:
        raise Skip("it refuses nothing")
    play = f.plays[name, "example"]
    done = f.act(play)
    if rule["action"] == "audit":
        only_recorded(f, name, play, done)
    else:
        kind = "warn" if rule["action"] == "warn" else "deny"
        check(name in {rule for rule, _ in shown(done)[kind]},
              "not shown: " + done.stderr)
        agrees(f, play, done)
    play = f.plays[name, "fixed"]
    done = f.act(play)
    check(name not in {rule for many in shown(done).values()
                       for rule, _ in many},
          "its fix is shown: " + done.stderr)
    agrees(f, play, done)


def agrees(f, play, done):
    """The verdict on a manifest is that of the dry run, in all findings."""
    if play.review or play.user:
        return
    want, got = by_dry_run(f, play), shown(done)
    for kind in want:
        check(want[kind] <= got[kind], f"no {want[kind] - got[kind]} among "
              + done.stderr)
    later = {found for found in got["deny"] if found[0] in LATER}
    check(done.returncode == (1 if want["deny"] | later else 0), done.stderr)


def only_recorded(f, name, play, done):
    check(done.returncode == 0, "it was refused: " + done.stderr)
    check(name not in done.stderr, "it was shown: " + done.stderr)
    recorded = {found["rule"] for r in f.gate.only.records()
                if r["namespace"] == play.namespace
                for found in r["findings"]}
    check(name in recorded, f"recorded: {recorded}")


def add(rule):
    what = {"deny": "refused", "warn": "warned about", "audit": "recorded"}
    tap.scenario(f"{rule['id']} is {what.get(rule['action'], 'tried')}: "
                 + rule["title"])(lambda f: judge(f, rule))


for each in rules().values():
    add(each)


if __name__ == "__main__":
    sys.exit(tap.run(Fixture))
