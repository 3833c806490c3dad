import json
from http import HTTPStatus

import pytest

from aanwezig.intake.problems import Problem, answer, language_of


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        (None, "nl"), ("", "nl"), ("*", "nl"), ("de", "nl"), ("nl", "nl"), ("en", "en"), ("en-GB,en;q=0.9", "en"),
        ("nl,en;q=0.5", "nl"), ("nl;q=0.4, en;q=0.5", "en"), ("en;q=0", "nl"), ("en;q=nonsense", "nl"), ("EN", "en"),
    ],
)  # fmt: skip
def test_dutch_unless_english_is_asked_for(asked, language):
    assert language_of(asked) == language


def test_a_problem_is_told_as_rfc_9457_says():
    told = answer(Problem(HTTPStatus.SERVICE_UNAVAILABLE, "not-now"), "en")
    assert told.headers["content-type"] == "application/problem+json"
    assert told.headers["retry-after"] == "5"
    assert json.loads(told.body)["status"] == 503
    assert json.loads(told.body)["title"] == "Service Unavailable"
