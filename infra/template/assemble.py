#!/usr/bin/env python3
"""Writes template.yaml from the fragments beside this script.

    infra/template/assemble.py           write it
    infra/template/assemble.py --check   fail if it differs from what would be written

A fragment has sections of the template (`Resources:`, `Outputs:`, …); their texts are joined as they stand, comments
included. Nothing but Python's own library is needed.
"""

import difflib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# Resources stand in this order.
FRAGMENTS = (
    "head",
    "parameters",
    "globals",
    "api",
    "auth",
    "profile",
    "cargos",
    "responses",
    "bot",
    "payments",
    "admin",
    "health",
    "jobs",
    "tables",
    "queues",
    "secrets",
    "site",
    "alarms",
    "dashboard",
    "outputs",
)


class Fault(Exception):
    """What is wrong with the fragments."""


def sections(text: str) -> list[tuple[str, str]]:
    """The keys of a fragment that open a section, each with its text. What stands before the first has no key."""
    found = [("", "")]
    for line in text.splitlines(keepends=True):
        key = line.split(":")[0] if line[:1].isalpha() else ""
        if key and line.rstrip() == f"{key}:":
            found.append((key, ""))
        else:
            found[-1] = (found[-1][0], found[-1][1] + line)
    return found


def joined(fragments: list[str]) -> str:
    """The template of these fragments: sections in the order in which they first appear."""
    template: dict[str, list[str]] = {}
    for fragment in fragments:
        for key, text in sections(fragment):
            if text.strip():
                template.setdefault(key, []).append(text.strip("\n"))
    written = ((f"{key}:\n" if key else "") + "\n\n".join(texts) for key, texts in template.items())
    return "\n\n".join(written) + "\n"


def read(folder: Path) -> list[str]:
    """The fragments of a folder in their order."""
    there = {path.stem for path in folder.glob("*.yaml")}
    if there != set(FRAGMENTS):
        raise Fault(f"FRAGMENTS and the files differ: {', '.join(sorted(there ^ set(FRAGMENTS)))}")
    return [(folder / f"{name}.yaml").read_text() for name in FRAGMENTS]


def difference(template: Path) -> str | None:
    """How a template differs from what the fragments make, if it does."""
    there, wanted = template.read_text().splitlines(), joined(read(HERE)).splitlines()
    lines = list(difflib.unified_diff(there, wanted, str(template), "infra/template", lineterm=""))
    return "\n".join(lines) if lines else None


def main(arguments: list[str]) -> str | None:
    """What is wrong, if anything."""
    template = ROOT / "template.yaml"
    try:
        if arguments == ["--check"]:
            return difference(template)
        if arguments:
            return __doc__
        template.write_text(joined(read(HERE)))
    except Fault as fault:
        return str(fault)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
