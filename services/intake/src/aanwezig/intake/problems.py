"""Answers that are no receipts: problem+json (RFC 9457), in the sender's language, and nothing of what went wrong inside."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from aanwezig.chassis.languages import Language, language_of
from aanwezig.contracts.refusals import Code, Refusal

__all__ = ["PROBLEMS", "Language", "Problem", "WholeRefused", "answer", "language_of", "nowhere"]
RETRY_SECONDS: Final = 5


class Problem(Exception):
    """A request that is answered as a whole: `code` names the sentence, `detail` fills it from our limits.

    A detail that holds words is one in Dutch and one in English. `retry`: after how many seconds it may be sent again, where
    that is not the usual time of its status.
    """

    def __init__(
        self, status: HTTPStatus, code: str, detail: str | tuple[str, str] = "", *, retry: int | None = None
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.details = detail if isinstance(detail, tuple) else (detail, detail)
        self.retry = retry

    def sentence(self, language: Language) -> str:
        """What is wrong and what to do."""
        place = 1 if language == "en" else 0
        return PROBLEMS[self.code][place].format(detail=self.details[place])


class WholeRefused(Problem):
    """A body that is refused as a whole, as a file would be: code and sentence are those of `refusal`."""

    def __init__(self, refusal: Refusal) -> None:
        large = refusal.code is Code.UNPACKS_TOO_LARGE
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if large else HTTPStatus.BAD_REQUEST
        super().__init__(status, refusal.code.value)
        self.refusal = refusal

    def sentence(self, language: Language) -> str:
        """The sentence of the refusal."""
        return self.refusal.message(language)


def answer(problem: Problem, language: Language) -> Response:
    """The response that tells a problem. It does not wait for the rest of the request, which is let pass unread."""
    said = {
        "type": "about:blank",
        "title": problem.status.phrase,
        "status": problem.status.value,
        "code": problem.code,
        "detail": problem.sentence(language),
    }
    headers = {"content-language": language, **_HEADERS.get(problem.status, {})}
    if problem.retry is not None:
        headers["retry-after"] = str(problem.retry)
    return Response(
        orjson.dumps(said),
        status_code=problem.status.value,
        headers=headers,
        media_type="application/problem+json",
    )


def nowhere(request: Request, methods: Sequence[str]) -> Response:
    """The answer to a request that no route of the door takes; `methods` are those of its address, if there is one."""
    problem = Problem(HTTPStatus.NOT_FOUND, "no-address")
    if methods:
        problem = Problem(HTTPStatus.METHOD_NOT_ALLOWED, "no-method", ", ".join(methods))
    return answer(problem, language_of(request.headers.get("accept-language")))


_HEADERS: Final[Mapping[HTTPStatus, Mapping[str, str]]] = {
    HTTPStatus.UNAUTHORIZED: {"www-authenticate": 'Bearer realm="aanwezig"'},
    HTTPStatus.SERVICE_UNAVAILABLE: {"retry-after": str(RETRY_SECONDS)},
}

PROBLEMS: Final[Mapping[str, tuple[str, str]]] = {
    "no-key": (
        "Stuur de sleutel van uw systeem mee: 'Authorization: Bearer <sleutel>'.",
        "Send the key of your system: 'Authorization: Bearer <key>'.",
    ),
    "unknown-key": (
        "Deze sleutel kennen wij niet, of hij geldt niet meer. Vraag de beheerder om een nieuwe.",
        "We do not know this key, or it is no longer valid. Ask the operator for a new one.",
    ),
    "no-longer-known": (
        "Uw systeem is bij ons niet (meer) aangemeld. Er is niets verwerkt; vraag de beheerder om het aan te melden en stuur het bericht daarna opnieuw.",
        "Your system is not registered with us, or no longer. Nothing was taken; ask the operator to register it, then send the message again.",
    ),
    "empty-record": (
        "Dit bericht heeft geen inhoud. Er is niets verwerkt; zet een event als JSON in de waarde van het bericht. Iets intrekken gaat met 'retracted'.",
        "This message has no content. Nothing was taken; put an event as JSON into the value of the message. To take something back, say 'retracted'.",
    ),
    "unreadable-record": (
        "De kopregels van dit bericht zijn geen tekst in UTF-8. Er is niets verwerkt; laat de leverancier het bericht opnieuw maken.",
        "The headers of this message are no text in UTF-8. Nothing was taken; ask the supplier to produce the message again.",
    ),
    "binary-mode": (
        "De velden van dit event staan in de kopregels van het bericht. Er is niets verwerkt; stuur het hele event als JSON in de waarde (structured mode).",
        "The fields of this event stand in the headers of the message. Nothing was taken; send the whole event as JSON in the value (structured mode).",
    ),
    "no-school": (
        "Uw systeem is aangemeld zonder scholen. Vraag de beheerder om uw scholen toe te voegen.",
        "Your system is registered without schools. Ask the operator to add your schools.",
    ),
    "unknown-format": (
        "Dit formaat kennen wij niet. Stuur een van: {detail}.",
        "We do not know this format. Send one of: {detail}.",
    ),
    "not-readable": (
        "De inhoud is niet wat 'Content-Type' zegt. Er is niets verwerkt; laat de leverancier het bericht opnieuw maken. Een lijst van events stuurt u als 'application/cloudevents-batch+json'.",
        "The content is not what 'Content-Type' says. Nothing was taken; ask the supplier to produce the message again. A list of events is sent as 'application/cloudevents-batch+json'.",
    ),
    "too-many-bytes": (
        "Het bericht is te groot; het mag {detail} bytes zijn. Er is niets verwerkt; verdeel het over meer berichten.",
        "The message is too large; it may be {detail} bytes. Nothing was taken; split it over more messages.",
    ),
    "too-many-rows": (
        "Het bericht heeft te veel rijen; het mogen er {detail} zijn. Er is niets verwerkt; verdeel het over meer berichten.",
        "The message has too many rows; there may be {detail}. Nothing was taken; split it over more messages.",
    ),
    "too-many-values": (
        "Het bericht bevat te veel losse waarden om in een keer te lezen. Er is niets verwerkt; verdeel het over meer berichten.",
        "The message holds too many single values to be read at once. Nothing was taken; split it over more messages.",
    ),
    "too-slow": (
        "Het bericht was niet binnen {detail} seconden binnen. Er is niets verwerkt; stuur het opnieuw.",
        "The message did not arrive within {detail} seconds. Nothing was taken; send it again.",
    ),
    "wrong-parameter": (
        "De parameter '{detail}' in het adres klopt niet. Er is niets verwerkt; kijk in de handleiding wat er mag staan.",
        "The parameter '{detail}' in the address is not right. Nothing was taken; the guide says what it may be.",
    ),
    "unknown-parameter": (
        "Deze parameter in het adres kennen wij niet: {detail}. Er is niets verwerkt; haal hem weg of verbeter de naam.",
        "We do not know this parameter in the address: {detail}. Nothing was taken; remove it or correct its name.",
    ),
    "no-address": (
        "Dit adres bestaat niet bij ons. Er is niets verwerkt; kijk in de handleiding welke adressen er zijn.",
        "We have no such address. Nothing was taken; the guide says which there are.",
    ),
    "no-method": (
        "Dit adres kan alleen zo gevraagd worden: {detail}. Er is niets verwerkt; kijk in de handleiding wat er mag.",
        "This address can only be asked by: {detail}. Nothing was taken; the guide says what it may be.",
    ),
    "too-fast": (
        "Uw systeem stuurt sneller dan is afgesproken. Er is niets verwerkt; stuur hetzelfde bericht na {detail} seconden opnieuw.",
        "Your system sends faster than agreed. Nothing was taken; send the same message again after {detail} seconds.",
    ),
    "too-many-at-once": (
        "Uw systeem heeft te veel berichten tegelijk gestuurd; het mogen er {detail} zijn. Er is niets verwerkt; wacht op antwoord en stuur dit bericht opnieuw.",
        "Your system sent too many messages at the same time; there may be {detail}. Nothing was taken; wait for answers and send this message again.",
    ),
    "no-room": (
        "Het is nu te druk. Er is niets verwerkt; stuur hetzelfde bericht later opnieuw.",
        "It is too busy now. Nothing was taken; send the same message again later.",
    ),
    "no-receipt": (
        "Van dit id is geen ontvangstbewijs bekend. Stuur het record opnieuw; dubbel sturen kan geen kwaad.",
        "No receipt is known for this id. Send the record again; sending twice does no harm.",
    ),
    "not-confirmed": (
        "Dit record kwam binnen maar is nog niet bevestigd. Stuur het ongewijzigd opnieuw; dubbel sturen kan geen kwaad.",
        "This record came in but is not confirmed yet. Send it again unchanged; sending twice does no harm.",
    ),
    "no-file": (
        "Van een bestand met deze naam zijn geen ontvangstbewijzen bekend. Controleer de naam, of stuur het bestand opnieuw; dubbel sturen kan geen kwaad.",
        "No receipts are known for a file of this name. Check the name, or send the file again; sending twice does no harm.",
    ),
    "not-in-quarantine": (
        "Onder dit nummer staat geen geweigerd record van uw systeem. Vraag de lijst opnieuw op.",
        "No refused record of your system is kept under this number. Ask for the list again.",
    ),
    "closed": (
        "Dit geweigerde record is al verbeterd of weggelegd. Er is niets veranderd; stuur een nieuw record als er nog iets niet klopt.",
        "This refused record was corrected or discarded before. Nothing was changed; send a new record if something is still wrong.",
    ),
    "no-reason": (
        "Zeg waarom het record wordt weggelegd, met de parameter 'reason' in het adres. Er is niets veranderd.",
        "Say why the record is discarded, with the parameter 'reason' in the address. Nothing was changed.",
    ),
    "wrong-ids": (
        'Stuur een lijst van hoogstens {detail} nummers van geweigerde records als "ids". Er is niets veranderd.',
        'Send a list of at most {detail} numbers of refused records as "ids". Nothing was changed.',
    ),
    "sealed-away": (
        "Dit is bewaard onder een sleutel die wij niet meer hebben, en niemand kan het hier nog lezen. Stuur het record opnieuw; dubbel sturen kan geen kwaad.",
        "This was kept under a key we no longer have, and nobody can read it here any more. Send the record again; sending twice does no harm.",
    ),
    "not-now": (
        "Wij kunnen nu even niets aannemen. Stuur hetzelfde bericht later opnieuw; dubbel sturen kan geen kwaad.",
        "We cannot take anything in right now. Send the same message again later; sending twice does no harm.",
    ),
    "no-right": (
        "Uw systeem mag niet vragen wie een leerling is. Alleen een systeem van een gemeente met dat recht mag dat; vraag het de beheerder.",
        "Your system may not ask who a pupil is. Only a municipality's system with that right may; ask the operator.",
    ),
    "wrong-question": (
        "De vraag heeft niet de goede vorm; verwacht wordt: {detail}. Andere velden zijn er niet.",
        "The question has the wrong form; expected is: {detail}. There are no other fields.",
    ),
    "no-chain": (
        "Hier kan alleen naar pseudoniemen van het schooldomein gevraagd worden. Vraag de beheerder om de sleutel van de keten in te stellen.",
        "Only pseudonyms of the school domain can be asked about here. Ask the operator to set the key of the chain.",
    ),
    "our-fault": (
        "Er ging bij ons iets mis. Stuur hetzelfde bericht later opnieuw; dubbel sturen kan geen kwaad.",
        "Something went wrong on our side. Send the same message again later; sending twice does no harm.",
    ),
}
"""The sentence of each problem in Dutch and English; `{detail}` is a number or a name of ours, or the parameter that is unknown."""
