"""An OpenAI-compatible server on loopback: chat completions by a function of the conversation.

Start it in a `with` block. `answer` takes the request's JSON and returns a text and a finish
reason, or the status of a failure in place of that; `failures` are those of the next answers.
"""

import json
import os
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from loopback import Loopback

from arte.models.endpoint import ADDRESSES, write_identity

Answer = Callable[[dict], tuple[str | None, str | int]]
MODEL = "big"


class ChatServer(Loopback):
    """`requests` are (key, JSON) of all that was asked; `reported` is the model it names."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(Handler, "/v1")
        self.answer, self.reported = answer, f"{MODEL}-2026"
        self.requests: list[tuple[str, dict]] = []
        self.failures: list[int] = []

    def tell(self, path: Path, **changes: object) -> None:
        """Say in the environment, as a run does, where the model of a folder is."""
        limits = {"concurrency": 4, "timeout_s": 20, "retries": 2}
        known = json.loads(os.environ.get(ADDRESSES, "{}"))
        known[path.name] = {"url": self.url, "model": MODEL, **limits, **changes}
        os.environ[ADDRESSES] = json.dumps(known)

    def folder(self, path: Path, **changes: object) -> Path:
        """The folder that stands for the model, as the rule name_endpoint makes it."""
        self.tell(path, **changes)
        write_identity(path, MODEL, self.reported)
        return path


class Handler(BaseHTTPRequestHandler):
    owner: ChatServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Tests read requests from the server."""

    def do_GET(self) -> None:
        self.reply(200, {"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = self.headers.get("Authorization", "").removeprefix("Bearer ")
        self.owner.requests.append((key, asked))
        if self.path != "/v1/chat/completions":
            self.reply(404, {"error": {"message": f"no {self.path}"}})
        elif self.owner.failures:
            self.reply(self.owner.failures.pop(0), {"error": {"message": "not now"}})
        else:
            text, reason = self.owner.answer(asked)
            if isinstance(reason, int):
                self.reply(reason, {"error": {"message": text}})
                return
            words = sum(len(turn["content"].split()) for turn in asked["messages"])
            message = {"role": "assistant", "content": text}
            usage = {"prompt_tokens": words, "completion_tokens": len((text or "").split())}
            choice = {"index": 0, "message": message, "finish_reason": reason}
            self.reply(
                200,
                {
                    "id": f"chat-{len(self.owner.requests)}",
                    "object": "chat.completion",
                    "created": 0,
                    "model": self.owner.reported,
                    "choices": [choice],
                    "usage": usage | {"total_tokens": sum(usage.values())},
                },
            )

    def reply(self, status: int, content: dict) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("retry-after-ms", "1")
        self.end_headers()
        self.wfile.write(data)
