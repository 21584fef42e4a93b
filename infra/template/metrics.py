"""What alarms watch."""

from cloudwatch import Formula, Metric


def api(name: str, stat: str = "Sum") -> Metric:
    return Metric(name, stat, "AWS/ApiGateway", {"ApiId": "!Ref Api"})


def function(name: str, of: str) -> Metric:
    return Metric(name, namespace="AWS/Lambda", dimensions={"FunctionName": f"!Ref {of}Function"})


def queue(name: str, of: str) -> Metric:
    return Metric(name, "Maximum", "AWS/SQS", {"QueueName": f"!GetAtt {of}.QueueName"})


def put_aside(of: str) -> Metric:
    return queue("ApproximateNumberOfMessagesVisible", of)


OTHERS = Metric("RequestFailedByOthers")
CALLS = Metric("CargoTechLatency", "SampleCount")


def share_of_requests(label: str, many_enough: str, count: str, **of: Metric) -> Formula:
    """So many of a hundred requests, if they are many enough to speak of a share."""
    expression = f"IF({many_enough}, 100 * {count} / requests, 0)"
    return Formula(label, expression, {**of, "requests": api("Count")})


def own_failures(many_enough: str) -> Formula:
    own, label = "(errors - FILL(others, 0))", "share of 5xx of our own, per cent"
    return share_of_requests(label, many_enough, own, errors=api("5xx"), others=OTHERS)


def at_least(failures: int) -> str:
    return f"errors - FILL(others, 0) >= {failures}"


def total(label: str, of: dict[str, Metric]) -> Formula:
    return Formula(label, " + ".join(f"FILL({name}, 0)" for name in of), of)


def crashes(*functions: str) -> Formula:
    """Of the newest versions."""

    def of(name: str) -> Metric:
        dimensions = {
            "FunctionName": f"!Ref {name}Function",
            "Resource": f"!Sub ${{{name}Function}}:live",
            "ExecutedVersion": f"!GetAtt {name}Function.Version.Version",
        }
        return Metric("Errors", namespace="AWS/Lambda", dimensions=dimensions)

    return total("crashes", {name[0].lower() + name[1:]: of(name) for name in functions})


def refused(places: dict[str, dict[str, str]]) -> Formula:
    """Reads and writes that DynamoDB refuses, of tables or indexes."""
    of = {
        f"{place}{kind.lower()}s": Metric(f"{kind}ThrottleEvents", namespace="AWS/DynamoDB", dimensions=dimensions)
        for place, dimensions in places.items()
        for kind in ("Read", "Write")
    }
    return total("refused reads and writes", of)


TABLES = {name.lower(): {"TableName": f"!Ref {name}Table"} for name in ("App", "Cache")}
INDEXES = {name: {**TABLES["app"], "GlobalSecondaryIndexName": name} for name in ("due", "listed", "request")}
