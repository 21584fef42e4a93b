"""What an alarm of CloudWatch is made of, and its text in template.yaml."""

from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = "!Sub CargoTechDriver/${AWS::StackName}"
TOPIC = ["!Ref AlarmTopic"]


class Fault(Exception):
    """What is wrong with the sources of the template."""


@dataclass(frozen=True)
class Metric:
    """A metric of ours, unless it says otherwise. Values with a `!` are CloudFormation's short forms."""

    name: str
    stat: str = "Sum"
    namespace: str = OURS
    dimensions: dict[str, str] = field(default_factory=dict)

    def named(self) -> dict:
        dimensions = [{"Name": name, "Value": value} for name, value in self.dimensions.items()]
        named = {"Namespace": self.namespace, "MetricName": self.name}
        return {**named, "Dimensions": dimensions} if dimensions else named

    def alone(self, period: int) -> dict:
        """As the only thing that an alarm watches."""
        statistic = "ExtendedStatistic" if self.stat.startswith("p") else "Statistic"
        return {**self.named(), statistic: self.stat, "Period": period}

    def within(self, period: int, name: str, shown: bool = False) -> dict:
        """As a part of what an alarm watches."""
        stat = {"Metric": self.named(), "Period": period, "Stat": self.stat}
        return {"Id": name, "ReturnData": shown, "MetricStat": stat}


@dataclass(frozen=True)
class Formula:
    """What is calculated from several metrics of one period."""

    label: str
    expression: str
    of: dict[str, Metric]

    def watched(self, period: int) -> dict:
        result = {"Id": "watched", "Label": self.label, "Expression": self.expression, "ReturnData": True}
        return {"Metrics": [result, *(metric.within(period, name) for name, metric in self.of.items())]}


@dataclass(frozen=True)
class Usual:
    """What a metric usually is at this time of the week, give or take `deviations`."""

    name: str
    metric: Metric
    deviations: int

    def watched(self, period: int) -> dict:
        band = f"ANOMALY_DETECTION_BAND({self.name}, {self.deviations})"
        usual = {"Id": "usual", "Label": "usual", "Expression": band, "ReturnData": True}
        return {"Metrics": [self.metric.within(period, self.name, shown=True), usual], "ThresholdMetricId": "usual"}


@dataclass(frozen=True)
class Both:
    """Two other alarms at the same time."""

    first: str
    second: str


@dataclass(frozen=True)
class Alarm:
    """An alarm; without a runbook there is none.

    It goes off when what it watches is `above` or `below` a threshold for so many `periods` of so many seconds, or in
    `enough` of them.
    """

    name: str
    means: str
    watches: Metric | Formula | Usual | Both
    period: int | None = None
    above: float | None = None
    below: float | None = None
    periods: int = 1
    enough: int | None = None
    # It tells nobody by itself, but belongs to this alarm and its runbook.
    half_of: str | None = None
    # Attributes of the resource, and properties beyond those that follow from the rest.
    condition: str | None = None
    more: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        if not (ROOT / self.runbook).is_file():
            raise Fault(f"{self.name}: there is no runbook {self.runbook}")
        thresholds = [limit for limit in (self.above, self.below) if limit is not None]
        if len(thresholds) != isinstance(self.watches, Metric | Formula):
            raise Fault(f"{self.name}: one of above and below is needed for a metric, and none for anything else")
        if (self.period is None) != isinstance(self.watches, Both):
            raise Fault(f"{self.name}: whatever is measured has a period")

    @property
    def runbook(self) -> str:
        return f"docs/runbooks/{self.half_of or self.name}.md"

    @property
    def is_shown(self) -> bool:
        """Whether the dashboard names it, which can name only what is always there."""
        return not (self.half_of or self.condition)

    def resource(self) -> dict:
        """As CloudFormation takes it."""
        kind = "AWS::CloudWatch::CompositeAlarm" if isinstance(self.watches, Both) else "AWS::CloudWatch::Alarm"
        condition = {"Condition": self.condition} if self.condition else {}
        description = f"{self.means}\nRunbook: {self.runbook}"
        told = {} if self.half_of else {"AlarmActions": TOPIC, "OKActions": TOPIC}
        properties = {"AlarmDescription": description, **self.more, **self._rule(), **told}
        return {"Type": kind, **condition, "Properties": properties}

    def _rule(self) -> dict:
        if isinstance(self.watches, Both):
            both = f'ALARM("${{{self.watches.first}Alarm}}") AND ALARM("${{{self.watches.second}Alarm}}")'
            return {"AlarmRule": f"!Sub {both}"}
        if isinstance(self.watches, Metric):
            watched = self.watches.alone(self.period)
        else:
            watched = self.watches.watched(self.period)
        enough = {} if self.enough is None else {"DatapointsToAlarm": self.enough}
        return {**watched, **enough, "EvaluationPeriods": self.periods, **self._threshold()}

    def _threshold(self) -> dict:
        if self.above is not None:
            return {
                "Threshold": self.above,
                "ComparisonOperator": "GreaterThanThreshold",
                "TreatMissingData": "notBreaching",
            }
        # What is expected and does not come is told.
        if self.below is None:
            return {"ComparisonOperator": "LessThanLowerThreshold", "TreatMissingData": "breaching"}
        return {
            "Threshold": self.below,
            "ComparisonOperator": "LessThanThreshold",
            "TreatMissingData": "breaching",
        }


def text(value: dict, indent: int) -> str:
    """A mapping as YAML. Its texts are written as they are, those of several lines folded."""
    lines = []
    for key, inner in value.items():
        start = f"{' ' * indent}{key}:"
        match inner:
            case dict():
                lines.append(f"{start}\n{text(inner, indent + 2)}")
            case list():
                lines.append(f"{start}\n{''.join(_element(element, indent + 2) for element in inner)}")
            case bool():
                lines.append(f"{start} {str(inner).lower()}\n")
            case str() if "\n" in inner:
                folded = "\n".join(" " * (indent + 2) + line for line in inner.split("\n"))
                lines.append(f"{start} >-\n{folded}\n")
            case _:
                lines.append(f"{start} {inner}\n")
    return "".join(lines)


def _element(element: dict | str, indent: int) -> str:
    if isinstance(element, dict):
        # The dash stands in the indentation of the first key.
        return f"{' ' * indent}- {text(element, indent + 2).lstrip(' ')}"
    return f"{' ' * indent}- {element}\n"
