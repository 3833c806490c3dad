"""The problems of the subscriptions door: those of every door with keys, and its own, each with a hint of what to do."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from aanwezig.chassis import problems
from aanwezig.chassis.languages import Language
from aanwezig.chassis.problems import Words, in_language

MOST: Final = 20
"""Most subscriptions of one recipient."""
MOST_DAYS: Final = 31
"""Most days one question may look back over."""


class Problem(problems.Problem):
    """A request that is answered with a problem of this door; its status stands beside its words.

    `detail` fills the sentence and the hint from our own words. `field` is the one at fault, `known` what may stand there,
    `nearest` what was probably meant, `subscription` the one it is about.
    """

    def __init__(
        self, code: str, detail: str = "", *, field: str | None = None, known: Sequence[str] = (),
        nearest: str | None = None, subscription: str | None = None, retry: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(PROBLEMS[code][0], code, detail, retry=retry)
        self.known = tuple(known)
        self.nearest = nearest
        self._field = field
        self._subscription = subscription

    def sentence(self, language: Language) -> str:
        """What is wrong."""
        return in_language(PROBLEMS[self.code][1], language).format(detail=self.detail)

    def hint(self, language: Language) -> str:
        """What to do."""
        meant = "" if self.nearest is None else in_language(_MEANT, language).format(nearest=self.nearest)
        said = in_language(PROBLEMS[self.code][2], language)
        return meant + said.format(detail=self.detail, known=", ".join(self.known) or "-")

    def members(self, language: Language) -> Mapping[str, Any]:
        """The hint, the field at fault, and what may stand there."""
        said = {
            "hint": self.hint(language), "field": self._field, "known": list(self.known) or None,
            "nearest": self.nearest, "subscription": self._subscription,
        }  # fmt: skip
        return {name: value for name, value in said.items() if value is not None}


_MEANT: Final[Words] = ("Bedoelt u '{nearest}'? ", "Did you mean '{nearest}'? ")
_UNPROCESSABLE: Final = HTTPStatus.UNPROCESSABLE_ENTITY
_YOU_HEAR: Final[Words] = (
    "Uw rol kan deze typen horen: {known}.",
    "Your role can hear these types: {known}.",
)
_GIVE_ANOTHER: Final[Words] = (
    "Geef het https-adres van een server die op het open internet te bereiken is.",
    "Give the https address of a server that can be reached on the public internet.",
)
PROBLEMS: Final[Mapping[str, tuple[HTTPStatus, Words, Words]]] = {
    "another-domain": (
        HTTPStatus.FORBIDDEN,
        ("Uw rol hoort hier niets.", "Your role hears nothing here."),
        (
            "Vraag het de notifier van een ander domein: {detail}. De beheerder weet het adres.",
            "Ask the notifier of another domain: {detail}. The operator knows its address.",
        ),
    ),
    "filter-too-broad": (
        _UNPROCESSABLE,
        (
            "Het filter vraagt om alles. Noem de typen die u wilt horen, elk voluit.",
            "The filter asks for everything. Name the types you want to hear, each in full.",
        ),
        _YOU_HEAR,
    ),
    "unknown-type": (
        _UNPROCESSABLE,
        ("Het filter noemt een type dat niet bestaat.", "The filter names a type that does not exist."),
        _YOU_HEAR,
    ),
    "type-never-heard": (
        _UNPROCESSABLE,
        (
            "Het filter noemt een type dat uw rol nooit hoort: het is voor anderen bestemd.",
            "The filter names a type that your role never hears: it is meant for others.",
        ),
        _YOU_HEAR,
    ),
    "type-of-another-domain": (
        _UNPROCESSABLE,
        (
            "Het filter noemt een type dat hier niet verteld wordt, maar in een ander domein: {detail}.",
            "The filter names a type that is not told here, but in another domain: {detail}.",
        ),
        _YOU_HEAR,
    ),
    "unknown-track": (
        _UNPROCESSABLE,
        ("Het filter noemt een spoor dat niet bestaat.", "The filter names a track that does not exist."),
        ("De sporen zijn: {known}.", "The tracks are: {known}."),
    ),
    "no-municipality": (
        _UNPROCESSABLE,
        (
            "Het filter noemt een gemeente die geen CBS-code is.",
            "The filter names a municipality that is no CBS code.",
        ),
        (
            "Een gemeente is een code van vier cijfers, zoals 0637 voor Zoetermeer.",
            "A municipality is a code of four digits, such as 0637 for Zoetermeer.",
        ),
    ),
    "another-municipality": (
        _UNPROCESSABLE,
        (
            "U bent ingeschreven voor gemeente {detail}; het filter noemt een andere.",
            "You are registered for municipality {detail}; the filter names another.",
        ),
        (
            "Noem alleen {detail}, of laat de gemeenten weg.",
            "Name {detail} alone, or leave the municipalities out.",
        ),
    ),
    "address-no-url": (
        _UNPROCESSABLE,
        ("Het adres is geen geldige URL.", "The address is no valid URL."),
        _GIVE_ANOTHER,
    ),
    "address-not-https": (
        _UNPROCESSABLE,
        ("Het adres begint niet met https://.", "The address does not begin with https://."),
        _GIVE_ANOTHER,
    ),
    "address-with-password": (
        _UNPROCESSABLE,
        ("In het adres staat een gebruiker of wachtwoord.", "The address has a user or a password in it."),
        (
            "Laat die weg: elk bericht is ondertekend met het geheim van dit abonnement.",
            "Leave it out: every message is signed with the secret of this subscription.",
        ),
    ),
    "address-with-fragment": (
        _UNPROCESSABLE,
        (
            "In het adres staat een deel achter '#'; dat komt nooit aan.",
            "The address has a part behind '#', which never arrives.",
        ),
        ("Laat dat deel weg.", "Leave that part out."),
    ),
    "address-wrong-port": (
        _UNPROCESSABLE,
        ("De poort in het adres bestaat niet.", "The port in the address does not exist."),
        ("Gebruik een poort van 1 tot en met 65535.", "Use a port from 1 to 65535."),
    ),
    "address-not-public": (
        _UNPROCESSABLE,
        (
            "Achter het adres ligt een computer in een besloten netwerk.",
            "Behind the address is a computer on a private network.",
        ),
        _GIVE_ANOTHER,
    ),
    "address-unknown-host": (
        _UNPROCESSABLE,
        ("De naam in het adres is niet te vinden.", "The name in the address cannot be found."),
        ("Kijk of de naam klopt en in DNS staat.", "See whether the name is right and stands in DNS."),
    ),
    "same-subscription": (
        HTTPStatus.CONFLICT,
        (
            "U hebt al een abonnement met dit adres en dit filter.",
            "You have a subscription with this address and this filter already.",
        ),
        (
            "Gebruik dat abonnement; het nummer staat bij 'subscription'. Is het geheim kwijt, vraag dan een nieuw met 'rotate'.",
            "Use that one; 'subscription' has its id. Where the secret was lost, ask for a new one with 'rotate'.",
        ),
    ),
    "too-many-subscriptions": (
        HTTPStatus.CONFLICT,
        (
            f"U hebt al {MOST} abonnementen; meer kan niet.",
            f"You have {MOST} subscriptions already; there can be no more.",
        ),
        (
            "Verwijder er een, of voeg filters samen.",
            "Delete one, or take filters together.",
        ),
    ),
    "too-many-secrets": (
        HTTPStatus.CONFLICT,
        (
            "Er zijn al te veel geheimen tegelijk geldig.",
            "Too many secrets are valid at once already.",
        ),
        (
            "Een vervangen geheim geldt nog 24 uur. Probeer het daarna opnieuw.",
            "A secret that was replaced is valid for 24 more hours. Try again after that.",
        ),
    ),
    "not-validated": (
        HTTPStatus.CONFLICT,
        (
            "De ontvanger op dit adres heeft nog niet gezegd dat hij berichten van ons wil.",
            "The receiver at this address has not said yet that it wants messages of ours.",
        ),
        (
            "Laat de ontvanger OPTIONS beantwoorden met 'WebHook-Allowed-Origin' en vraag 'validate', of open het adres uit 'WebHook-Request-Callback'.",
            "Let the receiver answer OPTIONS with 'WebHook-Allowed-Origin' and ask 'validate', or open the address of 'WebHook-Request-Callback'.",
        ),
    ),
    "too-many-tries": (
        HTTPStatus.TOO_MANY_REQUESTS,
        (
            "U liet ons in een minuut te vaak een adres proberen.",
            "You let us try an address too often in a minute.",
        ),
        ("Wacht het aantal seconden van 'Retry-After'.", "Wait the seconds of 'Retry-After'."),
    ),
    "unknown-subscription": (
        HTTPStatus.NOT_FOUND,
        ("U hebt geen abonnement met dit nummer.", "You have no subscription with this id."),
        ("GET /v1/subscriptions noemt ze alle.", "GET /v1/subscriptions lists them all."),
    ),
    "unknown-validation": (
        HTTPStatus.NOT_FOUND,
        (
            "Dit adres bevestigt niets, of niet meer: het geldt 24 uur.",
            "This address confirms nothing, or no longer: it is valid for 24 hours.",
        ),
        (
            "De abonnee vraagt een nieuw met POST /v1/subscriptions/<nummer>/validate.",
            "The subscriber asks for a new one by POST /v1/subscriptions/<id>/validate.",
        ),
    ),
    "unknown-notice": (
        HTTPStatus.NOT_FOUND,
        ("Voor u is er geen bericht met dit nummer.", "There is no notice with this id for you."),
        (
            "GET /v1/notices noemt wat u verteld is.",
            "GET /v1/notices lists what you were told.",
        ),
    ),
    "wrong-period": (
        _UNPROCESSABLE,
        (
            f"De periode eindigt voor zij begint, of is langer dan {MOST_DAYS} dagen.",
            f"The period ends before it begins, or is longer than {MOST_DAYS} days.",
        ),
        (
            "Vraag een kortere periode; meer mag in meer vragen.",
            "Ask for a shorter period; more may be had by more questions.",
        ),
    ),
    "one-of-both": (
        _UNPROCESSABLE,
        (
            "Noem of 'since' of 'notice': wat u opnieuw wilt hebben.",
            "Name either 'since' or 'notice': what you want to have again.",
        ),
        (
            "'since' is een tijdstip, 'notice' het nummer van een bericht.",
            "'since' is a moment, 'notice' the id of a notice.",
        ),
    ),
}
"""Of each problem of this door its status, its sentence and its hint, in Dutch and English."""
STATUS_OF: Final[Mapping[str, HTTPStatus]] = {
    **problems.STATUS_OF, **{code: status for code, (status, _, _) in PROBLEMS.items()},
}  # fmt: skip
"""The status of every problem of this door."""


def words_of(code: str) -> Words:
    """The sentence of a problem in both languages, without what fills it."""
    words = PROBLEMS[code][1] if code in PROBLEMS else problems.GENERAL[code]
    return words[0].format(detail="..."), words[1].format(detail="...")
