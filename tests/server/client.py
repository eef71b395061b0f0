#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that curl cannot be: bursts, load that counts answers, slow ones.

client.py burst ADDRESS CA N      N connections, then N requests at once
client.py turns ADDRESS CA N      N requests on one connection, each after the
                                  answer to the one before
client.py spread ADDRESS CA PID   16 connections at once; how many each thread
                                  of the server has
client.py pipe ADDRESS CA N       N requests in one piece, then their answers
client.py unread ADDRESS CA N     N requests, a while after each other; only
                                  then reads the (long) answers
client.py load ADDRESS CA OUT     posts until the server dies; answered uids
client.py slow ADDRESS CA SECONDS begins a request, ends it later
client.py keep ADDRESS CA NAME    one connection with NAME.crt and NAME.key:
                                  a review every 50 ms until one is refused
"""
import glob
import json
import signal
import socket
import ssl
import sys
import threading
import time


def dial(address, receive=0):
    host, port = address.rsplit(":", 1)
    raw = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    raw.settimeout(20)
    if receive:  # a window this small is full soon
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    raw.connect((host, int(port)))
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as Go does
    return raw


def secure(raw, ca, client=None):
    context = ssl.create_default_context(cafile=ca)
    if client:
        context.load_cert_chain(client + ".crt", client + ".key")
    context.check_hostname = False
    return context.wrap_socket(raw, server_hostname="keepgate")


def connect(address, ca, client=None, receive=0):
    return secure(dial(address, receive), ca, client)


def review(uid, spec=None):
    return json.dumps({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {"uid": uid, "operation": "CREATE", "namespace": "load",
                    "kind": {"group": "", "version": "v1", "kind": "Pod"},
                    "resource": {"group": "", "version": "v1", "resource": "pods"},
                    "object": {"spec": spec or {"containers": [{"name": "a"}]}}}}).encode()


def refused():
    """A spec that is denied at length."""
    return {"containers": [{"name": "c%d" % i, "resources":
                            {"limits": {"sgx.intel.com/epc": "0"}}} for i in range(30)]}


def head(body):
    return (b"POST /v1/validate?timeout=5s HTTP/1.1\r\nHost: keepgate\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body))


def reply(stream):
    """Head and body of one answer on a keep-alive connection, or None."""
    if isinstance(stream, ssl.SSLSocket):
        stream = stream.makefile("rb")  # nothing follows this answer
    top = b""
    while not top.endswith(b"\r\n\r\n"):
        piece = stream.readline()
        if not piece:
            return None
        top += piece
    length = int([line.split(b":")[1] for line in top.split(b"\r\n")
                  if line.lower().startswith(b"content-length:")][0])
    body = b""
    while len(body) < length:
        piece = stream.read(length - len(body))
        if not piece:
            return None
        body += piece
    return top, body


def answer(stream):
    """The uid of the next answer, or None."""
    got = reply(stream)
    return got and json.loads(got[1])["response"]["uid"]


def burst(address, ca, count):
    connections = [connect(address, ca) for _ in range(count)]
    started = time.monotonic()
    for i, connection in enumerate(connections):
        body = review("burst-%d" % i)
        connection.sendall(head(body) + body)
    for i, connection in enumerate(connections):
        assert answer(connection) == "burst-%d" % i
    print("%d answered in %.0f ms" % (count, (time.monotonic() - started) * 1000))


def turns(address, ca, count):
    for first in 0, 1:  # a long answer comes first, or a short one
        connection = connect(address, ca)
        stream = connection.makefile("rb")
        started = time.monotonic()
        for i in range(count):
            body = review("turn-%d" % i, refused() if (first + i) % 3 == 0 else None)
            connection.sendall(head(body) + body)
            assert answer(stream) == "turn-%d" % i
        took = time.monotonic() - started
        print("%d answered in %.0f ms" % (count, took * 1000))
        assert took < count * 0.1, "answers wait for something"


def spread(address, ca, pid):
    raws = [dial(address) for _ in range(16)]
    connections = [secure(raw, ca) for raw in raws]
    for i, connection in enumerate(connections):
        body = review("spread-%d" % i)
        connection.sendall(head(body) + body)
        assert answer(connection) == "spread-%d" % i
    sets = []
    for name in glob.glob("/proc/%s/fdinfo/*" % pid):
        with open(name) as file:  # of an epoll set: what it watches
            sets.append(file.read().count("tfd:"))
    print(*[n for n in sorted(sets) if n > 1])


def pipe(address, ca, count):
    connection = connect(address, ca)
    stream = connection.makefile("rb")
    bodies = [review("pipe-%d" % i) for i in range(count)]
    connection.sendall(b"".join(head(body) + body for body in bodies))
    for i in range(count):
        assert answer(stream) == "pipe-%d" % i


def unread(address, ca, count):
    connection = connect(address, ca, receive=4096)
    for i in range(count):
        body = review("unread-%d" % i, refused())
        connection.sendall(head(body) + body)
        time.sleep(0.002)
    stream = connection.makefile("rb")
    for i in range(count):
        assert answer(stream) == "unread-%d" % i


def load(address, ca, out):
    lock = threading.Lock()

    def run(thread):
        try:
            connection = connect(address, ca)
            for i in range(1000000):
                body = review("load-%d-%d" % (thread, i))
                connection.sendall(head(body) + body)
                uid = answer(connection)
                if uid is None:
                    return
                with lock:
                    out.write(uid + "\n")
        except (OSError, ValueError):
            return

    threads = [threading.Thread(target=run, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def slow(address, ca, seconds):
    connection = connect(address, ca)
    body = review("slow")
    connection.sendall(head(body) + body[:20])
    print("begun", flush=True)
    time.sleep(seconds)
    connection.sendall(body[20:])
    assert answer(connection) == "slow"
    print("answered")


def keep(address, ca, name):
    connection = connect(address, ca, name)
    for i in range(1000):
        body = review("keep-%d" % i)
        connection.sendall(head(body) + body)
        status = reply(connection)[0].split(b" ", 2)[1].decode()
        print(status, flush=True)
        if status != "200":
            return
        time.sleep(0.05)


if __name__ == "__main__":
    signal.alarm(300)
    what, where, trust, arg = sys.argv[1:5]
    if what == "burst":
        burst(where, trust, int(arg))
    elif what == "turns":
        turns(where, trust, int(arg))
    elif what == "spread":
        spread(where, trust, arg)
    elif what == "pipe":
        pipe(where, trust, int(arg))
    elif what == "unread":
        unread(where, trust, int(arg))
    elif what == "load":
        with open(arg, "w", buffering=1) as file:
            load(where, trust, file)
    elif what == "keep":
        keep(where, trust, arg)
    else:
        slow(where, trust, float(arg))
