# SPDX-License-Identifier: Apache-2.0
"""The rules as keepgate itself states them, with their examples."""
import json
import subprocess

import yaml

from .process import KEEPGATE

# Every rule at its own action, but for ISO-001.
POLICY = """apiVersion: keepgate.dev/v1alpha1
kind: EnclavePolicy
metadata: {name: e2e}
spec:
  rules:
  - {id: ISO-001, action: %s}
"""


def rules():
    """Every built-in rule, by its id."""
    done = subprocess.run([KEEPGATE, "rules", "-o", "json"], check=True,
                          capture_output=True, text=True)
    return {rule["id"]: rule for rule in json.loads(done.stdout)}


def right_pod(name=None):
    """An enclave pod that every rule accepts."""
    pod = yaml.safe_load(rules()["NOD-001"]["fixed"])
    if name:
        pod["metadata"]["name"] = name
    return pod


def privileged(pod):
    """The pod, with something that only ISO-001 speaks about."""
    pod["spec"]["containers"][0]["securityContext"] = {"privileged": True}
    return pod


def findings(manifest, *options):
    """What `keepgate check` says of a manifest, finding by finding."""
    done = subprocess.run([KEEPGATE, "check", "-o", "json", "-f", "-",
                           *options], input=manifest, capture_output=True,
                          text=True)
    return [finding for result in json.loads(done.stdout)["results"]
            for finding in result["findings"]]
