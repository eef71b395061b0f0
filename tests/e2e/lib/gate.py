# SPDX-License-Identifier: Apache-2.0
"""`keepgate serve` behind a Service, and the webhook configuration for it.

The configuration is examples/webhook.yaml, with the CA filled in.
"""
import base64
import copy
import json
import os
import re
import socket
import ssl

import yaml

from .balancer import Balancer
from .cluster import certificate
from .process import KEEPGATE, TOP, Process
from .tap import wait_for

HOST = "keepgate.keepgate-system.svc"
READY = re.compile(r"^ready listen=(\S+) admin=(\S+) ruleset=(\S+)$", re.M)
# Marks pods that a newer configuration lets pass unasked: see install().
MARK = "e2e.keepgate.dev/generation"

# Denied by every pack: ten bytes of EPC, and no declared profile.
BAD_POD = {
    "apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "bad-"},
    "spec": {"containers": [{
        "name": "app", "image": "registry.example/app:1",
        "resources": {"limits": {"sgx.intel.com/epc": "10"}}}]}}


class Replica:
    """One `keepgate serve`, ready when made."""

    def __init__(self, gate, name, listen="127.0.0.1:0"):
        self.audit = os.path.join(gate.folder, name + ".audit.log")
        self.process = Process(name, [
            gate.program, "serve", "--listen", listen,
            "--admin", "127.0.0.1:0", "--tls-cert", gate.file("tls.crt"),
            "--tls-key", gate.file("tls.key"), "--audit-log", self.audit,
            *gate.options], gate.folder)
        before = len(READY.findall(self.process.said()))
        wait_for(name + " is ready", lambda: self.is_ready(before), 60)

    def is_ready(self, before):
        self.process.check_alive()
        found = READY.findall(self.process.said())[before:]
        if found:
            self.address, self.admin, self.ruleset = found[-1]
        return found

    def records(self):
        """Its audit log's decisions."""
        with open(self.audit) as log:
            lines = [json.loads(line) for line in log]
        return [r for r in lines if r["type"] == "decision"]


class Gate:
    def __init__(self, cluster, replicas=1, options=(), program=KEEPGATE,
                 name="keepgate"):
        self.cluster, self.options, self.program = cluster, options, program
        self.name = name
        self.folder = cluster.path(name)
        os.makedirs(self.folder)
        self.generation = 0
        self.balancer = None
        self.replicas = {}
        self.new_authority("ca")
        self.new_certificate("ca")
        if replicas == 1:
            where = f"{cluster.gate_ip}:{cluster.service_port}"
            self.replicas[name] = Replica(self, name, where)
        else:
            self.balancer = Balancer(cluster.gate_ip, cluster.service_port)
            for i in range(replicas):
                self.start_replica(f"{name}-{i}")
        self.make_service()

    def file(self, name):
        return os.path.join(self.folder, name)

    def start_replica(self, name):
        replica = self.replicas[name] = Replica(self, name)
        if self.balancer:
            self.balancer.replicas[name] = replica.address, replica.admin
            wait_for(f"the balancer sees {name}",
                     lambda: replica.address in self.balancer.ready)

    def stop_replica(self, name):
        return self.replicas.pop(name).process.stop()

    def stop(self):
        for name in list(self.replicas):
            self.stop_replica(name)
        if self.balancer:
            self.balancer.stop()

    @property
    def only(self):
        return next(iter(self.replicas.values()))

    # --- Certificates ---

    def new_authority(self, name):
        certificate(self.file(name), "/CN=keepgate " + name, ca=None)

    def new_certificate(self, ca):
        """Signs a serving certificate and puts it in place, key first."""
        certificate(self.file("new"), "/CN=keepgate", self.file(ca),
                    "DNS:" + HOST)
        for end in ".key", ".crt":
            os.rename(self.file("new" + end), self.file("tls" + end))

    def bundle(self, *names):
        text = ""
        for name in names:
            with open(self.file(name + ".crt")) as f:
                text += f.read()
        return base64.b64encode(text.encode()).decode()

    def served_by(self, ca):
        """True when the certificate that is served is signed by this CA."""
        context = ssl.create_default_context(cafile=self.file(ca + ".crt"))
        where = self.cluster.gate_ip, self.cluster.service_port
        with socket.create_connection(where, 10) as raw:
            try:
                with context.wrap_socket(raw, server_hostname=HOST):
                    return True
            except ssl.SSLCertVerificationError:
                return False

    # --- The API server's side ---

    def make_service(self):
        self.cluster.namespace("keepgate-system")
        self.cluster.kubectl("create", "-f", "-", good=True, given=json.dumps({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "keepgate", "namespace": "keepgate-system"},
            "spec": {"clusterIP": self.cluster.gate_ip,
                     "ports": [{"port": self.cluster.service_port}]}}))

    def configurations(self, *authorities):
        with open(os.path.join(TOP, "examples/webhook.yaml")) as f:
            found = list(yaml.safe_load_all(f))
        for configuration in found:
            for hook in configuration["webhooks"]:
                hook["clientConfig"]["caBundle"] = self.bundle(*authorities)
                hook["clientConfig"]["service"]["port"] = (
                    self.cluster.service_port)
        return found

    def install(self, change=None, authorities=("ca",)):
        """Applies the configurations and waits until they are in force.

        `change` may edit each webhook. The first time, the gate is there
        when it denies; later, a mark that only the new configuration spares
        tells when the API server goes by it.
        """
        found = self.configurations(*authorities)
        for configuration in found:
            for hook in configuration["webhooks"]:
                if change:
                    change(hook)
                if self.generation:
                    hook["matchConditions"] = [
                        *hook.get("matchConditions", []), {
                            "name": "mark", "expression":
                                "object == null || object.metadata."
                                f"?labels[?'{MARK}'].orValue('') != "
                                f"'g{self.generation}'"}]
        self.cluster.kubectl("apply", "-f", "-", good=True, given="---\n".join(
            yaml.safe_dump(c) for c in found))
        mark = f"g{self.generation}" if self.generation else None
        want = bool(self.generation)
        wait_for("the webhook configuration is in force",
                 lambda: self.admits_bad(mark) == want)
        self.generation += 1

    def admits_bad(self, mark=None):
        pod = copy.deepcopy(BAD_POD)
        if mark:
            pod["metadata"]["labels"] = {MARK: mark}
        done = self.cluster.kubectl("create", "--dry-run=server", "-f", "-",
                                    given=json.dumps(pod))
        return done.returncode == 0

    def uninstall(self):
        self.cluster.kubectl(
            "delete", "validatingwebhookconfiguration,"
            "mutatingwebhookconfiguration", "keepgate", good=True)
        wait_for("the webhook is gone", self.admits_bad)
        self.generation = 0
