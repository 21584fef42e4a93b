"""What is deployed, built once: the functions' programs and the web app's files."""

import hashlib
import io
import json
import re
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

from .stage import ROOT, Stop

CODE = re.compile(r"^(\s+CodeUri: )target/lambda/([a-z-]+)/$", re.MULTILINE)
ENVIRONMENT = re.compile(r"^(        [A-Z_]+: )!Ref (\w+)$", re.MULTILINE)
# The processor in a program's header (ELF, e_machine).
MACHINES = {"x86_64": 0x3E, "arm64": 0xB7}
ARCHITECTURE_OPTIONS = {"x86_64": "--x86-64", "arm64": "--arm64"}
RUST_TARGETS = {"x86_64": "x86_64-unknown-linux-gnu", "arm64": "aarch64-unknown-linux-gnu"}
TOOLS = [
    (["cargo", "--version"], (1, 95), "Rust, by rustup.rs"),
    (["node", "--version"], (20, 19), "Node.js, by nodejs.org"),
    (["npm", "--version"], (9, 0), "npm, which comes with Node.js"),
]
# Exactly these: the linker and what calls it have to fit each other.
PINNED_TOOLS = {"cargo-lambda": ["cargo", "lambda", "--version"], "ziglang": ["python3", "-m", "ziglang", "version"]}
# With `nosniff` a browser takes a file for nothing but what it is said to be.
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
HASHED = re.compile(r"assets/.+-[A-Za-z0-9_-]{8}\.[a-z0-9]+")


@dataclass(frozen=True)
class SiteFile:
    """A file of the web app; `path` is the one under `/app/`."""

    path: str
    content: bytes

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[Path(self.path).suffix]

    @property
    def cache_control(self) -> str:
        """Names in `assets/` change with their content; every other file is asked for again each time."""
        return "public, max-age=31536000, immutable" if self.path.startswith("assets/") else "no-cache"


def pinned_versions() -> dict[str, str]:
    """What infra/deployment/tools.txt says."""
    lines = (Path(__file__).parent / "tools.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if "==" in line)


def check_tools(architecture: str) -> None:
    """Stops unless every tool is there and fits, naming all that do not."""
    problems = []
    for command, wanted, source in TOOLS:
        name = " ".join(command[:-1])
        if shutil.which(command[0]) is None:
            problems.append(f"{name} is not installed ({source})")
            continue
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        found = re.search(r"(\d+)\.(\d+)", answer.stdout)
        if answer.returncode != 0 or found is None:
            problems.append(f"{name} does not run ({source})")
        elif (int(found[1]), int(found[2])) < wanted:
            problems.append(f"{name} is {found[0]}, needed is {wanted[0]}.{wanted[1]} or newer ({source})")
    for name, wanted in pinned_versions().items():
        found = said(PINNED_TOOLS[name])
        if not re.search(rf"(^|\s){re.escape(wanted)}(\s|$)", found):
            problems.append(
                f"{name} is {found.strip() or 'not installed'}, needed is {wanted} (infra/deploy installs it)"
            )
    target = RUST_TARGETS[architecture]
    libraries = said(["rustc", "--print", "target-libdir", "--target", target]).strip()
    if not libraries or not Path(libraries).is_dir():
        problems.append(f"Rust has no {target} (rustup target add {target})")
    if problems:
        raise Stop("\n  ".join(["these tools are missing:", *problems]))


def said(command: list[str]) -> str:
    """What a program answers; nothing when there is none, or it fails."""
    if shutil.which(command[0]) is None:
        return ""
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return answer.stdout if answer.returncode == 0 else ""


def build(architecture: str) -> None:
    """Builds all functions for the processor, and the web app."""
    option = ARCHITECTURE_OPTIONS[architecture]
    run(["cargo", "lambda", "build", "--release", "--locked", "--package", "functions", option], ROOT)
    run(["npm", "ci", "--no-fund", "--no-audit"], ROOT / "static-site")
    run(["npm", "run", "build"], ROOT / "static-site")


def run(command: list[str], folder: Path) -> None:
    print(f"$ {' '.join(command)}", flush=True)
    if subprocess.run(command, cwd=folder, check=False).returncode != 0:
        raise Stop(f"{' '.join(command)} failed; nothing was deployed")


def commit() -> str:
    """The commit that is built, with a mark when the files are not exactly its own."""
    git = ["git", "-C", str(ROOT)]
    head = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False)
    changes = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=False)
    return (head.stdout.strip() or "unknown") + (" with local changes" if changes.stdout.strip() else "")


def packaged(template: str, architecture: str, bucket: str) -> tuple[str, dict[str, bytes]]:
    """The template with the code at its place in the bucket, and that code by its keys.

    A key is the code's digest, so that a function which did not change is not deployed again.
    """
    code: dict[str, bytes] = {}

    def placed(match: re.Match) -> str:
        program = ROOT / "target/lambda" / match[2] / "bootstrap"
        if not program.exists():
            raise Stop(f"{program.relative_to(ROOT)} was not built")
        content = program.read_bytes()
        if content[:4] != b"\x7fELF" or int.from_bytes(content[18:20], "little") != MACHINES[architecture]:
            raise Stop(f"{program.relative_to(ROOT)} was not built for {architecture}")
        key = f"code/{match[2]}-{hashlib.sha256(content).hexdigest()[:32]}.zip"
        code[key] = zipped(content)
        return f"{match[1]}s3://{bucket}/{key}"

    text = CODE.sub(placed, template)
    if not code or "CodeUri: target/" in text:
        raise Stop("template.yaml has code in a place that is not known here")
    return text, code


def declared_parameters(template: str) -> dict[str, str | None]:
    """The template's parameters and their defaults, as text; None where there is no default."""
    section = re.split(r"^\w", template.split("\nParameters:\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    blocks = re.split(r"^  (\w+):\n", section, flags=re.MULTILINE)
    defaults = {name: re.search(r"^    Default: (.*)$", text, re.MULTILINE) for name, text in pairs(blocks[1:])}
    return {name: default and default[1].strip("\"'") for name, default in defaults.items()}


def pairs(texts: list[str]) -> list[tuple[str, str]]:
    return list(zip(texts[::2], texts[1::2], strict=True))


def pinned(template: str, parameters: dict[str, str], edge_version: str | None = None) -> str:
    """The template with what it refers to and AWS would not see the change of.

    SAM makes a new version of a function when the text of its properties changes. Behind a reference a new value of a
    parameter would not be one, and the alias would stay with the version before; so the values, or the defaults, are
    put into the functions' environment. CloudFormation looks at a secret only when the text that names it changes; so
    it names the version of the one that CloudFront has.
    """
    values = declared_parameters(template) | parameters

    def value(match: re.Match) -> str:
        return match[0] if values.get(match[2]) is None else match[1] + json.dumps(values[match[2]])

    if edge_version:
        template = template.replace(":SecretString:origin_token}}", f":SecretString:origin_token::{edge_version}}}}}")
    before, found, after = template.partition("\nGlobals:\n")
    environment, resources, rest = after.partition("\nResources:\n")
    return before + found + ENVIRONMENT.sub(value, environment) + resources + rest


def zipped(program: bytes) -> bytes:
    """A deployment package. The same program always makes the same bytes."""
    entry = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr(entry, program, compresslevel=9)
    return memory.getvalue()


def site_files() -> list[SiteFile]:
    """The web app's files in the order of their upload: a page never names what is not there yet."""
    folder = ROOT / "static-site/dist"
    files = [
        SiteFile(path.relative_to(folder).as_posix(), path.read_bytes()) for path in folder.rglob("*") if path.is_file()
    ]
    if "index.html" not in {file.path for file in files}:
        raise Stop("static-site/dist has no index.html")
    for file in files:
        if Path(file.path).suffix not in CONTENT_TYPES:
            raise Stop(f"static-site/dist/{file.path}: no content type is known for it")
        if file.path.startswith("assets/") and not HASHED.fullmatch(file.path):
            raise Stop(f"static-site/dist/{file.path}: is cached for ever and has no digest in its name")
    return sorted(files, key=upload_order)


def upload_order(file: SiteFile) -> tuple[int, str]:
    return (0 if file.path.startswith("assets/") else 2 if file.path.endswith(".html") else 1), file.path
