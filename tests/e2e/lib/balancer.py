# SPDX-License-Identifier: Apache-2.0
"""A TCP balancer: what a Service does for replicas that get ready and unready.

A new connection goes to the next replica whose /readyz says 200 (asked ten
times a second); what is open stays where it is.
"""
import asyncio
import threading


class Balancer:
    """Listens on ADDRESS:PORT; `replicas` are (target, admin) addresses."""

    def __init__(self, address, port):
        self.where = address, port
        self.replicas = {}
        self.ready = []
        self.turn = 0
        self.loop = asyncio.new_event_loop()
        self.started = threading.Event()
        self.failure = None
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()
        self.started.wait()
        if self.failure:
            raise self.failure

    def work(self):
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_until_complete(
                asyncio.start_server(self.serve, *self.where))
        except OSError as error:
            self.failure = error
            self.started.set()
            return
        self.started.set()
        self.loop.create_task(self.probe())
        self.loop.run_forever()

    async def probe(self):
        while True:
            self.ready = [target for target, admin in
                          list(self.replicas.values()) if await is_ready(admin)]
            await asyncio.sleep(0.1)

    async def serve(self, reader, writer):
        for _ in range(2):
            ready = self.ready
            if not ready:
                break
            self.turn += 1
            host, port = ready[self.turn % len(ready)].rsplit(":", 1)
            try:
                back = await asyncio.open_connection(host, int(port))
            except OSError:
                continue
            await asyncio.gather(pump(reader, back[1]), pump(back[0], writer))
            return
        writer.close()

    def stop(self):
        if not self.failure:
            self.loop.call_soon_threadsafe(self.end)
            self.thread.join()

    def end(self):
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.call_soon(self.loop.stop)


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    writer.close()


async def is_ready(admin):
    host, port = admin.rsplit(":", 1)
    try:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /readyz HTTP/1.1\r\nHost: probe\r\n"
                     b"Connection: close\r\n\r\n")
        line = await asyncio.wait_for(reader.readline(), 2)
        writer.close()
    except (OSError, asyncio.TimeoutError):
        return False
    return line.split(b" ")[1:2] == [b"200"]
