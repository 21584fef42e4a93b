#!/usr/bin/env python3
"""How infra/template/assemble.py puts template.yaml together."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "infra/template"))
import assemble  # noqa: E402
from cloudwatch import Alarm, Both, Fault, Formula, Metric, Usual, text  # noqa: E402


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
            with self.assertRaisesRegex(Fault, "forgotten"):
                assemble.read(Path(folder))
            forgotten.unlink()
            Path(folder, "site.yaml").unlink()
            with self.assertRaisesRegex(Fault, "site"):
                assemble.read(Path(folder))


class Alarms(unittest.TestCase):
    def test_an_alarm_without_a_runbook_cannot_be_made(self):
        with self.assertRaisesRegex(Fault, "docs/runbooks/NobodyKnows.md"):
            Alarm("NobodyKnows", "Something.", Metric("SignInRefused"), period=60, above=0)
        with self.assertRaisesRegex(Fault, "docs/runbooks/NobodyKnows.md"):
            Alarm("SignInRefused", "Half.", Metric("SignInRefused"), period=60, above=0, half_of="NobodyKnows")

    def test_an_alarm_that_could_not_go_off_cannot_be_made(self):
        metric = Metric("SignInRefused")
        for when in ({"period": 60}, {"above": 1}, {"period": 60, "above": 1, "below": 0}):
            with self.subTest(when), self.assertRaises(Fault):
                Alarm("SignInRefused", "Something.", metric, **when)
        with self.assertRaises(Fault):
            Alarm("SignInRefused", "Something.", Both("ApiErrors", "ApiSlow"), period=60)
        with self.assertRaises(Fault):
            Alarm("SignInRefused", "Something.", Usual("usual", metric, 3), period=60, above=1)

    def test_silence_is_told_where_something_is_expected(self):
        metric = Metric("JobRan", dimensions={"Reason": "watch"})
        properties = Alarm("WatchSilent", "Blind.", metric, period=300, below=1).resource()["Properties"]
        self.assertEqual((properties["ComparisonOperator"], properties["Threshold"]), ("LessThanThreshold", 1))
        self.assertEqual(properties["TreatMissingData"], "breaching")

    def test_an_alarm_is_written_as_a_resource(self):
        of = {"errors": Metric("5xx", namespace="AWS/ApiGateway", dimensions={"ApiId": "!Ref Api"})}
        alarm = Alarm("ApiErrors", "CRITICAL. It fails.", Formula("failures", "2 * errors", of), period=300, above=0.5)
        self.assertEqual(text({"ApiErrorsAlarm": alarm.resource()}, indent=2), WRITTEN)

    def test_the_dashboard_names_alarms_that_tell_somebody_and_are_always_there(self):
        metric = Metric("SignInRefused")
        when = {"period": 60, "above": 0}
        alarms = [
            Alarm("SignInRefused", "Told.", metric, **when),
            Alarm("ApiErrors", "Told too.", metric, **when),
            Alarm("BurnLastHour", "Half.", metric, half_of="AvailabilityFastBurn", **when),
            Alarm("ApiCertificateOld", "Perhaps.", metric, condition="HasApiDomain", **when),
        ]
        template = f"Resources:\n{assemble.ALARMS_FOLLOW}\n  Dashboard: [\n{assemble.ALARMS_SHOWN}  ]\n"
        written = assemble.with_alarms(template, alarms)
        shown = written.split("Dashboard: [\n")[1].split("\n  ]")[0]
        self.assertEqual(shown, '            "${SignInRefusedAlarm.Arn}",\n            "${ApiErrorsAlarm.Arn}"')
        for alarm in alarms:
            self.assertIn(f"\n  {alarm.name}Alarm:\n", written)
        with self.assertRaises(Fault):
            assemble.with_alarms("Resources:\n", alarms)


WRITTEN = """\
  ApiErrorsAlarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: >-
        CRITICAL. It fails.
        Runbook: docs/runbooks/ApiErrors.md
      Metrics:
        - Id: watched
          Label: failures
          Expression: 2 * errors
          ReturnData: true
        - Id: errors
          ReturnData: false
          MetricStat:
            Metric:
              Namespace: AWS/ApiGateway
              MetricName: 5xx
              Dimensions:
                - Name: ApiId
                  Value: !Ref Api
            Period: 300
            Stat: Sum
      EvaluationPeriods: 1
      Threshold: 0.5
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: notBreaching
      AlarmActions:
        - !Ref AlarmTopic
      OKActions:
        - !Ref AlarmTopic
"""


class Check(unittest.TestCase):
    def test_a_template_that_was_changed_by_hand_is_shown(self):
        with tempfile.TemporaryDirectory() as folder:
            changed = Path(folder, "template.yaml")
            changed.write_text((assemble.ROOT / "template.yaml").read_text().replace("Timeout: 10", "Timeout: 11", 1))
            shown = assemble.difference(changed)
            self.assertIn("-      Timeout: 11\n+      Timeout: 10", shown)


if __name__ == "__main__":
    unittest.main()
