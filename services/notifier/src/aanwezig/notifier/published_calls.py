"""Every call of the subscriptions door, declared: what it takes, what it answers, and which problems it may have.

A contract test compares this table with the routes that are served and with the problems that the code raises.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from aanwezig.chassis.asking import JSON
from aanwezig.chassis.describing import Parameter
from aanwezig.chassis.problems import Words
from aanwezig.contracts.messages import Message
from aanwezig.notifier import answers
from aanwezig.notifier.handshake import ALLOWED_ORIGIN, ALLOWED_RATE
from aanwezig.notifier.recalling import LIMIT, MOST_AT_ONCE
from aanwezig.notifier.subscribing import MERGE

HASH: Final = "^[0-9a-f]{32}$"


@dataclass(frozen=True, slots=True)
class Call:
    """One method of one path. `answer` is what it says when all is well; None: nothing, or no JSON of ours."""

    method: str
    path: str
    name: str
    about: Words
    answer: type[Message] | None
    parameters: tuple[Parameter, ...] = ()
    body: type[Message] | None = None
    media_types: tuple[str, ...] = (JSON,)
    problems: frozenset[str] = frozenset()
    status: HTTPStatus = HTTPStatus.OK
    needs_key: bool = True


_OPEN: Final = frozenset({"unknown-parameter", "not-now", "our-fault"})
_ALWAYS: Final = _OPEN | {"no-key", "unknown-key", "another-domain"}
_WITH_BODY: Final = _ALWAYS | {
    "unknown-format",
    "not-readable",
    "not-the-contract",
    "too-many-bytes",
    "too-slow",
}
_FILTER: Final = frozenset({
    "filter-too-broad", "unknown-type", "type-never-heard", "type-of-another-domain", "unknown-track", "no-municipality",
    "another-municipality",
})  # fmt: skip
_ADDRESS: Final = frozenset({
    "address-no-url", "address-not-https", "address-with-password", "address-with-fragment", "address-wrong-port",
    "address-not-public", "address-unknown-host", "too-many-tries",
})  # fmt: skip
_ONE: Final = frozenset({"unknown-subscription"})
_PERIOD: Final = frozenset({"wrong-parameter", "wrong-period"})
_SUBSCRIPTION: Final = Parameter(
    "subscription", {"type": "string", "pattern": HASH},
    ("Het nummer van het abonnement.", "The subscription's id."), "path", is_required=True,
)  # fmt: skip
_TOKEN: Final = Parameter(
    "token", {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,100}$"},
    ("Wat bij het verzoek om toestemming hoort.", "What belongs to the request for permission."), "path", is_required=True,
)  # fmt: skip
_NOTICE: Final = Parameter(
    "notice", {"type": "string", "pattern": HASH}, ("Het nummer van het bericht.", "The notice's id."), "path",
    is_required=True,
)  # fmt: skip
_SINCE: Final = Parameter(
    "since", {"type": "string", "format": "date-time"},
    ("Vanaf dit tijdstip; anders 31 dagen terug.", "From this moment on; otherwise 31 days back."),
)  # fmt: skip
_UNTIL: Final = Parameter(
    "until", {"type": "string", "format": "date-time"}, ("Tot en met dit tijdstip; anders nu.", "Until this moment; otherwise now.")
)  # fmt: skip
_LIMIT: Final = Parameter(
    "limit", {"type": "integer", "minimum": 1, "maximum": MOST_AT_ONCE, "default": LIMIT},
    ("Hoeveel berichten hoogstens.", "How many notices at most."),
)  # fmt: skip
_GRANTED: Final = (
    Parameter(
        ALLOWED_ORIGIN, {"type": "string"},
        ("Wie berichten mag sturen: onze naam of '*'.", "Who may send messages: our name or '*'."), "header",
    ),
    Parameter(
        ALLOWED_RATE, {"type": "string", "pattern": r"^([1-9][0-9]{0,6}|\*)$"},
        ("Hoeveel berichten per minuut, of '*'.", "How many messages a minute, or '*'."), "header",
    ),
)  # fmt: skip
_AT: Final = "/v1/subscriptions"
_THIS: Final = f"{_AT}/{{subscription}}"

CALLS: Final[tuple[Call, ...]] = (
    Call(
        "POST", _AT, "subscribe",
        (
            "Maak een abonnement. Het geheim staat alleen in dit antwoord.",
            "Make a subscription. The secret stands in this answer alone.",
        ),
        answers.SubscriptionMade, body=answers.SubscriptionWanted, status=HTTPStatus.CREATED,
        problems=_WITH_BODY | _FILTER | _ADDRESS | {"same-subscription", "too-many-subscriptions"},
    ),
    Call(
        "GET", _AT, "subscriptions",
        ("Uw abonnementen, en welke typen uw rol kan horen.", "Your subscriptions, and which types your role can hear."),
        answers.SubscriptionsShown, problems=_ALWAYS,
    ),
    Call(
        "POST", f"{_AT}/preview", "preview",
        (
            "Wat zou dit filter de afgelopen maand gestuurd hebben?",
            "What would this filter have sent last month?",
        ),
        answers.PreviewShown, body=answers.PreviewWanted, problems=_WITH_BODY | _FILTER | {"wrong-period"},
    ),
    Call(
        "GET", _THIS, "subscription", ("Een abonnement.", "A subscription."), answers.SubscriptionShown,
        (_SUBSCRIPTION,), problems=_ALWAYS | _ONE,
    ),
    Call(
        "PATCH", _THIS, "changeSubscription",
        (
            "Verander een abonnement. Een ander adres telt pas als de ontvanger daar toestemming geeft.",
            "Change a subscription. Another address counts when the receiver there has agreed.",
        ),
        answers.SubscriptionShown, (_SUBSCRIPTION,), body=answers.SubscriptionChange, media_types=(JSON, MERGE),
        problems=_WITH_BODY | _FILTER | _ADDRESS | _ONE | {"same-subscription"},
    ),
    Call(
        "DELETE", _THIS, "unsubscribe",
        (
            "Beeindig een abonnement. Wat nog onderweg was, hoort u langs uw andere weg.",
            "End a subscription. What was still under way you hear by your other way.",
        ),
        None, (_SUBSCRIPTION,), problems=_ALWAYS | _ONE, status=HTTPStatus.NO_CONTENT,
    ),
    Call(
        "POST", f"{_THIS}/rotate", "rotateSecret",
        (
            "Vraag een nieuw geheim. Het oude ondertekent nog 24 uur mee.",
            "Ask for a new secret. The old one signs along for 24 hours.",
        ),
        answers.SecretShown, (_SUBSCRIPTION,), problems=_ALWAYS | _ONE | {"too-many-secrets"},
    ),
    Call(
        "POST", f"{_THIS}/validate", "validate",
        ("Vraag de ontvanger opnieuw om toestemming.", "Ask the receiver for permission once more."),
        answers.SubscriptionShown, (_SUBSCRIPTION,), problems=_ALWAYS | _ONE | {"too-many-tries"},
    ),
    Call(
        "POST", f"{_THIS}/test", "test",
        ("Stuur een proefbericht, nu, een keer.", "Send a test message, now, once."),
        answers.Tried, (_SUBSCRIPTION,), problems=_ALWAYS | _ONE | {"too-many-tries", "not-validated"},
    ),
    Call(
        "POST", f"{_THIS}/pause", "pause",
        ("Pauzeer: berichten wachten, er gaat niets verloren.", "Pause: notices wait, none is lost."),
        answers.SubscriptionShown, (_SUBSCRIPTION,), problems=_ALWAYS | _ONE,
    ),
    Call(
        "POST", f"{_THIS}/resume", "resume",
        (
            "Ga verder, ook als het abonnement stilgezet was omdat bezorgen mislukte.",
            "Go on, also where the subscription was parked because deliveries failed.",
        ),
        answers.SubscriptionShown, (_SUBSCRIPTION,), problems=_ALWAYS | _ONE,
    ),
    Call(
        "GET", f"{_THIS}/deliveries", "deliveries",
        ("Wat er van elk bericht van dit abonnement werd.", "What became of each notice of this subscription."),
        answers.DeliveriesShown, (_SUBSCRIPTION, _SINCE, _UNTIL, _LIMIT), problems=_ALWAYS | _ONE | _PERIOD,
    ),
    Call(
        "POST", f"{_THIS}/redeliver", "redeliver",
        (
            "Stuur opnieuw, onder dezelfde nummers: een bericht, of alles sinds een tijdstip.",
            "Send again, under the same ids: one notice, or all since a moment.",
        ),
        answers.AgainShown, (_SUBSCRIPTION,), body=answers.AgainWanted, status=HTTPStatus.ACCEPTED,
        problems=_WITH_BODY | _ONE | {"one-of-both", "wrong-period", "not-validated", "unknown-notice"},
    ),
    Call(
        "GET", f"{_THIS}/validation/{{token}}", "confirm",
        (
            "Hier zegt een ontvanger dat hij berichten wil; zonder sleutel, het adres is genoeg.",
            "Here a receiver says that it wants messages; without a key, the address is enough.",
        ),
        None, (_SUBSCRIPTION, _TOKEN, *_GRANTED), problems=_OPEN | {"unknown-validation"}, status=HTTPStatus.NO_CONTENT,
        needs_key=False,
    ),
    Call(
        "POST", f"{_THIS}/validation/{{token}}", "confirmByPost",
        ("Hetzelfde met POST.", "The same by POST."),
        None, (_SUBSCRIPTION, _TOKEN, *_GRANTED), problems=_OPEN | {"unknown-validation"}, status=HTTPStatus.NO_CONTENT,
        needs_key=False,
    ),
    Call(
        "GET", "/v1/notices", "notices",
        ("Wat u verteld is, langs welke weg ook.", "What you were told, by whatever way."),
        answers.DeliveriesShown, (_SINCE, _UNTIL, _LIMIT), problems=_ALWAYS | _PERIOD,
    ),
    Call(
        "GET", "/v1/notices/{notice}", "notice",
        (
            "Een bericht in zijn geheel, alleen voor wie het bestemd was.",
            "A notice as a whole, only for whom it was meant.",
        ),
        None, (_NOTICE,), problems=_ALWAYS | {"unknown-notice"},
    ),
    Call(
        "GET", "/v1/openapi.json", "description",
        ("Deze beschrijving; zonder sleutel.", "This description; without a key."),
        None, needs_key=False,
    ),
)  # fmt: skip
