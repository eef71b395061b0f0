# SPDX-License-Identifier: Apache-2.0
"""A client of the API server, and load that counts what is lost."""
import http.client
import json
import ssl
import threading
import time
from urllib.parse import urlencode


class Api:
    """One connection; not shared between threads."""

    def __init__(self, cluster):
        context = ssl.create_default_context(cafile=cluster.pki("ca.crt"))
        context.load_cert_chain(cluster.pki("admin.crt"),
                                cluster.pki("admin.key"))
        self.connection = http.client.HTTPSConnection(
            "127.0.0.1", cluster.port, timeout=60, context=context)

    def call(self, method, path, body=None, **query):
        """Gives (status, answer); the answer's warnings under "warnings"."""
        if query:
            path += "?" + urlencode(query)
        kind = ("application/strategic-merge-patch+json"
                if method == "PATCH" else "application/json")
        self.connection.request(
            method, path, None if body is None else json.dumps(body),
            {"Content-Type": kind, "Accept": "application/json"})
        answer = self.connection.getresponse()
        data = answer.read()
        try:
            value = json.loads(data)
        except ValueError:
            value = {"message": data.decode(errors="replace")}
        value["warnings"] = answer.headers.get_all("Warning") or []
        return answer.status, value

    def create(self, namespace, resource, body, **query):
        return self.call(
            "POST", f"/api/v1/namespaces/{namespace}/{resource}", body,
            **query)

    def close(self):
        self.connection.close()


class Load:
    """Creates of a good and a bad pod in turn, from several threads.

    They are dry runs: judged in full, never stored. Whatever is neither an
    admission nor a denial by the gate was lost.
    """

    def __init__(self, cluster, namespace, good, bad, threads=2):
        self.cluster, self.namespace = cluster, namespace
        self.pods = (good, 201), (bad, 403)
        self.ending = threading.Event()
        self.calls = 0
        self.lost = []
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.work, daemon=True)
                        for _ in range(threads)]

    def work(self):
        api = Api(self.cluster)
        turn = 0
        while not self.ending.is_set():
            pod, want = self.pods[turn % 2]
            turn += 1
            status, answer = api.create(self.namespace, "pods", pod,
                                        dryRun="All")
            with self.lock:
                self.calls += 1
                if status != want:
                    self.lost.append(
                        f"{time.strftime('%T')} {status}, want {want}: "
                        + str(answer.get("message")))
        api.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join()

    def more(self, calls, seconds=60):
        """Waits until so many more calls were made."""
        end, until = time.monotonic() + seconds, self.calls + calls
        while self.calls < until:
            if time.monotonic() > end:
                raise AssertionError(f"no {calls} calls in {seconds} s")
            time.sleep(0.01)
