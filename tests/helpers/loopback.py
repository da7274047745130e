"""A server on loopback, in a thread of its own, for as long as a `with` block lasts."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


class Loopback:
    """`handler` answers, and knows the server that was started as `owner`; `url` ends in `path`."""

    def __init__(self, handler: type[BaseHTTPRequestHandler], path: str = "") -> None:
        self._bound, self._path = type("Bound", (handler,), {"owner": self}), path

    def __enter__(self) -> Self:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._bound)
        self.url = f"http://127.0.0.1:{self.server.server_port}{self._path}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.server.shutdown()
        self.server.server_close()
