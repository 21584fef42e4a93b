"""Every alarm: its name, which is also its runbook's (docs/runbooks/<name>.md), what it means, and when it goes off."""

from cloudwatch import Alarm, Both, Formula, Metric, Usual
from market_alarms import MARKET
from metrics import (
    CALLS,
    INDEXES,
    OTHERS,
    TABLES,
    api,
    at_least,
    crashes,
    function,
    own_failures,
    put_aside,
    queue,
    refused,
    share_of_requests,
)


def ours(name: str, means: str, **when) -> Alarm:
    """An alarm on our metric of the same name, counted each minute unless it says otherwise."""
    return Alarm(name, means, Metric(name), **{"period": 60, **when})


# Whether drivers are served. The objective is 99.9 % of the requests of 30 days, so a thousandth of them may fail. An
# alarm looks at how fast that is used up: 14.4 times as fast as planned ends it within two days, 6 times within five.
# The long window says that it is worth a call, the short one that it still goes on. What fails because CargoTech or
# YooKassa does has an alarm of its own, DependenciesFailed, and is no part of the objective.
SERVICE = (
    Alarm(
        "ApiErrors",
        "CRITICAL. More than one request in twenty fails through us, for ten minutes.",
        own_failures("requests >= 20"),
        period=300,
        periods=2,
        above=5,
    ),
    Alarm(
        "ApiSlow",
        "One request in a hundred takes longer than four seconds, for fifteen minutes.",
        api("Latency", "p99"),
        period=300,
        periods=3,
        above=4000,
    ),
    Alarm(
        "BurnLastHour",
        "Tells nobody by itself: one half of AvailabilityFastBurn, the share of 5xx in the last hour.",
        own_failures(at_least(5)),
        period=3600,
        above=1.44,
        half_of="AvailabilityFastBurn",
    ),
    Alarm(
        "BurnLastFiveMinutes",
        "Tells nobody by itself: one half of AvailabilityFastBurn, the share of 5xx in the last five minutes.",
        own_failures(at_least(1)),
        period=300,
        above=1.44,
        half_of="AvailabilityFastBurn",
    ),
    Alarm(
        "BurnLastSixHours",
        "Tells nobody by itself: one half of AvailabilitySlowBurn, the share of 5xx in the last six hours.",
        own_failures(at_least(5)),
        period=21600,
        above=0.6,
        half_of="AvailabilitySlowBurn",
    ),
    Alarm(
        "BurnLastHalfHour",
        "Tells nobody by itself: one half of AvailabilitySlowBurn, the share of 5xx in the last half hour.",
        own_failures(at_least(1)),
        period=1800,
        above=0.6,
        half_of="AvailabilitySlowBurn",
    ),
    Alarm(
        "AvailabilityFastBurn",
        "CRITICAL. So many requests fail that the whole month's allowance (0.1 %) would be gone within two days.",
        Both("BurnLastHour", "BurnLastFiveMinutes"),
    ),
    Alarm(
        "AvailabilitySlowBurn",
        "Requests fail six times as often as the objective of 99.9 % allows, since hours.",
        Both("BurnLastSixHours", "BurnLastHalfHour"),
    ),
    # By these three an update is undone, and it knows them by their names. They count the new version's own failures
    # and no share: a tenth of the calls for ten minutes is few, and one failure of few calls is a large share.
    Alarm(
        "NewVersionFails",
        "The live release answered five requests with 5xx of its own within five minutes. An update is undone by this.",
        Metric("RequestFailed", dimensions={"Release": "!Ref Release"}),
        period=300,
        above=4,
        more={"AlarmName": "!Sub ${AWS::StackName}-new-version-fails"},
    ),
    Alarm(
        "NewVersionCrashes",
        "The live release did not start or did not end three times within five minutes. An update is undone by this.",
        crashes(
            "Auth",
            "Me",
            "CargoList",
            "Searches",
            "CargoDetail",
            "Dictionaries",
            "Responses",
            "Shipper",
            "Payments",
            "Health",
        ),
        period=300,
        above=2,
        more={"AlarmName": "!Sub ${AWS::StackName}-new-version-crashes"},
    ),
    # Apart, because CloudWatch adds up ten metrics at most.
    Alarm(
        "NewAdminVersionCrashes",
        "The live release of the admin page did not start or did not end three times within five minutes. An update is "
        "undone by this.",
        crashes("AdminPeople", "AdminMoney", "AdminSettings"),
        period=300,
        above=2,
        more={"AlarmName": "!Sub ${AWS::StackName}-new-admin-version-crashes"},
    ),
    Alarm(
        "DependenciesFailed",
        "More than one request in twenty fails because CargoTech or YooKassa does, or CargoTech's budget is used up, "
        "for ten minutes.",
        share_of_requests("share of requests, per cent", "requests >= 20", "FILL(others, 0)", others=OTHERS),
        period=300,
        periods=2,
        above=5,
    ),
    Alarm(
        "RequestsForbidden",
        "One request in five is answered 403, for ten minutes: CloudFront's proof and ours differ, or somebody is "
        "trying.",
        share_of_requests(
            "share of 403, per cent", "requests >= 20", "FILL(forbidden, 0)", forbidden=Metric("RequestForbidden")
        ),
        period=300,
        periods=2,
        above=20,
    ),
    # What stands in front of us fails without an error of ours: names, CloudFront, Telegram. What is usual at this hour
    # of the week is CloudWatch's to learn.
    Alarm(
        "TrafficDropped",
        "For three quarters of an hour far fewer requests have come than is usual at this time of the week.",
        Usual("requests", api("Count"), deviations=3),
        period=900,
        periods=3,
        more={"ActionsEnabled": "!Ref ExpectTraffic"},
    ),
    # The site's own certificate lives in us-east-1, where infra/edge.yaml watches it. An ended one is not measured.
    Alarm(
        "ApiCertificateOld",
        "The certificate of the API's own name ends in less than three weeks and was not renewed.",
        Metric("DaysToExpiry", "Minimum", "AWS/CertificateManager", {"CertificateArn": "!Ref ApiCertificateArn"}),
        period=86400,
        below=21,
        condition="HasApiDomain",
    ),
    ours(
        "BotWebhookFailed",
        "Telegram does not reach the bot's webhook, or could not be asked, for a quarter of an hour.",
        period=900,
        above=2,
    ),
    Alarm(
        "BotUpdatesPending",
        "Telegram has kept more than fifty updates for the bot for a quarter of an hour: presses and messages have no "
        "effect.",
        Metric("BotPendingUpdates", "Minimum"),
        period=900,
        above=50,
    ),
    Alarm(
        "FunctionsThrottled",
        "The account has no Lambda concurrency left: requests are refused, queues and jobs wait.",
        Metric("Throttles", namespace="AWS/Lambda"),
        period=300,
        above=5,
    ),
    Alarm(
        "StoreThrottled",
        "DynamoDB refuses reads or writes because of a table's or a partition's limit.",
        refused(TABLES),
        period=300,
        above=50,
    ),
    Alarm(
        "IndexThrottled",
        "DynamoDB refuses reads or writes of an index; refused writes hold up those of the table.",
        refused(INDEXES),
        period=300,
        above=50,
    ),
    Alarm(
        "JobsSilent",
        "The jobs of every minute have not been started for ten minutes: nothing looks after payments and messages.",
        function("Invocations", "Jobs"),
        period=300,
        periods=2,
        below=3,
    ),
    Alarm(
        "ScheduleDeadLetters",
        "Calls by the clock could not be made and were put aside: jobs did not run.",
        put_aside("ScheduleDeadLetters"),
        period=300,
        above=0,
    ),
)

# What the job watch measures every five minutes: a quarter of an hour always has a measurement, and without one
# WatchSilent goes off.
WATCH = (
    Alarm(
        "WatchSilent",
        "The job that measures for other alarms has not come to a good end for a quarter of an hour: those alarms are "
        "blind.",
        Metric("JobRan", dimensions={"Reason": "watch"}),
        period=300,
        periods=3,
        below=1,
    ),
    Alarm(
        "SecretOld",
        "A secret has not been changed for more than a year.",
        Metric("SecretAge", "Maximum"),
        period=900,
        above=365,
    ),
    Alarm(
        "DeliveryOverdue",
        "A message has been due for more than ten minutes and was not sent, though the job comes by every minute.",
        Metric("OldestDueDelivery", "Maximum"),
        period=900,
        above=600,
    ),
    Alarm(
        "PaymentUnsettled",
        "A payment has been open for more than an hour and a half, and it is not known what became of it.",
        Metric("OldestUnsettledPayment", "Maximum"),
        period=900,
        above=5400,
    ),
    Alarm(
        "NotifyErrors",
        "The function that sends messages fails as a whole. The job sends what is due every minute, if it can.",
        function("Errors", "Notify"),
        period=300,
        above=3,
    ),
    Alarm(
        "NotifyQueueOld",
        "Hints of messages have been waiting for more than five minutes.",
        queue("ApproximateAgeOfOldestMessage", "NotifyQueue"),
        period=300,
        above=300,
    ),
    Alarm(
        "NotifyDeadLetters",
        "Hints of messages failed five times and were put aside. The job sends what is due all the same.",
        put_aside("NotifyDeadLetters"),
        period=300,
        above=0,
    ),
)

# Whether CargoTech is up.
CARGOTECH = (
    Alarm(
        "CargoTechFailed",
        "More than half of the calls to CargoTech fail, for ten minutes. Drivers see cached cargos with their age.",
        Formula(
            "failed calls, per cent",
            "IF(failures >= 5, 100 * failures / calls, 0)",
            {"failures": Metric("CargoTechFailed"), "calls": CALLS},
        ),
        period=300,
        periods=2,
        above=50,
    ),
    ours(
        "CargoTechUnreadable",
        "CargoTech answers what cannot be read: its format has changed, or something stands in between.",
        period=300,
        above=5,
    ),
    ours(
        "CargoTechRateLimited",
        "CargoTech answers 429 although we stay within our budget: somebody else uses our login.",
        period=300,
        above=0,
    ),
    Alarm(
        "CargoTechBudgetHigh",
        "More than 80 % of the requests a minute that CargoTech allows are used, for three minutes.",
        Formula("of the budget, per cent", "!Sub 100 * calls / ${CargotechBudgetPerMinute}", {"calls": CALLS}),
        period=60,
        periods=3,
        above=80,
    ),
    ours(
        "CargoTechBudgetExhausted",
        "Our own budget has refused calls to CargoTech: drivers with rare searches read that CargoTech does not "
        "answer.",
        period=300,
        above=10,
    ),
    ours(
        "CargoTechCheckFailed",
        "The daily question whether CargoTech knows us was not answered with yes.",
        period=300,
        above=0,
    ),
)

# Whether it is us who are tried, and the rest of what CargoTech, Telegram and YooKassa refuse.
REFUSED = (
    ours(
        "SignInRefused",
        "More than ten sign-ins a minute were refused. Somebody is trying, or the bot's token is wrong.",
        above=10,
    ),
    ours(
        "CargoTechLoginFailed",
        "CargoTech refuses our login. Lists live on their cache until it is put right.",
        above=0,
    ),
    ours(
        "CargoTechForbidden",
        "CRITICAL. CargoTech answers 403, so our account is blocked and drivers read that access is closed.",
        above=0,
    ),
    ours(
        "DeliveryFailed",
        "More than five messages in five minutes could not be delivered. Drivers who blocked the bot are counted too.",
        period=300,
        above=5,
    ),
    # It rings at once, and on between two tries, which may be some seven minutes apart.
    ours(
        "DispatchChatRefused",
        "CRITICAL. The dispatchers' chat takes no messages, so nobody decides on responses. They wait until it does.",
        periods=10,
        enough=1,
        above=0,
    ),
    ours(
        "SettingsUnreadable",
        "CRITICAL. What admins set cannot be read, so whatever depends on it is refused.",
        above=0,
    ),
    ours(
        "UpdatePoisoned",
        "An update of Telegram's could not be dealt with and was put aside. The audit log has its number.",
        above=0,
    ),
    ours(
        "WebhookRefused",
        "More than twenty calls a minute of a webhook did not prove where they came from.",
        above=20,
    ),
    ours(
        "YookassaShopRefused",
        "CRITICAL. YooKassa refuses our shop or its key, so nobody can pay.",
        above=0,
    ),
    ours(
        "YookassaRefused",
        "YooKassa refuses a request of ours as wrong. The log says which parameter.",
        above=0,
    ),
    ours(
        "PaymentMismatch",
        "YooKassa shows a payment or refund that does not fit what was ordered. The audit log has its number.",
        above=0,
    ),
    ours(
        "PaymentUnknown",
        "YooKassa tells of a payment or an event that we do not know. The audit log has it.",
        above=0,
    ),
    ours(
        "PaymentsDiffer",
        "The nightly comparison with YooKassa found what no rule repairs.",
        above=0,
    ),
    ours(
        "PaymentLost",
        "A payment or refund was given up, because nobody at YooKassa knows it. The audit log has its number.",
        above=0,
    ),
    ours(
        "PaymentUnreadable",
        "A row or message about money cannot be read. The log says which.",
        above=0,
    ),
    ours(
        "ReceiptFailed",
        "A receipt was not registered, or has not come for three days. The log has the payment.",
        above=0,
    ),
    ours(
        "YookassaShopChanged",
        "Payments wait that were ordered in another shop at YooKassa than the one of the secret.",
        above=0,
    ),
    ours(
        "ComparisonIncomplete",
        "The nightly comparison with YooKassa did not come to its end.",
        above=0,
    ),
    ours(
        "WebhookForeignNetwork",
        "Who knows the token of YooKassa's webhook calls from an unknown network. Either YooKassa has a new one, or "
        "somebody has the token.",
        above=0,
    ),
    ours(
        "YookassaFailed",
        "YooKassa has not answered for a quarter of an hour. Orders wait; what was paid is found out later.",
        period=300,
        periods=3,
        above=5,
    ),
    Alarm(
        "SettleDeadLetters",
        "Notifications of YooKassa's could not be settled for a day and lie among the dead letters.",
        put_aside("SettleDeadLetters"),
        period=300,
        above=0,
    ),
    Alarm(
        "SettleErrors", "The function that settles payments fails.", function("Errors", "Settle"), period=300, above=0
    ),
    Alarm(
        "JobsErrors",
        "A job fails. Open payments, due messages and the nightly comparison depend on them.",
        function("Errors", "Jobs"),
        period=300,
        above=0,
    ),
    Alarm(
        "YookassaWebhookErrors",
        "The webhook of YooKassa's notifications fails.",
        function("Errors", "YookassaWebhook"),
        period=300,
        above=0,
    ),
)

ALARMS = (*SERVICE, *WATCH, *CARGOTECH, *MARKET, *REFUSED)
