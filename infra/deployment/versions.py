"""Versions of the functions that nothing calls any more."""

from .stack import Stack
from .stage import Stage


def remove_old(stage: Stage, stack: Stack) -> int:
    """Deletes the versions that no alias names, and returns how many.

    An update that was undone may leave one behind. Lambda makes no version that is like the last one, so the next try
    would fail with "A version for this Lambda function exists".
    """
    functions = stage.client("lambda")
    removed = 0
    for name in stack.functions():
        pages = functions.get_paginator("list_versions_by_function").paginate(FunctionName=name)
        versions = {each["Version"] for page in pages for each in page["Versions"]} - {"$LATEST"}
        live = set()
        for page in functions.get_paginator("list_aliases").paginate(FunctionName=name):
            for alias in page["Aliases"]:
                # While a canary runs an alias has two.
                weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
                live |= {alias["FunctionVersion"], *weights}
        for version in sorted(versions - live) if live else []:
            functions.delete_function(FunctionName=name, Qualifier=version)
            removed += 1
    return removed
