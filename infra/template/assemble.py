#!/usr/bin/env python3
"""Writes template.yaml from the fragments beside this script.

    infra/template/assemble.py           write it
    infra/template/assemble.py --check   fail if it differs from what would be written

A fragment has sections of the template (`Resources:`, `Outputs:`, …); their texts are joined as they stand, comments
included. Alarms come from the table in alarms.py. Nothing but Python's own library is needed.
"""

import difflib
import sys
from collections.abc import Sequence
from pathlib import Path

sys.dont_write_bytecode = True

from alarms import ALARMS  # noqa: E402
from cloudwatch import ROOT, Alarm, Fault, text  # noqa: E402

HERE = Path(__file__).resolve().parent
# The lines of fragments after which the alarms follow, and where the dashboard names them.
ALARMS_FOLLOW = "  # From the table in infra/template/alarms.py, which says why they are as they are:\n"
ALARMS_SHOWN = "            <the alarms>\n"

# Resources stand in this order.
FRAGMENTS = (
    "head",
    "parameters",
    "globals",
    "api",
    "auth",
    "profile",
    "cargos",
    "searches",
    "responses",
    "bot",
    "payments",
    "admin-people",
    "admin-money",
    "admin-settings",
    "health",
    "jobs",
    "market",
    "tables",
    "queues",
    "secrets",
    "site",
    "alarms",
    "dashboard",
    "outputs",
)


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
        for key, part in sections(fragment):
            if part.strip():
                template.setdefault(key, []).append(part.strip("\n"))
    written = ((f"{key}:\n" if key else "") + "\n\n".join(parts) for key, parts in template.items())
    return "\n\n".join(written) + "\n"


def read(folder: Path) -> list[str]:
    """The fragments of a folder in their order."""
    there = {path.stem for path in folder.glob("*.yaml")}
    if there != set(FRAGMENTS):
        raise Fault(f"FRAGMENTS and the files differ: {', '.join(sorted(there ^ set(FRAGMENTS)))}")
    return [(folder / f"{name}.yaml").read_text() for name in FRAGMENTS]


def with_alarms(template: str, alarms: Sequence[Alarm]) -> str:
    """The template with the alarms in their place, and their names on the dashboard."""
    resources = "\n".join(text({f"{alarm.name}Alarm": alarm.resource()}, indent=2) for alarm in alarms)
    shown = ",\n".join(f'            "${{{alarm.name}Alarm.Arn}}"' for alarm in alarms if alarm.is_shown)
    for place, written in {ALARMS_FOLLOW: ALARMS_FOLLOW + resources, ALARMS_SHOWN: f"{shown}\n"}.items():
        if template.count(place) != 1:
            raise Fault(f"the fragments need one line {place.strip()!r}")
        template = template.replace(place, written)
    return template


def assembled() -> str:
    return with_alarms(joined(read(HERE)), ALARMS)


def difference(template: Path) -> str | None:
    """How a template differs from what the fragments make, if it does."""
    there, wanted = template.read_text().splitlines(), assembled().splitlines()
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
        template.write_text(assembled())
    except Fault as fault:
        return str(fault)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
