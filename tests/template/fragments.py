#!/usr/bin/env python3
"""How infra/template/assemble.py puts template.yaml together."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "infra/template"))
import assemble  # noqa: E402


class Sections(unittest.TestCase):
    def test_sections_are_joined_and_keep_every_byte(self):
        head = "Transform: AWS\n\n# Why.\n\nMetadata:\n  a: 1\n"
        api = 'Resources:\n  # ---- the API\n  Api:\n    Format: >-\n      {"a":  1}\n\n  Logs: 1\nOutputs:\n  Url: 2\n'
        site = "Resources:\n  Site: 2\nOutputs:\n  Site: 3\n"
        self.assertEqual(
            assemble.joined([head, api, site]),
            "Transform: AWS\n\n# Why.\n\nMetadata:\n  a: 1\n\n"
            'Resources:\n  # ---- the API\n  Api:\n    Format: >-\n      {"a":  1}\n\n  Logs: 1\n\n  Site: 2\n\n'
            "Outputs:\n  Url: 2\n\n  Site: 3\n",
        )


class Files(unittest.TestCase):
    def test_a_fragment_that_nobody_joins_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in assemble.FRAGMENTS:
                Path(folder, f"{name}.yaml").write_text(f"{name.title()}:\n  a: 1\n")
            self.assertEqual(len(assemble.read(Path(folder))), len(assemble.FRAGMENTS))
            forgotten = Path(folder, "forgotten.yaml")
            forgotten.write_text("Resources:\n  A: 1\n")
            with self.assertRaisesRegex(assemble.Fault, "forgotten"):
                assemble.read(Path(folder))
            forgotten.unlink()
            Path(folder, "site.yaml").unlink()
            with self.assertRaisesRegex(assemble.Fault, "site"):
                assemble.read(Path(folder))


class Check(unittest.TestCase):
    def test_a_template_that_was_changed_by_hand_is_shown(self):
        with tempfile.TemporaryDirectory() as folder:
            changed = Path(folder, "template.yaml")
            changed.write_text((assemble.ROOT / "template.yaml").read_text().replace("Timeout: 10", "Timeout: 11", 1))
            shown = assemble.difference(changed)
            self.assertIn("-      Timeout: 11\n+      Timeout: 10", shown)


if __name__ == "__main__":
    unittest.main()
