# SPDX-License-Identifier: Apache-2.0
"""Where can a pod land? Written from the scheduler's rules, by brute force.

Nothing here knows how Keepgate proves a placement: labels are tried out, all
of them that could make a difference.
"""
import itertools
import re

LABEL_VALUE = re.compile(r"(([A-Za-z0-9][A-Za-z0-9_.-]*)?[A-Za-z0-9])?\Z")
INTEGER = re.compile(r"[+-]?[0-9]+\Z")


class Unreadable(Exception):
    """The scheduler cannot use the term; it then matches no node."""


def integer(text):
    """As the scheduler reads one: decimal, 64 bits; else None."""
    if not INTEGER.match(text):
        return None
    value = int(text)
    return value if -2 ** 63 <= value < 2 ** 63 else None


def meets(requirement, labels):
    """Does a node with these labels meet one entry of matchExpressions?"""
    key, operator = requirement["key"], requirement["operator"]
    values = requirement.get("values", [])
    if any(len(v) > 63 or not LABEL_VALUE.match(v) for v in values):
        raise Unreadable
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    if operator == "Exists":
        return key in labels
    if operator == "DoesNotExist":
        return key not in labels
    bound = integer(values[0]) if len(values) == 1 else None
    if bound is None:
        raise Unreadable
    here = integer(labels[key]) if key in labels else None
    if here is None:
        return False
    return here > bound if operator == "Gt" else here < bound


def names(requirement, name):
    """The same for an entry of matchFields, which knows the name only."""
    inside = name in requirement["values"]
    return inside if requirement["operator"] == "In" else not inside


def expressions(term):
    return term.get("matchExpressions") or []


def fields(term):
    return term.get("matchFields") or []


def term_matches(term, name, labels):
    if not expressions(term) and not fields(term):
        return False
    try:
        # All are read before any is asked: one bad entry spoils the term.
        met = [meets(r, labels) for r in expressions(term)]
    except Unreadable:
        return False
    return all(met) and all(names(r, name) for r in fields(term))


def required(spec):
    """The terms of required node affinity; None when there is none."""
    node = ((spec.get("affinity") or {}).get("nodeAffinity") or {})
    selector = node.get("requiredDuringSchedulingIgnoredDuringExecution")
    return None if selector is None else selector.get("nodeSelectorTerms", [])


def selects(spec, name, labels):
    """nodeSelector and required affinity together."""
    if any(labels.get(k) != v
           for k, v in (spec.get("nodeSelector") or {}).items()):
        return False
    terms = required(spec)
    return terms is None or any(term_matches(t, name, labels) for t in terms)


def tolerates(spec, taints):
    return all(any(tolerated(t, taint) for t in spec.get("tolerations", []))
               for taint in taints)


def tolerated(toleration, taint):
    if toleration.get("effect") not in (None, "", taint["effect"]):
        return False
    key = toleration.get("key", "")
    if toleration.get("operator", "Equal") == "Exists":
        return key in ("", taint["key"])
    return (key == taint["key"]
            and toleration.get("value", "") == taint.get("value", ""))


# --- What is right ---

class Profile:
    """The nodes section of a profile: which labels make a node right."""

    def __init__(self, document):
        self.name = document["metadata"]["name"]
        nodes = document["spec"].get("nodes", {})
        self.proving = {}    # key to its proving values
        self.exclusive = set()
        for predicate in nodes.get("predicates", []):
            self.proving.setdefault(predicate["key"], set()).update(
                predicate.get("values", []))
            if predicate.get("exclusive"):
                self.exclusive.add(predicate["key"])
        for key in nodes.get("typeLabels", []):
            self.proving.setdefault(key, set()).update(nodes["types"])
        self.lookalikes = {e["key"]: e.get("values", [])
                           for e in nodes.get("lookalikes", [])}
        self.class_proves = document["spec"].get(
            "runtimeClasses", {}).get("proves", [])
        self.taints = document["spec"].get("taints", [])

    def right(self, labels):
        return any(key in labels and (key in self.exclusive
                                      or labels[key] in values)
                   for key, values in self.proving.items())


# --- Brute force ---

def candidates(requirements, key, profile):
    """Values of one label that tell all cases apart; None is absence."""
    values = {None, "other"} | profile.proving.get(key, set())
    for requirement in requirements:
        if requirement["key"] != key:
            continue
        for value in requirement.get("values", []):
            values.add(value)
            number = integer(value)
            if number is not None:
                values |= {str(number + 1), str(number - 1)}
    return [v for v in values if v is None or LABEL_VALUE.match(v)]


def all_requirements(spec, term):
    selected = [{"key": k, "operator": "In", "values": [v]}
                for k, v in (spec.get("nodeSelector") or {}).items()]
    return selected + expressions(term)


def landings(spec, profile, accept=selects):
    """Every (name, labels) that matters and that the pod can land on.

    Labels that the pod does not speak of stay absent: that proves the least.
    """
    seen = set()
    for term in required(spec) or [{}]:
        requirements = all_requirements(spec, term)
        keys = sorted({r["key"] for r in requirements})
        choices = [sorted(candidates(requirements, key, profile),
                          key=lambda v: (v is not None, v)) for key in keys]
        named = {n for r in fields(term) for n in r["values"]} | {"any-node"}
        for values in itertools.product(*choices):
            labels = {k: v for k, v in zip(keys, values) if v is not None}
            for name in sorted(named):
                case = name, tuple(labels.items())
                if case not in seen and accept(spec, name, labels):
                    seen.add(case)
                    yield name, labels


def wrong_landing(spec, profile, accept=selects):
    """A node outside the profile's set that the pod can land on, or None."""
    for name, labels in landings(spec, profile, accept):
        if not profile.right(labels):
            return name, labels
    return None


def without_uncounted(spec):
    """The pod as the proof is defined: Gt, Lt and matchFields do not count.

    A term keeps its place; one that had only those asks for nothing then.
    """
    terms = required(spec)
    if terms is None:
        return spec
    kept = []
    for term in terms:
        left = [r for r in expressions(term)
                if r["operator"] not in ("Gt", "Lt")]
        if left:
            kept.append({"matchExpressions": left})
        elif expressions(term) or fields(term):
            spec = {k: v for k, v in spec.items() if k != "affinity"}
            return spec
    return {**spec, "affinity": {"nodeAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": kept}}}}
