#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that mean no good. Prints `ok NAME` or `not ok NAME: why`.

hostile.py strict ADDRESS CA         requests that two readers take in two ways
hostile.py fuzz ADDRESS CA SEED N    N damaged requests over TLS, N over plain TCP
hostile.py drip ADDRESS CA SECONDS   who sends a byte now and then is cut at the deadline
hostile.py evict ADDRESS CA N        N connections fill the server; one more is served
hostile.py wait ADDRESS CA PID       handshakes that wait for their clients
hostile.py flood ADDRESS CA N        N half-open and slow clients beside reviews
hostile.py large ADDRESS CA PID      bodies of 3 MB that are hard to read
"""
import os
import random
import select
import signal
import socket
import ssl
import sys
import threading
import time

from client import answer, connect, head, review

BODY = review("strict")
HOST = b"Host: keepgate\r\n"
TYPE = b"Content-Type: application/json\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
LINE = b"POST /v1/validate HTTP/1.1\r\n"


def status(connection):
    """Of the next answer: a number, or `closed`; and what came with it."""
    data = b""
    try:
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return "closed", data
            data += piece
    except OSError:
        return "closed", data
    return int(data.split(b" ", 2)[1]), data


def is_closed(connection):
    try:
        while connection.recv(65536):
            pass
    except socket.timeout:
        return False
    except OSError:
        pass
    return True


SAYING = threading.Lock()


def say(good, name, why=""):
    """A test's line; threads do not write into one another's."""
    with SAYING:
        print("ok %s" % name if good else "not ok %s: %s" % (name, why), flush=True)


def fields(*lines):
    return LINE + b"".join(lines) + b"\r\n" + BODY


# What is sent, and the status; 400 also closes the connection.
STRICT = [
    ("a good request", fields(HOST, TYPE, LENGTH), 200),
    ("HTTP/1.0", fields(HOST, TYPE, LENGTH).replace(b"/1.1", b"/1.0", 1), 200),
    ("a header with blanks around its value", fields(HOST, TYPE, b"X: \t y \t\r\n", LENGTH), 200),
    ("two equal Content-Lengths", fields(HOST, TYPE, LENGTH, LENGTH), 400),
    ("two different Content-Lengths", fields(HOST, TYPE, LENGTH, b"Content-Length: 1\r\n"), 400),
    ("a list of Content-Lengths", fields(HOST, TYPE, b"Content-Length: 2, 2\r\n"), 400),
    ("a signed Content-Length", fields(HOST, TYPE, b"Content-Length: +%d\r\n" % len(BODY)), 400),
    ("a hexadecimal Content-Length", fields(HOST, TYPE, b"Content-Length: 0x10\r\n"), 400),
    ("an empty Content-Length", fields(HOST, TYPE, b"Content-Length:\r\n"), 400),
    ("no Content-Length", fields(HOST, TYPE), 411),
    ("chunked", fields(HOST, TYPE, b"Transfer-Encoding: chunked\r\n"), 400),
    ("chunked beside a length", fields(HOST, TYPE, LENGTH, b"Transfer-Encoding: chunked\r\n"), 400),
    ("an unknown Transfer-Encoding", fields(HOST, TYPE, LENGTH, b"Transfer-Encoding: x\r\n"), 400),
    ("Transfer-Encoding: identity", fields(HOST, TYPE, LENGTH, b"transfer-ENCODING: identity\r\n"), 400),
    ("a blank before the colon", fields(HOST, TYPE, LENGTH, b"X : y\r\n"), 400),
    ("a blank before Content-Length's colon", fields(HOST, TYPE, b"Content-Length : %d\r\n" % len(BODY)), 400),
    ("a folded header", fields(HOST, TYPE, b"X: y\r\n z\r\n", LENGTH), 400),
    ("a folded first header", LINE + b" " + HOST + TYPE + LENGTH + b"\r\n" + BODY, 400),
    ("a bare LF behind a header", fields(HOST, TYPE, b"X: y\n", LENGTH), 400),
    ("a bare LF behind the request line", fields(HOST, TYPE, LENGTH).replace(b"1.1\r\n", b"1.1\n", 1), 400),
    ("a bare LF for the blank line", LINE + HOST + TYPE + LENGTH + b"\n" + BODY, 400),
    ("a bare CR in a header", fields(HOST, TYPE, b"X: y\rz\r\n", LENGTH), 400),
    ("a NUL in a header's value", fields(HOST, TYPE, b"X: y\0z\r\n", LENGTH), 400),
    ("a NUL in a header's name", fields(HOST, TYPE, b"X\0y: z\r\n", LENGTH), 400),
    ("a control character in a header", fields(HOST, TYPE, b"X: \x01\r\n", LENGTH), 400),
    ("a header without a colon", fields(HOST, TYPE, b"X\r\n", LENGTH), 400),
    ("a header without a name", fields(HOST, TYPE, b": x\r\n", LENGTH), 400),
    ("no Host", fields(TYPE, LENGTH), 400),
    ("two Hosts", fields(HOST, HOST, TYPE, LENGTH), 400),
    ("no Content-Type", fields(HOST, LENGTH), 415),
    ("two Content-Types", fields(HOST, TYPE, b"Content-Type: text/plain\r\n", LENGTH), 415),
    ("a Content-Type that begins like ours", fields(HOST, b"Content-Type: application/json5\r\n", LENGTH), 415),
    ("a method in lower case", fields(HOST, TYPE, LENGTH).replace(b"POST", b"post", 1), 405),
    ("GET", fields(HOST, TYPE, LENGTH).replace(b"POST", b"GET", 1), 405),
    ("CONNECT", fields(HOST, TYPE, LENGTH).replace(b"POST", b"CONNECT", 1), 405),
    ("an encoded NUL in the path", fields(HOST, TYPE, LENGTH).replace(b"validate", b"validate%00", 1), 404),
    ("an encoded letter in the path", fields(HOST, TYPE, LENGTH).replace(b"validate", b"%76alidate", 1), 404),
    ("an encoded slash in the path", fields(HOST, TYPE, LENGTH).replace(b"v1/", b"v1%2f", 1), 404),
    ("two slashes", fields(HOST, TYPE, LENGTH).replace(b"/v1/", b"//v1/", 1), 404),
    ("a dot segment", fields(HOST, TYPE, LENGTH).replace(b"/v1/", b"/./v1/", 1), 404),
    ("a path in capitals", fields(HOST, TYPE, LENGTH).replace(b"/v1/", b"/V1/", 1), 404),
    ("a path that goes on", fields(HOST, TYPE, LENGTH).replace(b"validate ", b"validate/x ", 1), 404),
    ("a fragment", fields(HOST, TYPE, LENGTH).replace(b"validate ", b"validate#x ", 1), 404),
    ("an encoded NUL in the query", fields(HOST, TYPE, LENGTH).replace(b"validate ", b"validate?a=%00 ", 1), 200),
    ("a raw NUL in the path", fields(HOST, TYPE, LENGTH).replace(b"validate", b"validate\0x", 1), 400),
    ("a byte above ASCII in the path", fields(HOST, TYPE, LENGTH).replace(b"validate", b"validate\xff", 1), 400),
    ("an absolute target", fields(HOST, TYPE, LENGTH).replace(b" /v1", b" https://keepgate/v1", 1), 400),
    ("two blanks before the target", fields(HOST, TYPE, LENGTH).replace(b"POST ", b"POST  ", 1), 400),
    ("HTTP/2.0", fields(HOST, TYPE, LENGTH).replace(b"/1.1", b"/2.0", 1), (400, 505)),
    ("a version in lower case", fields(HOST, TYPE, LENGTH).replace(b"HTTP/", b"http/", 1), (400, "closed")),
    ("an empty line first", b"\r\n" + fields(HOST, TYPE, LENGTH), 400),
    ("an endless header", LINE + HOST + b"X: " + b"y" * 40000 + b"\r\n\r\n", (431, 400, "closed")),
    ("an endless path", b"POST /" + b"v" * 40000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", (414, 431, "closed")),
    ("a body too large", fields(HOST, TYPE, b"Content-Length: 999999999999\r\n"), 413),
]


def strict(address, ca):
    for name, data, want in STRICT:
        connection = connect(address, ca)
        connection.settimeout(10)
        try:
            connection.sendall(data)
        except OSError:
            pass  # closed before all of it was taken
        got, _ = status(connection)
        wanted = want if isinstance(want, tuple) else (want,)
        say(got in wanted, name, "got %s, want %s" % (got, want))
        if got == 400:
            say(is_closed(connection), "... and closes")
    # The bytes behind a refused request are no request of their own.
    connection = connect(address, ca)
    smuggled = fields(HOST, TYPE, LENGTH, b"Transfer-Encoding: chunked\r\n") + head(BODY) + BODY
    connection.sendall(smuggled)
    got, first = status(connection)
    rest = first
    try:
        while True:
            piece = connection.recv(65536)
            if not piece:
                break
            rest += piece
    except OSError:
        pass
    say(got == 400 and rest.count(b"HTTP/1.1 ") == 1, "what follows a refused request is not answered", got)
    # Three in one packet are answered in order.
    connection = connect(address, ca)
    connection.sendall(b"".join(head(review("p%d" % i)) + review("p%d" % i) for i in range(3)))
    data = b""
    while data.count(b'"uid"') < 3:
        piece = connection.recv(65536)
        if not piece:
            break
        data += piece
    at = [data.find(b'"uid":"p%d"' % i) for i in range(3)]
    say(-1 < at[0] < at[1] < at[2], "three in one packet are answered in order", data[:200])


def damage(rng, data):
    data = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        what = rng.randint(0, 3)
        at = rng.randrange(len(data))
        if what == 0:
            data[at] = rng.randrange(256)
        elif what == 1:
            del data[at:at + rng.randint(1, 20)]
        elif what == 2:
            data[at:at] = rng.choice([b"\r\n", b"\n", b"\0", b" ", b":", b"\r\n ", b"Content-Length: 3\r\n"])
        else:
            data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 40)))
        if not data:
            data = bytearray(b"\r\n")
    return bytes(data)


def fuzz(address, ca, seed, count):
    rng = random.Random(seed)
    good = fields(HOST, TYPE, LENGTH)
    seen = {}
    for _ in range(count):
        connection = connect(address, ca)
        connection.settimeout(0.02)
        try:
            connection.sendall(damage(rng, good[:rng.randint(1, len(good))]))
            got, _ = status(connection)
        except OSError:
            got = "closed"
        seen[got] = seen.get(got, 0) + 1
        connection.close()
    known = {200, 400, 403, 404, 405, 411, 413, 414, 415, 431, 505, "closed"}
    say(set(seen) <= known, "damaged requests get a known answer", seen)
    host, port = address.rsplit(":", 1)
    hello = bytes.fromhex("1603010200010001fc0303") + bytes(500)
    for _ in range(count):
        raw = socket.create_connection((host, int(port)), timeout=20)
        try:
            raw.sendall(damage(rng, rng.choice([good, hello])))
            if rng.random() < 0.5:
                raw.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        raw.close()
    connection = connect(address, ca)
    connection.sendall(good)
    got, _ = status(connection)
    say(got == 200, "and a good one is served afterwards", got)


def cut_after(started, connection, pieces, limit):
    """Seconds until the server cuts a client that sends these, slowly."""
    while time.monotonic() - started < limit:
        try:
            connection.send(next(pieces, b"x"))
            if select.select([connection], [], [], 0.15)[0] and not connection.recv(65536):
                break
        except OSError:
            break
    return time.monotonic() - started


def drip(address, ca, seconds):
    host, port = address.rsplit(":", 1)
    line = b"POST /v1/validate"
    begun = {
        "a dripping request line": (b"", b"POST /v1/validate?" + b"x" * 10000),
        "a dripping header": (LINE + HOST, b"X: " + b"y" * 10000),
        "a dripping body": (LINE + HOST + TYPE + b"Content-Length: 5000\r\n\r\n", b" " * 4000),
        "a dripping first line behind a review": (head(BODY) + BODY, line + b"x" * 10000),
    }

    def one(name, first, rest):
        started = time.monotonic()
        connection = connect(address, ca)
        connection.sendall(first)
        if first.startswith(head(BODY)):
            answer(connection)
        took = cut_after(started, connection, (rest[i:i + 1] for i in range(len(rest))), 15)
        say(seconds * 0.5 <= took < 15, "%s is cut at the deadline" % name, "after %.1f s" % took)

    def hello():
        started = time.monotonic()
        raw = socket.create_connection((host, int(port)), timeout=20)
        data = bytes.fromhex("1603010200010001fc0303") + bytes(500)
        took = cut_after(started, raw, (data[i:i + 1] for i in range(len(data))), 15)
        say(seconds * 0.5 <= took < 15, "a dripping handshake is cut at the deadline", "after %.1f s" % took)

    def silent():
        started = time.monotonic()
        raw = socket.create_connection((host, int(port)), timeout=15)
        say(is_closed(raw) and time.monotonic() - started >= seconds * 0.5, "a silent one too")

    threads = [threading.Thread(target=one, args=(n, f, r)) for n, (f, r) in begun.items()]
    threads += [threading.Thread(target=hello), threading.Thread(target=silent)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def ask(connection, uid):
    """True when a review on this connection is answered."""
    try:
        connection.sendall(head(review(uid)) + review(uid))
        return answer(connection) == uid
    except OSError:
        return False


def evict(address, ca, count):
    served = []
    for i in range(count):
        served.append(connect(address, ca))
        say(ask(served[i], "e%d" % i), "connection %d is served" % i)
    say(ask(served[0], "again"), "and the first again, so that the second is the one idle longest")
    late = connect(address, ca)
    say(ask(late, "late"), "one more is served")
    alive = [i for i in range(count) if ask(served[i], "alive")]
    say(alive == [i for i in range(count) if i != 1], "for which the one idle longest went, and no other", alive)
    # Who has never asked for anything goes before who has.
    host, port = address.rsplit(":", 1)
    silent = [socket.create_connection((host, int(port)), timeout=20) for _ in range(3 * count)]
    more = connect(address, ca)
    say(ask(more, "more"), "silent connections do not keep others out")
    alive = [i for i in range(count) if i != 1 and ask(served[i], "alive")]
    say(len(alive) >= count - 3, "nor drive out who was served", alive)
    for raw in silent:
        raw.close()


def median(address, ca, count):
    """Seconds that a review takes on a kept connection (None: not served),
    and how often that was driven out after it had been served."""
    times = []
    kept = None
    tries = driven_out = 0
    while len(times) < count and tries < 40:
        served = kept is not None
        try:
            kept = kept or connect(address, ca)
            started = time.monotonic()
            good = ask(kept, "m%d" % len(times))
        except OSError:
            good = False
        if good:
            times.append(time.monotonic() - started)
        else:
            kept = None
            tries += 1
            driven_out += served
    return sorted(times)[count // 2] if len(times) == count else None, driven_out


def fresh(address, ca, uid, tries):
    """A review on a connection of its own; where descriptors run out, a
    newcomer may be among those who have to go, and comes again."""
    for _ in range(tries):
        try:
            if ask(connect(address, ca), uid):
                return True
        except OSError:
            pass
    return False


def client_hello(ca):
    """How a handshake begins."""
    context = ssl.create_default_context(cafile=ca)
    out = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), out, server_hostname="keepgate").do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


def wait(address, ca, pid):
    host, port = address.rsplit(":", 1)
    hello = client_hello(ca)
    waiting = [socket.create_connection((host, int(port)), timeout=20) for _ in range(100)]
    for raw in waiting:
        raw.sendall(hello)
    for raw in waiting:
        raw.recv(65536)  # the server's flight
    before = cpu_ms(pid)
    time.sleep(1)
    took = cpu_ms(pid) - before
    say(took < 200, "handshakes that wait for their clients take no time", "%d ms a second" % took)
    say(ask(connect(address, ca), "beside"), "and others are served")
    for raw in waiting:
        raw.close()


def flood(address, ca, count):
    stop = threading.Event()
    before, _ = median(address, ca, 100)
    crowd = []
    thread = threading.Thread(target=crowd_in, args=(address, ca, count, crowd, stop), daemon=True)
    thread.start()
    try:
        while len(crowd) < count:
            time.sleep(0.05)
        during, driven_out = median(address, ca, 200)
        served = all(fresh(address, ca, "fresh%d" % i, 20) for i in range(10))
    finally:
        stop.set()
    say(during is not None and driven_out == 0, "a kept connection is served beside %d slow clients" % count,
        "driven out %d times" % driven_out)
    say(served, "and new ones are")
    if during:
        print("# a review took %.2f ms alone, %.2f ms beside them: %.2f times" %
              (before * 1000, during * 1000, during / before), flush=True)


def crowd_in(address, ca, count, crowd, stop):
    """Slow and half-open clients; who is cut comes again."""
    host, port = address.rsplit(":", 1)
    hello = client_hello(ca)

    def gone(i, raw):
        try:
            if i % 2:
                return raw.recv(65536) == b""
            raw.send(b"\x16" if i % 4 else b"P")
        except BlockingIOError:
            pass
        except OSError:
            return True
        return False

    def come(i):
        raw = socket.create_connection((host, int(port)), timeout=5)
        if i % 2:
            raw.sendall(hello)
        raw.settimeout(0)
        return raw

    while not stop.is_set():
        try:
            if len(crowd) < count:
                crowd.append(come(len(crowd)))
                continue
        except OSError:
            stop.wait(0.01)
            continue
        for i, raw in enumerate(crowd):
            if gone(i, raw):
                try:
                    crowd[i] = come(i)
                except OSError:
                    pass
            if stop.wait(0.001):
                break


def memory(pid):
    """The most that the server took since this was last asked."""
    with open("/proc/%s/status" % pid) as file:
        peak = [int(line.split()[1]) for line in file if line.startswith("VmHWM")][0]
    with open("/proc/%s/clear_refs" % pid, "w") as file:
        file.write("5")
    return peak


def cpu_ms(pid):
    """Of the server, user and system, so far."""
    with open("/proc/%s/stat" % pid) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def large(address, ca, pid):
    size = 3000000
    around = review("large")
    front, back = around[:-3], around[-3:]
    bodies = {
        "lists": b"[" + b"[]," * (size // 3) + b"0]",
        "nested lists": b"[" * (size // 2) + b"]" * (size // 2),
        "members": b"{" + b",".join(b'"%d":0' % i for i in range(size // 11)) + b"}",
        "one string": b'"' + b"x" * size + b'"',
        "escapes": b'"' + b"\\u0001" * (size // 6) + b'"',
        "numbers": b"[" + b"1e9," * (size // 4) + b"0]",
        "blanks": b" " * size + b"0",
        "containers": b'{"spec":{"containers":[' + b",".join(b'{"name":"c%d","resources":{"limits":{"sgx.intel.com/epc":"1"}}}' % i for i in range(size // 64)) + b"]}}",
        "volumes": b'{"spec":{"containers":[{"name":"c"}],"volumes":[' + b",".join(b'{"name":"v%d","hostPath":{"path":"/dev/sgx"}}' % i for i in range(size // 46)) + b"]}}",
        # As many values as there may be, in what is recorded.
        "values": b'{"spec":{"containers":[{"name":"c"}],"more":[' + b"[]," * 999900 + b"0]}}",
    }
    for name, hard in bodies.items():
        body = front + b',"more":' + hard + back
        if hard.startswith(b'{"spec"'):
            body = around.replace(b'{"spec": {"containers": [{"name": "a"}]}}', hard)
        connection = connect(address, ca)
        before = cpu_ms(pid)
        connection.sendall(head(body) + body)
        got, _ = status(connection)
        took = cpu_ms(pid) - before
        say(got in (200, 400), "3 MB of %s are judged or refused" % name, got)
        peak = memory(pid)
        print("# %s: %s in %.0f ms of CPU, %d KiB at most" % (name, got, took, peak))
        if os.environ.get("MODE", "release") == "release":
            say(peak < 64 * 1024, "with less than 64 MiB in all", "%d KiB" % peak)


if __name__ == "__main__":
    signal.alarm(300)
    what, where, trust = sys.argv[1:4]
    if what == "strict":
        strict(where, trust)
    elif what == "fuzz":
        fuzz(where, trust, int(sys.argv[4]), int(sys.argv[5]))
    elif what == "drip":
        drip(where, trust, float(sys.argv[4]))
    elif what == "evict":
        evict(where, trust, int(sys.argv[4]))
    elif what == "wait":
        wait(where, trust, sys.argv[4])
    elif what == "flood":
        flood(where, trust, int(sys.argv[4]))
    elif what == "large":
        large(where, trust, sys.argv[4])
