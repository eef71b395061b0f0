#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The webhook's duration as the API server's own metric states it.

Lines name<TAB>value<TAB>unit. In turn with the server's echo, which answers
without reviewing, so that the machine's drift hits both: quote the ratio.
KEEPGATE must be the bench build; BENCH_ROUNDS and BENCH_CALLS set how much.
"""
import os
import re
import shutil
import statistics
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(__file__))
from lib.api import Api
from lib.cluster import Cluster
from lib.gate import Gate, Replica
from lib.rules import right_pod

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
CALLS = int(os.environ.get("BENCH_CALLS", "400"))
METRIC = re.compile(
    r'^apiserver_admission_webhook_admission_duration_seconds_(sum|count)'
    r'\{name="validate.keepgate.dev",operation="CREATE",rejected="false",'
    r'type="validating"\} (\S+)$', re.M)


def totals(cluster):
    text = cluster.kubectl("get", "--raw", "/metrics", good=True).stdout
    found = dict(METRIC.findall(text))
    return float(found["sum"]), float(found["count"])


def mean_us(cluster, calls):
    """What one call took, over so many creates of an enclave pod."""
    api, pod = Api(cluster), right_pod("bench")

    def create(times):
        for _ in range(times):
            status, answer = api.create("default", "pods", pod, dryRun="All")
            if status != 201:
                raise RuntimeError(answer.get("message"))
    create(30)
    before = totals(cluster)
    create(calls)
    after = totals(cluster)
    api.close()
    return (after[0] - before[0]) / (after[1] - before[1]) * 1e6


def measure(gate):
    """The medians over all rounds, by server."""
    found = {"full": [], "echo": []}
    options = {"full": (), "echo": ("--bench-echo",)}
    where = f"{gate.cluster.gate_ip}:{gate.cluster.service_port}"
    gate.stop_replica(gate.name)
    for _ in range(ROUNDS):
        for name, means in found.items():
            gate.options = ("--drain", "0", *options[name])
            gate.replicas[name] = Replica(gate, name, where)
            means.append(mean_us(gate.cluster, CALLS))
            gate.stop_replica(name)
    return found


def main():
    work = tempfile.mkdtemp(prefix="keepgate-e2e-bench-")
    cluster = Cluster(work, controllers=False)
    gate = None
    try:
        gate = Gate(cluster)
        gate.install()
        found = measure(gate)
    finally:
        if gate:
            gate.stop()
        cluster.stop()
    shutil.rmtree(work)
    for name, means in found.items():
        print(f"webhook-duration/{name}\t{statistics.median(means):.0f}\tus")
    ratio = statistics.median(f / e for f, e in zip(*found.values()))
    print(f"webhook-duration-of-echo\t{ratio:.2f}\tx")


if __name__ == "__main__":
    main()
