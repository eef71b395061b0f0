# SPDX-License-Identifier: Apache-2.0
"""property.py KEEPGATE SEED COUNT: random pods out of the profiles' words.

An unrelated label and another order of members never change a verdict or a
finding. A container that moves to another list keeps its ISO and IMG findings,
and takes none from the others. Prints the seed and what broke, shrunk to the
fewest members of the pod that still break it.
"""
import copy
import json
import random
import subprocess
import sys

LISTS = ("containers", "initContainers", "ephemeralContainers")
DIGEST = "@sha256:" + "0123456789abcdef" * 4


def run(keepgate, pods):
    """The result of each pod, by one call."""
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": pods})
    done = subprocess.run([keepgate, "check", "-f", "-", "-o", "json"],
                          input=text, capture_output=True, text=True)
    results = json.loads(done.stdout)["results"]
    assert len(results) == len(pods), done.stderr
    return results


class Words:
    def __init__(self, keepgate):
        names = json.loads(subprocess.run(
            [keepgate, "profiles", "-o", "json"], check=True,
            capture_output=True, text=True).stdout)
        self.profiles = [p["metadata"]["name"] for p in names]

    def container(self, r, name):
        c = {"name": name, "image": "registry.example/" + name +
             r.choice([DIGEST, ":1", ""])}
        if r.random() < 0.6:
            c["resources"] = {"limits": {r.choice(
                ["sgx.intel.com/epc", "kubernetes.azure.com/sgx_epc_mem_in_MiB",
                 "alibabacloud.com/sgx_epc_MiB", "aws.ec2.nitro/nitro_enclaves",
                 "intel.com/tdx"]): r.choice(["10Mi", "10", "1", "200Mi"])}}
        if r.random() < 0.5:
            c["env"] = [{"name": n, "value": r.choice(["0", "1", "hw", "sim"])}
                        for n in r.sample(["SGX_AESM_ADDR", "OE_SIMULATION",
                                           "SCONE_MODE", "GRAMINE_MODE"], 2)]
        if r.random() < 0.5:
            c["volumeMounts"] = [{"name": "v", "mountPath": r.choice(
                ["/var/run/aesmd", "/run/aesmd", "/data"])}]
            if r.random() < 0.2:
                c["volumeMounts"][0]["mountPropagation"] = "Bidirectional"
        if r.random() < 0.4:
            c["securityContext"] = r.choice([
                {"privileged": True}, {"allowPrivilegeEscalation": True},
                {"capabilities": {"add": ["cap_sys_ptrace", "CHOWN"]}},
                {"seccompProfile": {"type": "Unconfined"}},
                {"procMount": "Unmasked"}, {"runAsUser": 0}])
        if r.random() < 0.2:
            c["ports"] = [{"containerPort": 80, "hostPort": 80}]
        if r.random() < 0.2:
            c["command"] = ["/bin/app"]
        return c

    def pod(self, r):
        spec = {"containers": [self.container(r, "c%d" % i)
                               for i in range(r.randint(1, 3))]}
        if r.random() < 0.5:
            spec["initContainers"] = [self.container(r, "i0")]
            if r.random() < 0.5:
                spec["initContainers"][0]["restartPolicy"] = "Always"
        if r.random() < 0.7:
            spec["volumes"] = [{"name": "v", **r.choice([
                {"hostPath": {"path": "/var/run/aesmd"}},
                {"hostPath": {"path": "/dev/sgx"}},
                {"emptyDir": {"medium": "Memory"}}])}]
        if r.random() < 0.5:
            spec["nodeSelector"] = r.choice([
                {"intel.feature.node.kubernetes.io/sgx": "true"},
                {"node.kubernetes.io/instance-type": "Standard_DC8_v2"}])
        for name in ("hostPID", "hostNetwork", "shareProcessNamespace"):
            if r.random() < 0.1:
                spec[name] = True
        meta = {"name": "p"}
        if r.random() < 0.8:
            meta["labels"] = {"keepgate.dev/profile": r.choice(self.profiles)}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": meta,
                "spec": spec}


def shuffled(r, v):
    if isinstance(v, dict):
        items = [(k, shuffled(r, x)) for k, x in v.items()]
        r.shuffle(items)
        return dict(items)
    return [shuffled(r, x) for x in v] if isinstance(v, list) else v


def labelled(r, pod):
    pod = copy.deepcopy(pod)
    pod["metadata"].setdefault("labels", {})["example.com/colour"] = "blue"
    return pod


def moves(pod):
    """(name of the container, pod with it in another list)"""
    for source in LISTS:
        for i, c in enumerate(pod["spec"].get(source, [])):
            for target in LISTS:
                if target == source:
                    continue
                p = copy.deepcopy(pod)
                p["spec"].setdefault(target, []).append(
                    p["spec"][source].pop(i))
                yield c["name"], p


def pairs(pod, result):
    """What is found, and of which container: ISO and IMG only."""
    found = set()
    for f in result["findings"]:
        if f["rule"][:3] not in ("ISO", "IMG"):
            continue
        steps = f["pointer"].split("/")
        name = ""
        if len(steps) > 3 and steps[2] in LISTS:
            name = pod["spec"][steps[2]][int(steps[3])]["name"]
        found.add((f["rule"], name))
    return found


def same(a, b):
    return a["verdict"] == b["verdict"] and a["profile"] == b["profile"] and \
        sorted((f["rule"], f["found"]) for f in a["findings"]) == \
        sorted((f["rule"], f["found"]) for f in b["findings"])


def broken(keepgate, seed, pod):
    """What of the properties does not hold for this pod; None: all do."""
    r = random.Random(seed)
    moved = list(moves(pod))
    variants = [pod, labelled(r, pod), shuffled(r, pod)] + \
        [p for _, p in moved]
    results = run(keepgate, variants)
    if not same(results[0], results[1]):
        return "an unrelated label changes the result"
    if not same(results[0], results[2]):
        return "another order of members changes the result"
    before = pairs(pod, results[0])
    for (name, p), result in zip(moved, results[3:]):
        lost = before - pairs(p, result)
        if lost:
            return "moving %s clears %s" % (name, sorted(lost))
    return None


def smaller(pod):
    """Pods with one member less, anywhere."""
    def walk(v, path):
        keys = list(v) if isinstance(v, dict) else range(len(v)) \
            if isinstance(v, list) else ()
        for k in keys:
            if k not in ("name", "apiVersion", "kind", "metadata", "spec",
                         "containers"):
                yield path + [k]
            yield from walk(v[k], path + [k])
    for path in list(walk(pod, [])):
        p = copy.deepcopy(pod)
        at = p
        for k in path[:-1]:
            at = at[k]
        del at[path[-1]]
        yield p


def shrink(keepgate, seed, pod):
    for _ in range(200):
        for p in smaller(pod):
            if broken(keepgate, seed, p):
                pod = p
                break
        else:
            return pod
    return pod


def main(keepgate, seed, count):
    words = Words(keepgate)
    bad = 0
    for i in range(count):
        pod = words.pod(random.Random(seed + i))
        if broken(keepgate, seed + i, pod):
            bad += 1
            least = shrink(keepgate, seed + i, pod)
            print("seed %d: %s: %s" % (seed + i, broken(
                keepgate, seed + i, least), json.dumps(least)))
    print("properties: %d pods, %d wrong, first seed %d" % (count, bad, seed))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
