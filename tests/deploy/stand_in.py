"""A stand-in for `cargo`, `npm`, `rustc` and `python3`: writes down its call and what it would build."""

import json
import os
import re
import sys
from pathlib import Path

name, arguments = Path(sys.argv[0]).name, sys.argv[1:]
telegram = {key: value for key, value in os.environ.items() if key.startswith("TELEGRAM_")}
with open(os.environ["CALLS"], "a", encoding="utf-8") as calls:
    calls.write(json.dumps({"name": name, "arguments": arguments, "telegram": telegram}) + "\n")
version = os.environ["VERSION"]

if arguments == ["lambda", "--version"]:
    print(os.environ.get("LAMBDA_VERSION", "cargo-lambda 1.9.2 (67129fc 2026-08-21Z)"))
elif arguments == ["-m", "ziglang", "version"]:
    print(os.environ.get("ZIG_VERSION", "0.15.2"))
elif name == "rustc":
    print("/no/such/folder" if os.environ.get("NO_TARGET") else os.getcwd())
elif "--version" in arguments:
    print(os.environ.get(f"{name.upper()}_VERSION", {"cargo": "cargo 1.95.0", "npm": "10.9.0"}[name]))
elif arguments[:2] == ["lambda", "build"]:
    if os.environ.get("BUILD_FAILS"):
        sys.exit(101)
    machine = 0xB7 if "--arm64" in arguments else 0x3E
    header = b"\x7fELF" + bytes(14) + machine.to_bytes(2, "little")
    for function in re.findall(r"CodeUri: target/lambda/([a-z-]+)/", Path("template.yaml").read_text(encoding="utf-8")):
        program = Path("target/lambda", function, "bootstrap")
        program.parent.mkdir(parents=True, exist_ok=True)
        # Of two versions only one function differs.
        program.write_bytes(header + f"{function} {version if function == 'me' else 1}".encode())
elif arguments[:2] == ["bot", "set"]:
    sys.exit(1 if os.environ.get("BOT_FAILS") else 0)
elif arguments[:2] == ["run", "build"]:
    dist = Path("dist")
    (dist / "assets").mkdir(parents=True, exist_ok=True)
    (dist / "r").mkdir(exist_ok=True)
    for old in (dist / "assets").iterdir():
        old.unlink()
    (dist / f"assets/index-{version:0>8}.js").write_text(f"console.log({version})")
    (dist / "assets/index-styles01.css").write_text("a{}")
    (dist / "index.html").write_text(f'<script src="/app/assets/index-{version:0>8}.js"></script>')
    (dist / "r/index.html").write_text("<p>the shipper's page</p>")
