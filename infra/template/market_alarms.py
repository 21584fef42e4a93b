"""The alarms of the market: whether the copy of the open cargos is true."""

from cloudwatch import Alarm, Formula, Metric
from metrics import function

MARKET = (
    # The margin, not the age: without a measurement, which comes each minute and is 0 while the market is off, there is
    # no margin either, and that is told too.
    Alarm(
        "MarketStale",
        "The market was not renewed for so long that searches are asked of CargoTech, or its age is not measured.",
        Formula(
            "seconds until it is too old",
            "!Sub ${MarketMaxAgeSeconds} - age",
            {"age": Metric("MarketAge", "Maximum")},
        ),
        period=60,
        periods=5,
        enough=3,
        below=0,
    ),
    Alarm(
        "SweepShort",
        "A sweep found less than 70 % of the cargos of the one before and was refused: CargoTech's list is cut short, "
        "or the market has shrunk.",
        Metric("SweepRefused"),
        period=600,
        above=0,
    ),
    # The quickest of a quarter of an hour: one slow sweep is no trouble.
    Alarm(
        "SweepSlow",
        "Each sweep of the last quarter of an hour took more than three minutes: drivers see new cargos late.",
        Metric("SweepTook", "Minimum"),
        period=900,
        above=180,
    ),
    Alarm(
        "MarketUnreadable",
        "A stored snapshot of the market cannot be read. The one before is used, else CargoTech is asked.",
        Metric("SnapshotUnreadable"),
        period=300,
        above=0,
    ),
    # A run that fails is repeated by the next: three of five are more than that.
    Alarm(
        "MarketErrors",
        "The function that keeps the market crashes, times out or cannot start.",
        function("Errors", "Market"),
        period=300,
        above=2,
    ),
)
