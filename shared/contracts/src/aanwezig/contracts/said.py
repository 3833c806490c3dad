"""Every event that is no fact, by its short name, with the model of its data."""

from collections.abc import Mapping
from typing import Final

from aanwezig.contracts.feeds import DistanceMeasured, FeedDayClosed, FeedEnrolled, FeedMarked
from aanwezig.contracts.messages import (
    CaseSaid,
    DayClosed,
    DecisionRefused,
    DecisionTaken,
    FindingSaid,
    Message,
    MunicipalityRegistered,
    NoticeSaid,
    OfficerRegistered,
    OutcomeRecorded,
    RecipientRegistered,
    SchoolRegistered,
    StepRecorded,
    SystemRegistered,
)
from aanwezig.contracts.presence import PresenceMeasured
from aanwezig.contracts.receipts import ReceiptsGiven
from aanwezig.contracts.topics import CASE_EVENTS, FINDING_EVENTS, NOTICE_EVENTS, RECEIPT_EVENTS

MESSAGES: Final[Mapping[str, type[Message]]] = {
    "day-closed": DayClosed,
    **dict.fromkeys(FINDING_EVENTS, FindingSaid),
    "distance-measured": DistanceMeasured,
    "feed-marked": FeedMarked,
    "feed-enrolled": FeedEnrolled,
    "feed-day-closed": FeedDayClosed,
    "presence-measured": PresenceMeasured,
    **dict.fromkeys(CASE_EVENTS, CaseSaid),
    "decision-taken": DecisionTaken,
    "step-recorded": StepRecorded,
    "outcome-recorded": OutcomeRecorded,
    "decision-refused": DecisionRefused,
    **dict.fromkeys(NOTICE_EVENTS, NoticeSaid),
    **dict.fromkeys(RECEIPT_EVENTS, ReceiptsGiven),
    "system-registered": SystemRegistered,
    "school-registered": SchoolRegistered,
    "municipality-registered": MunicipalityRegistered,
    "recipient-registered": RecipientRegistered,
    "officer-registered": OfficerRegistered,
}
"""The model of the data of every event that is no fact, by its short name."""
