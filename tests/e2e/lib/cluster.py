# SPDX-License-Identifier: Apache-2.0
"""etcd, kube-apiserver, controllers and scheduler on the loopback range.

No kubelet and no containers: pods are admitted, stored, and bound to nodes
that are plain objects. Each cluster has ports of its own and its Services a
/24 of 127/8 of their own, so that several can run side by side.
"""
import json
import os
import random
import socket
import subprocess

from .api import Api
from .process import TOP, Process, free_port, write
from .tap import wait_for

# The node controller is left out: fake nodes have no heartbeat.
CONTROLLERS = ("deployment-controller", "replicaset-controller",
               "daemonset-controller", "job-controller",
               "statefulset-controller", "replicationcontroller-controller",
               "namespace-controller")

AUDIT_POLICY = """apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  namespaces: [audited]
- level: None
"""


def binaries():
    """The folder with the programs; built by tools/build.sh when needed."""
    return subprocess.run(
        ["sh", os.path.join(TOP, "tests/e2e/tools/build.sh")], check=True,
        stdout=subprocess.PIPE, text=True).stdout.strip()


def service_range():
    """127.X.Y for Services, and the port that can be had there."""
    for port in 443, 0:
        for _ in range(50):
            net = f"127.{random.randint(10, 250)}.{random.randint(0, 255)}"
            with socket.socket() as s:
                try:
                    s.bind((net + ".53", port))
                except PermissionError:
                    break
                except OSError:
                    continue
                return net, s.getsockname()[1]
    raise RuntimeError("no free Service range")


class Cluster:
    """Ready when made. `work` is the folder for everything it writes."""

    def __init__(self, work, controllers=True):
        self.work = work
        self.bin = binaries()
        self.net, self.service_port = service_range()
        self.gate_ip = self.net + ".53"
        self.port = free_port()
        self.processes = []
        os.makedirs(self.pki(""))
        try:
            self.make_pki()
            self.start_api()
            if controllers:
                self.start_controllers()
        except Exception:
            self.stop()
            raise

    def pki(self, name):
        return os.path.join(self.work, "pki", name)

    def path(self, name):
        return os.path.join(self.work, name)

    # --- Starting ---

    def make_pki(self):
        certificate(self.pki("ca"), "/CN=e2e", ca=None)
        certificate(self.pki("api"), "/CN=kube-apiserver", self.pki("ca"),
                    "IP:127.0.0.1")
        for name, subject in (
                ("admin", "/O=system:masters/CN=admin"),
                ("controllers", "/CN=system:kube-controller-manager"),
                ("scheduler", "/CN=system:kube-scheduler")):
            certificate(self.pki(name), subject, self.pki("ca"))
            self.write_kubeconfig(name)
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-out", self.pki("accounts.key"))
        openssl("pkey", "-in", self.pki("accounts.key"), "-pubout",
                "-out", self.pki("accounts.pub"))

    def write_kubeconfig(self, name):
        config = {
            "apiVersion": "v1", "kind": "Config", "current-context": "e2e",
            "clusters": [{"name": "e2e", "cluster": {
                "server": f"https://127.0.0.1:{self.port}",
                "certificate-authority": self.pki("ca.crt")}}],
            "users": [{"name": name, "user": {
                "client-certificate": self.pki(name + ".crt"),
                "client-key": self.pki(name + ".key")}}],
            "contexts": [{"name": "e2e", "context": {
                "cluster": "e2e", "user": name}}]}
        write(self.work, name + ".kubeconfig", json.dumps(config))

    def program(self, name, *argv):
        process = Process(name, [os.path.join(self.bin, name), *argv],
                          self.work)
        self.processes.append(process)
        return process

    def start_api(self):
        client, peer = free_port(), free_port()
        store = f"http://127.0.0.1:{client}"
        self.program(
            "etcd", "--unsafe-no-fsync", "--data-dir", self.path("etcd"),
            "--listen-client-urls", store, "--advertise-client-urls", store,
            "--listen-peer-urls", f"http://127.0.0.1:{peer}",
            "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}",
            "--initial-cluster", f"default=http://127.0.0.1:{peer}")
        write(self.work, "audit-policy.yaml", AUDIT_POLICY)
        api = self.program(
            "kube-apiserver", "--etcd-servers", store,
            "--bind-address=127.0.0.1", f"--secure-port={self.port}",
            "--advertise-address=127.0.0.1",
            "--tls-cert-file", self.pki("api.crt"),
            "--tls-private-key-file", self.pki("api.key"),
            "--client-ca-file", self.pki("ca.crt"),
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-account-key-file", self.pki("accounts.pub"),
            "--service-account-signing-key-file", self.pki("accounts.key"),
            "--authorization-mode=RBAC", "--allow-privileged=true",
            "--endpoint-reconciler-type=none",
            f"--service-cluster-ip-range={self.net}.0/24",
            "--disable-admission-plugins=ServiceAccount,"
            "TaintNodesByCondition",
            "--audit-policy-file", self.path("audit-policy.yaml"),
            "--audit-log-path", self.path("audit.log"),
            "--audit-log-mode=blocking")
        wait_for("the API server is ready", lambda: self.ready(api), 120)

    def ready(self, api):
        api.check_alive()
        client = Api(self)
        try:
            return client.call("GET", "/readyz")[0] == 200
        finally:
            client.close()

    def start_controllers(self):
        self.program(
            "kube-controller-manager",
            "--kubeconfig", self.path("controllers.kubeconfig"),
            "--leader-elect=false", "--bind-address=127.0.0.1",
            f"--secure-port={free_port()}",
            "--use-service-account-credentials",
            "--service-account-private-key-file", self.pki("accounts.key"),
            "--root-ca-file", self.pki("ca.crt"),
            "--controllers", ",".join(CONTROLLERS))
        self.program(
            "kube-scheduler",
            "--kubeconfig", self.path("scheduler.kubeconfig"),
            "--leader-elect=false", "--bind-address=127.0.0.1",
            f"--secure-port={free_port()}")

    # --- Using it ---

    def kubectl(self, *argv, given=None, good=False):
        """Runs kubectl; with `good`, failing is an error of the test."""
        done = subprocess.run(
            [os.path.join(self.bin, "kubectl"),
             *argv], input=given, capture_output=True, text=True,
            env={**os.environ, "HOME": self.work,
                 "KUBECONFIG": self.path("admin.kubeconfig")})
        if good and done.returncode != 0:
            raise AssertionError(
                f"kubectl {' '.join(argv)}: {done.stderr}")
        return done

    def get(self, *argv):
        kind = () if "--raw" in argv else ("-o", "json")
        return json.loads(
            self.kubectl("get", *argv, *kind, good=True).stdout)

    def namespace(self, name, labels=None):
        self.kubectl("create", "-f", "-", good=True, given=json.dumps({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": name, "labels": labels or {}}}))
        return name

    def audit_events(self):
        """The API server's own audit log; only namespace audited is in."""
        with open(self.path("audit.log")) as f:
            return [json.loads(line) for line in f]

    def stop(self):
        for process in reversed(self.processes):
            process.stop()
        self.processes = []


def openssl(*argv):
    subprocess.run(["openssl", *argv], check=True, stderr=subprocess.DEVNULL)


def certificate(path, subject, ca, names=None):
    """PATH.crt and PATH.key, signed by the certificate at CA, or itself."""
    argv = ["req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", subject, "-keyout", path + ".key", "-out", path + ".crt"]
    if ca is not None:
        argv += ["-CA", ca + ".crt", "-CAkey", ca + ".key",
                 "-addext", "basicConstraints=critical,CA:FALSE"]
    if names is not None:
        argv += ["-addext", "subjectAltName=" + names]
    openssl(*argv)
