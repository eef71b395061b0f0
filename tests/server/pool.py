#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A client as the API server is one: Go's pool of connections.

pool.py CA STOP THREADS ADDRESS...

Idle connections are kept and the one used last is taken first; one that the
server has closed is noticed before it is used; an answer with Connection:
close is the last on its connection; a POST that was lost on the way is never
repeated. It calls until the file STOP is there. New connections go to the addresses in turn, the next one when one
refuses. Prints the number of calls and of those that were lost, and why.
"""
import os
import select
import sys
import threading
import time

from client import connect, head, reply, review


class Pool:
    def __init__(self, ca, addresses):
        self.ca, self.addresses = ca, addresses
        self.idle, self.lock, self.turn = [], threading.Lock(), 0
        self.calls, self.lost, self.dials = 0, [], 0

    def take(self):
        while True:
            with self.lock:
                if not self.idle:
                    return None
                connection = self.idle.pop()
            # Go reads all the time; TLS 1.3 tickets are no end.
            if not select.select([connection], [], [], 0)[0]:
                return connection
            connection.settimeout(0)
            try:
                if connection.recv(1):
                    continue
            except OSError as error:
                if "read" in str(error).lower() and "want" in type(error).__name__.lower():
                    connection.settimeout(20)
                    return connection
            connection.close()

    def dial(self):
        for _ in range(len(self.addresses) * 3):
            with self.lock:
                self.turn += 1
                self.dials += 1
                address = self.addresses[self.turn % len(self.addresses)]
            try:
                return connect(address, self.ca)
            except ConnectionRefusedError:
                continue
        raise OSError("nobody listens")

    def call(self, uid):
        body = review(uid)
        try:
            connection = self.take() or self.dial()
            connection.sendall(head(body) + body)
            got = reply(connection)
        except OSError as error:
            return repr(error)
        if got is None:
            return "closed before the answer"
        top, text = got
        if not top.startswith(b"HTTP/1.1 200") or uid.encode() not in text:
            return top.split(b"\r\n")[0].decode()
        if b"connection: close" in top.lower():
            connection.close()
        else:
            with self.lock:
                self.idle.append(connection)
        return None

    def run(self, thread, stop):
        i = 0
        until = time.monotonic() + 200
        while not os.path.exists(stop) and time.monotonic() < until:
            why = self.call("pool-%d-%d" % (thread, i))
            i += 1
            with self.lock:
                self.calls += 1
                if why:
                    self.lost.append(why)
            time.sleep(0.005)


def main():
    ca, stop, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    pool = Pool(ca, sys.argv[4:])
    threads = [threading.Thread(target=pool.run, args=(n, stop)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("calls=%d lost=%d dials=%d %s" % (pool.calls, len(pool.lost), pool.dials, sorted(set(pool.lost))))
    return 1 if pool.lost or pool.calls < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
