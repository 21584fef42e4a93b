"""A Lambda Runtime API for one function: a program is started, handed events and ended as Lambda does it."""

import json
import os
import queue
import subprocess
import threading
import time
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

# Lambda takes no longer answer (6 MB and a little for the envelope).
LARGEST = 6_291_556
VERSION = "/2018-06-01/runtime"
ARN = "arn:aws"


@dataclass
class Posted:
    """What a function made of an event: `response`, `error`, `too large`, `killed` (its time was over), `ended` (by
    itself) or `init error`."""

    kind: str
    body: bytes
    seconds: float

    def json(self):
        return json.loads(self.body)


class Lambda:
    """A function as Lambda runs it. It is started with the first event, and anew after it ended."""

    def __init__(self, program: Path, environment: dict[str, str], log: Path, timeout_s: float):
        self.program, self.timeout_s, self.log = program, timeout_s, log
        self.starts = 0
        self.process: subprocess.Popen | None = None
        self.events: queue.Queue = queue.Queue()
        self.posted: queue.Queue = queue.Queue()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # One write for each answer; its body would wait for the acknowledgement of its headers.
            wbufsize = -1
            disable_nagle_algorithm = True

            def do_GET(self):
                assert self.path == f"{VERSION}/invocation/next", self.path
                event = owner.events.get()
                self.send_response(200)
                for name, value in event["headers"].items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(event["body"])))
                self.end_headers()
                self.wfile.write(event["body"])

            def do_POST(self):
                body = (
                    self.rfile.read(int(self.headers["content-length"]))
                    if "content-length" in self.headers
                    else self.chunks()
                )
                kind = "init error" if self.path.endswith("/init/error") else self.path.rsplit("/", 1)[1]
                accepted = len(body) <= LARGEST
                self.send_response(202 if accepted else 413)
                self.send_header("content-length", "0")
                self.end_headers()
                owner.posted.put((kind if accepted else "too large", body))

            def chunks(self) -> bytes:
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.environment = environment | {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": program.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{program.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "emulated",
            "_HANDLER": "bootstrap",
        }

    def invoke(self, event: dict | bytes) -> Posted:
        """Hands out an event; after the function's time the process is killed, as its sandbox would be."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        deadline = int((time.time() + self.timeout_s) * 1000)
        headers = {
            "content-type": "application/json",
            "lambda-runtime-aws-request-id": str(uuid.uuid4()),
            "lambda-runtime-deadline-ms": str(deadline),
            "lambda-runtime-invoked-function-arn": f"{ARN}:lambda:eu-central-1:123456789012:function:emulated:live",
            "lambda-runtime-trace-id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
        }
        begun = time.monotonic()
        if self.process is None or self.process.poll() is not None:
            self.start()
        self.events.put({"headers": headers, "body": body})
        kind, answer = self.answer(begun + self.timeout_s)
        return Posted(kind, answer, time.monotonic() - begun)

    def answer(self, deadline: float) -> tuple[str, bytes]:
        while True:
            try:
                return self.posted.get(timeout=0.1)
            except queue.Empty:
                if self.process.poll() is not None and self.posted.empty():
                    return "ended", b""
                if time.monotonic() > deadline:
                    self.stop()
                    return "killed", b""

    def start(self) -> None:
        self.starts += 1
        # Whoever waits for an event belongs to a process that is gone.
        self.events, self.posted = queue.Queue(), queue.Queue()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.program], env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def close(self) -> None:
        self.stop()
        self.server.shutdown()
        self.server.server_close()


def programs() -> Path:
    """Where the functions' programs are: those of a debug build, or in the folder PROGRAMS."""
    root = Path(__file__).resolve().parents[2]
    return root / os.environ.get("PROGRAMS", "target/debug")


def program(name: str) -> Path:
    found = programs() / name
    return found / "bootstrap" if found.is_dir() else found


def http_event(
    method: str, path: str, route: str, *, headers=None, body=None, query="", source_ip="203.0.113.1", parameters=None
):
    """A request as API Gateway's HTTP API hands it to a function, payload format 2.0, by AWS's documentation."""
    event = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": query,
        "headers": {
            "accept": "application/json",
            "content-length": str(len(body or "")),
            "host": "abc123.execute-api.eu-central-1.amazonaws.com",
            "user-agent": "Amazon CloudFront",
            "x-amzn-trace-id": "Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e",
            "x-forwarded-for": source_ip,
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        }
        | (headers or {}),
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc123",
            "domainName": "abc123.execute-api.eu-central-1.amazonaws.com",
            "domainPrefix": "abc123",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": source_ip,
                "userAgent": "Amazon CloudFront",
            },
            "requestId": uuid.uuid4().hex[:15] + "=",
            "routeKey": route,
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime()),
            "timeEpoch": int(time.time() * 1000),
        },
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = dict(part.split("=", 1) for part in query.split("&"))
    if parameters:
        event["pathParameters"] = parameters
    if body is not None:
        event["body"] = body
    return event


def queue_event(messages: list[dict], arn: str) -> dict:
    """Messages of SQS as Lambda hands them to a function."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message.get("ReceiptHandle", "handle"),
                "body": message["Body"],
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": str(int(time.time() * 1000)),
                    "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                    "ApproximateFirstReceiveTimestamp": str(int(time.time() * 1000)),
                },
                "messageAttributes": {},
                "md5OfBody": message.get("MD5OfBody", ""),
                "eventSource": "aws:sqs",
                "eventSourceARN": arn,
                "awsRegion": "eu-central-1",
            }
            for message in messages
        ]
    }


def topic_event(message: str) -> dict:
    """A message of SNS as Lambda hands it to a function."""
    return {
        "Records": [
            {
                "EventVersion": "1.0",
                "EventSource": "aws:sns",
                "EventSubscriptionArn": f"{ARN}:sns:eu-central-1:123456789012:topic:2bcfbf39-05c3-41de",
                "Sns": {"Type": "Notification", "MessageId": str(uuid.uuid4()), "Subject": "ALARM", "Message": message},
            }
        ]
    }
