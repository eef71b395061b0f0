# SPDX-License-Identifier: Apache-2.0
"""Random pods, DaemonSets and adversarial nodes out of one profile's words."""
import copy

import oracle

NEUTRAL = {"topology.kubernetes.io/zone": ["a", "b"],
           "agentpool": ["acc", "acc2"], "cores": ["2", "8"]}
NEAR_MISSES = ["false", "True", "TRUE", "", "1", "0", "yes",
               "Standard_D4s_v5", "TrustedLaunch"]
# Every node offers plenty, so that only the labels decide.
PLENTY = {"cpu": "10k", "memory": "100Ti", "pods": "100k",
          "hugepages-2Mi": "100Gi", "hugepages-1Gi": "100Gi"}


class Words:
    """Keys and values that pods and nodes are made of, for one profile."""

    def __init__(self, rng, profile, profiles):
        self.rng, self.profile = rng, profile
        self.foreign = {key: values or ["true"] for key, values
                        in profile.lookalikes.items()
                        if key not in profile.proving}
        for other in profiles:
            for key, values in other.proving.items():
                if key not in profile.proving | profile.lookalikes:
                    self.foreign[key] = sorted(values) or ["true"]

    def key(self):
        draw = self.rng.random()
        if draw < 0.65 and self.profile.proving:
            return self.rng.choice(sorted(self.profile.proving))
        if draw < 0.75 and self.profile.lookalikes:
            return self.rng.choice(sorted(self.profile.lookalikes))
        if draw < 0.85 and self.foreign:
            return self.rng.choice(sorted(self.foreign))
        return self.rng.choice(sorted(NEUTRAL))

    def value(self, key):
        right = sorted(self.profile.proving.get(key, ()))
        if right and self.rng.random() < 0.7:
            return self.rng.choice(right)
        return self.rng.choice(
            NEAR_MISSES + self.foreign.get(key, []) + NEUTRAL.get(key, [])
            + self.profile.lookalikes.get(key, []))

    def wrong_value(self, key):
        """None is absence."""
        value = self.rng.choice([None, None, *NEAR_MISSES])
        return None if value in self.profile.proving.get(key, ()) else value


# --- Pods ---

def requirement(words):
    rng, key = words.rng, words.key()
    operator = rng.choices(
        ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"],
        [10, 3, 2, 1, 1, 1])[0]
    found = {"key": key, "operator": operator}
    if operator in ("In", "NotIn"):
        count = rng.choices([1, 2, 3], [6, 3, 1])[0]
        found["values"] = [words.value(key) for _ in range(count)]
    elif operator in ("Gt", "Lt"):
        found["values"] = [rng.choice(
            ["0", "1", "4", "8", "x", "9223372036854775808"])]
    return found


def name_field(words):
    names = [f"wrong-{words.rng.randrange(10)}",
             f"right-{words.rng.randrange(10)}"]
    return {"key": "metadata.name",
            "operator": words.rng.choice(["In", "In", "NotIn"]),
            "values": [words.rng.choice(names)]}


def term(words):
    rng = words.rng
    found = {"matchExpressions": [
        requirement(words)
        for _ in range(rng.choices([0, 1, 2, 3], [1, 8, 5, 2])[0])]}
    if rng.random() < 0.06:
        found["matchFields"] = [name_field(words)]
    return found


def node_affinity(words):
    rng, found = words.rng, {}
    count = rng.choices([0, 1, 2, 3], [4, 6, 3, 1])[0]
    if count:
        found["requiredDuringSchedulingIgnoredDuringExecution"] = {
            "nodeSelectorTerms": [term(words) for _ in range(count)]}
    preferred = requirement(words)
    # The scheduler gives up on a preference that it cannot read.
    if rng.random() < 0.2 and preferred["operator"] not in ("Gt", "Lt"):
        found["preferredDuringSchedulingIgnoredDuringExecution"] = [{
            "weight": 100,
            "preference": {"matchExpressions": [preferred]}}]
    return found


def tolerations(words):
    rng = words.rng
    found = []
    for taint in words.profile.taints:
        if rng.random() < 0.5:
            found.append({"key": taint, "operator": "Exists"})
    if rng.random() < 0.1:
        found.append({"key": "lab", "operator": "Equal", "value": "yes",
                      "effect": "NoSchedule"})
    if rng.random() < 0.03:
        found.append({"operator": "Exists"})
    return found


def place(words, base):
    """The base's pod spec with a random placement."""
    spec = copy.deepcopy(base)
    for name in "nodeSelector", "affinity", "tolerations", "nodeName":
        spec.pop(name, None)
    selector = {}
    for _ in range(words.rng.choices([0, 1, 2], [6, 4, 1])[0]):
        key = words.key()
        selector[key] = words.value(key)
    if selector:
        spec["nodeSelector"] = selector
    affinity = node_affinity(words)
    if affinity:
        spec["affinity"] = {"nodeAffinity": affinity}
    if words.rng.random() < 0.6:
        spec["tolerations"] = tolerations(words)
    return spec


def pod(words, base, name):
    spec = place(words, base["spec"])
    if words.rng.random() < 0.02:
        spec["nodeName"] = f"wrong-{words.rng.randrange(10)}"
    return {"apiVersion": "v1", "kind": "Pod", "spec": spec, "metadata": {
        **{k: v for k, v in base["metadata"].items()
           if k in ("labels", "annotations")}, "name": name}}


def daemon_set(words, base, name):
    labels = {**base["metadata"].get("labels", {}), "daemon": name}
    return {
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": {"name": name}, "spec": {
            "selector": {"matchLabels": {"daemon": name}},
            "template": {
                "metadata": {"labels": labels, "annotations":
                             base["metadata"].get("annotations", {})},
                "spec": place(words, base["spec"])}}}


# --- Nodes ---

def node(words, name, labels, resources):
    taints = []
    if words.rng.random() < 0.15:
        key = words.rng.choice(["lab", *words.profile.taints])
        taints = [{"key": key, "value": "yes", "effect": "NoSchedule"}]
    offer = {**PLENTY, **resources}
    return {"apiVersion": "v1", "kind": "Node",
            "metadata": {"name": name, "labels": labels},
            "spec": {"taints": taints},
            "status": {"capacity": offer, "allocatable": offer}}


def random_labels(words):
    labels = {}
    for _ in range(words.rng.randrange(5)):
        key = words.key()
        labels[key] = words.value(key)
    for key, values in NEUTRAL.items():
        if words.rng.random() < 0.6:
            labels[key] = words.rng.choice(values)
    return labels


def spoiled(words, labels):
    """The same node with every proof taken away, some half: a near miss."""
    labels = dict(labels)
    for key in words.profile.proving:
        if key in labels:
            value = words.wrong_value(key)
            del labels[key]
            if value is not None and key not in words.profile.exclusive:
                labels[key] = value
    return labels


def node_labels(words, pods, count):
    """(wrong, right) lists of label sets; most fit some of the pods."""
    profile, wrong, right = words.profile, [{}], []
    for key in sorted(profile.proving):
        wrong += [{key: v} for v in NEAR_MISSES
                  if not profile.right({key: v})]
        right += [{key: v} for v in sorted(profile.proving[key])[:4]]
    wrong += [{k: v[0]} for k, v in sorted(words.foreign.items())
              if not profile.right({k: v[0]})]
    for each in words.rng.sample(pods, min(len(pods), count)):
        landing = next(oracle.landings(each["spec"], profile), None)
        if landing:
            labels = landing[1]
            (right if profile.right(labels) else wrong).append(labels)
            wrong.append(spoiled(words, labels))
    for _ in range(count):
        labels = random_labels(words)
        (right if profile.right(labels) else wrong).append(labels)
        wrong.append(spoiled(words, labels))
    return distinct(words, wrong, count), distinct(words, right, count)


def distinct(words, many, count):
    found = {tuple(sorted(labels.items())): labels for labels in many}
    found = list(found.values())
    return words.rng.sample(found, min(len(found), count))


# --- The smallest pod ---

def smaller(value):
    """The value with one of its parts left out, in every way."""
    if isinstance(value, dict):
        for key in value:
            if key in ("key", "operator", "weight", "effect", "value"):
                continue
            if key != "values":
                yield {k: v for k, v in value.items() if k != key}
            for part in smaller(value[key]):
                yield {**value, key: part}
    elif isinstance(value, list):
        for i, item in enumerate(value):
            if len(value) > 1:
                yield value[:i] + value[i + 1:]
            for part in smaller(item):
                yield [*value[:i], part, *value[i + 1:]]


def shrink(body, fails):
    """The smallest placement that still fails; the pod's rest stays."""
    parts = ("nodeSelector", "affinity", "tolerations", "nodeName")
    again = True
    while again:
        again = False
        spec = body["spec"]
        placement = {k: spec[k] for k in parts if k in spec}
        rest = {k: v for k, v in spec.items() if k not in parts}
        for less in smaller(placement):
            tried = {**body, "spec": {**rest, **less}}
            if fails(tried):
                body, again = tried, True
                break
    return body
