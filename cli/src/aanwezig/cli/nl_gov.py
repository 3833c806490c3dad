"""The rules a delivery by webhook is held to, as a table: each with a name, and why a delivery does not keep it.

Those of the event are here: CloudEvents 1.0 with its JSON format and its extensions `dataref` and `sequence`, and the NL GOV
profile 1.1 for CloudEvents (Logius; `domain.md` 6.1). Those of how it came are in `delivered`.
"""

import ipaddress
import re
from collections.abc import Callable
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from aanwezig.cli.delivered import CLOCKS_APART, HOW_IT_CAME, Delivery, Rule
from aanwezig.contracts.identifiers import is_personal_number

MOST_BYTES: Final = 64 * 1024

_INT32: Final = range(-(2**31), 2**31)
_MOST_NAME: Final = 20
_MEDIA_TYPE: Final = "application/cloudevents+json"
_SOURCE: Final = re.compile(
    r"urn:nld:(oin:[0-9A-Z]{20}:\S+|kvknr:[0-9]{8}[.:]\S+|(?!oin:|kvknr:)[^\s.:]+[.:]\S+)"
)
_TYPE: Final = re.compile(r"[a-z]{2,}(\.[a-z0-9]+(-[a-z0-9]+)*){2,}")
_VERSION: Final = re.compile(r"v[0-9]+")
_NO_VERSION: Final = re.compile(r"(version|ver|v)?-?[0-9]+([._-][0-9]+)*")
_RFC3339: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_NAME: Final = re.compile(r"[a-z0-9]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_NINE_DIGITS: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]{9}(?![0-9A-Za-z])")
_MAIL: Final = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]")
_PAST: Final = re.compile(r"[a-z0-9]*[a-z](d|t|en|wn)|done|gone|made")
_PRESENT: Final = frozenset({
    "add", "amend", "ask", "commit", "edit", "end", "extend", "find", "hold", "insert", "open", "reset", "send", "start",
    "submit", "upload", "visit",
})  # fmt: skip
_ORGANISATIONS: Final = frozenset({
    "duo", "ggd", "gemeente", "halt", "inspectie", "jgz", "kadaster", "logius", "magister", "ministerie", "ocw", "om",
    "parnassys", "politie", "provincie", "rijk", "rvdk", "somtoday", "svb", "swv", "uwv", "vng", "waterschap",
})  # fmt: skip
_ABOUT_PERSONS: Final = frozenset({
    "address", "birthdate", "bsn", "email", "firstname", "geboortedatum", "lastname", "leerling", "name", "naam",
    "phone", "pupil", "student", "subjectname", "telefoon",
})  # fmt: skip


def _is_event(delivery: Delivery) -> bool:
    return delivery.event is not None


def _has(*names: str) -> Callable[[Delivery], bool]:
    return lambda delivery: any(delivery.attributes.get(name) is not None for name in names)


def _has_data(delivery: Delivery) -> bool:
    return delivery.event is not None and ("data" in delivery.event or "data_base64" in delivery.event)


def _text(delivery: Delivery, name: str) -> str:
    """An attribute, and '' where it is none of text."""
    value = delivery.attributes.get(name)
    return value if isinstance(value, str) else ""


def _labels(delivery: Delivery) -> list[str]:
    return _text(delivery, "type").split(".")


def _content_type(delivery: Delivery) -> str | None:
    kind, *parameters = (part.strip().lower() for part in delivery.headers.get("content-type", "").split(";"))
    if kind != _MEDIA_TYPE:
        return f"it is {kind!r}, not {_MEDIA_TYPE}"
    charset = [part.removeprefix("charset=").strip('"') for part in parameters if part.startswith("charset=")]
    return None if charset in ([], ["utf-8"]) else f"the charset is {charset[0]!r}, not utf-8"


def _json(delivery: Delivery) -> str | None:
    return None if _is_event(delivery) else "the body is no JSON object in UTF-8 with every name once"


def _size(delivery: Delivery) -> str | None:
    size = len(delivery.body)
    return None if size <= MOST_BYTES else f"{size} bytes; what is over {MOST_BYTES} need not be passed on"


def _specversion(delivery: Delivery) -> str | None:
    told = delivery.attributes.get("specversion")
    return None if told == "1.0" else f"it is {told!r}"


def _id(delivery: Delivery) -> str | None:
    return None if _text(delivery, "id") else "it is missing, empty, or no text"


def _unique(delivery: Delivery) -> str | None:
    return "another event came before under this source and id" if delivery.other else None


def _source(delivery: Delivery) -> str | None:
    told = _text(delivery, "source")
    if _SOURCE.fullmatch(told):
        return None
    return f"{told!r} is no urn:nld: of an organisation (oin: 20 characters, kvknr: 8 digits) and its system"


def _type(delivery: Delivery) -> str | None:
    told = _text(delivery, "type")
    return None if _TYPE.fullmatch(told) else f"{told!r} is no name in reverse domain notation"


def _type_version(delivery: Delivery) -> str | None:
    found = [(place, one) for place, one in enumerate(_labels(delivery)) if _NO_VERSION.fullmatch(one)]
    if not found:
        return None
    (place, version), *more = found
    if more or not _VERSION.fullmatch(version) or place != len(_labels(delivery)) - 1:
        return "a version is said once, at the end, as v and a number"
    return None


def _type_past_tense(delivery: Delivery) -> str | None:
    told = [one for one in _labels(delivery) if not _NO_VERSION.fullmatch(one)]
    words = told[-1].split("-") if told else []
    what = words[1:] or words
    if any(_PAST.fullmatch(word) and word not in _PRESENT for word in what):
        return None
    return f"{'-'.join(words)!r} does not say what has happened"


def _type_no_organisation(delivery: Delivery) -> str | None:
    found = sorted({word for label in _labels(delivery) for word in label.split("-")} & _ORGANISATIONS)
    return f"it names an organisation, which may change its name: {', '.join(found)}" if found else None


def _time(delivery: Delivery) -> str | None:
    return None if _moment(_text(delivery, "time")) else f"{delivery.attributes['time']!r} is not of RFC 3339"


def _time_of_logging(delivery: Delivery) -> str | None:
    moment = _moment(_text(delivery, "time"))
    if moment is None or moment <= delivery.at + CLOCKS_APART:
        return None
    return "it is later than its delivery: it cannot be when it was logged"


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.upper()) if _RFC3339.fullmatch(text) else None
    except ValueError:
        return None


def _subject(delivery: Delivery) -> str | None:
    return None if _text(delivery, "subject") else "it is there, and empty or no text"


def _datacontenttype(delivery: Delivery) -> str | None:
    told = delivery.attributes.get("datacontenttype", "application/json")
    kind = str(told).partition(";")[0].strip().lower()
    return None if kind == "application/json" or kind.endswith("+json") else f"{told!r} is not JSON"


def _dataschema(delivery: Delivery) -> str | None:
    told = _text(delivery, "dataschema")
    return None if _ABSOLUTE.fullmatch(told) else f"{told!r} is no absolute URI"


def _dataref(delivery: Delivery) -> str | None:
    told = _text(delivery, "dataref")
    try:
        url = urlsplit(told)
        host, secret = url.hostname or "", url.username or url.password or url.fragment
    except ValueError:
        return f"{told!r} is no URL"
    if url.scheme == "https" and host and not secret:
        return None
    if url.scheme == "http" and not secret and _is_this_machine(host):
        return None
    return f"{told!r} is no https URL without a password or a fragment (plain http: of this machine alone)"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _data_or_dataref(delivery: Delivery) -> str | None:
    there = [
        name for name in ("data", "data_base64", "dataref") if (delivery.event or {}).get(name) is not None
    ]
    return f"it has {' and '.join(there)}" if len(there) > 1 else None


def _sequence(delivery: Delivery) -> str | None:
    told = _text(delivery, "sequence")
    if not told:
        return "it is no text, or there is a sequencetype and no sequence"
    if delivery.attributes.get("sequencetype") in {None, "Integer"} and not _is_int32(told):
        return f"{told!r} is no whole number of 32 bits, written as text"
    return None


def _is_int32(text: str) -> bool:
    digits = text.removeprefix("-")
    return (
        digits.isascii()
        and digits.isdigit()
        and len(digits) <= 10
        and text == str(int(text))
        and int(text) in _INT32
    )


def _sequencetype(delivery: Delivery) -> str | None:
    told = delivery.attributes["sequencetype"]
    return None if told == "Integer" else f"it is {told!r}; the profile knows Integer alone"


def _names(delivery: Delivery) -> str | None:
    wrong = [name for name in delivery.attributes if not _NAME.fullmatch(name) or len(name) > _MOST_NAME]
    return (
        f"not of a to z and 0 to 9, or over {_MOST_NAME} characters: {', '.join(sorted(wrong))}"
        if wrong
        else None
    )


def _values(delivery: Delivery) -> str | None:
    wrong = sorted(name for name, value in delivery.attributes.items() if not _is_a_value(value))
    return (
        f"no text without control characters, no yes or no, no whole number of 32 bits: {', '.join(wrong)}"
        if wrong
        else None
    )


def _is_a_value(value: object) -> bool:
    if isinstance(value, str):
        return not _CONTROL.search(value)
    return isinstance(value, bool) or (isinstance(value, int) and value in _INT32)


def _no_personal_number(delivery: Delivery) -> str | None:
    said = " ".join(str(value) for value in delivery.attributes.values())
    found = any(is_personal_number(number) for number in _NINE_DIGITS.findall(said))
    return "one holds nine digits that pass the eleven-test, as a BSN does" if found else None


def _no_personal_attribute(delivery: Delivery) -> str | None:
    wrong = {name for name in delivery.attributes if name in _ABOUT_PERSONS}
    wrong |= {
        name for name, value in delivery.attributes.items() if isinstance(value, str) and _MAIL.search(value)
    }
    return f"about a person, or a mail address: {', '.join(sorted(wrong))}" if wrong else None


RULES: Final = (
    *HOW_IT_CAME,
    Rule("content-type", "It is application/cloudevents+json, in UTF-8 (JSON format 3).", _content_type),
    Rule("json", "It is one JSON object, every name once (JSON format 3).", _json),
    Rule("size", "It is at most 64 KB.", _size),
    Rule("names", "Attribute names are of a to z and 0 to 9, at most 20.", _names, _is_event),
    Rule("values", "Attribute values are text, booleans or 32-bit numbers.", _values, _is_event),
    Rule("specversion", "specversion is 1.0.", _specversion, _is_event),
    Rule("id", "id is text, and not empty.", _id, _is_event),
    Rule("unique", "source and id together are of one event.", _unique, _is_event),
    Rule("source", "source is a URN of namespace nld: an organisation, then its system; no place where data are.", _source, _is_event),
    Rule("type", "type is in reverse domain notation.", _type, _is_event),
    Rule("type-version", "type has one version at most, with a v, at its end.", _type_version, _has("type")),
    Rule("type-past-tense", "type tells what has happened.", _type_past_tense, _has("type")),
    Rule("type-no-organisation", "type names no organisation.", _type_no_organisation, _has("type")),
    Rule("time", "time is of RFC 3339, with its zone.", _time, _has("time")),
    Rule("time-of-logging", "time can be when it was logged.", _time_of_logging, _has("time")),
    Rule("subject", "subject is not empty.", _subject, _has("subject")),
    Rule("datacontenttype", "The data are JSON.", _datacontenttype, _has_data),
    Rule("dataschema", "dataschema is an absolute URI.", _dataschema, _has("dataschema")),
    Rule("dataref", "dataref is an https URL.", _dataref, _has("dataref")),
    Rule("data-or-dataref", "It holds its data, or says where they are; not both.", _data_or_dataref, _is_event),
    Rule("sequence", "sequence is text that can be put in order.", _sequence, _has("sequence", "sequencetype")),
    Rule("sequencetype", "sequencetype is Integer.", _sequencetype, _has("sequencetype")),
    Rule("no-personal-number", "No attribute holds a personal number.", _no_personal_number, _is_event),
    Rule("no-personal-attribute", "No attribute is about a person.", _no_personal_attribute, _is_event),
)  # fmt: skip
"""All of them, in the order in which they are told."""
