import pytest

from aanwezig.intake.reservations import Claim, Reserved, Verdict, verdicts

SAY, DUPLICATE, REUSED = Verdict.SAY, Verdict.DUPLICATE, Verdict.REUSED
UNCONFIRMED = Verdict.UNCONFIRMED


@pytest.mark.parametrize(
    ("says", "kept", "contents", "expected"),
    [
        ("new or pending is said", ("a", False), ["a"], [SAY]),
        ("done is a duplicate", ("a", True), ["a"], [DUPLICATE]),
        ("other content is refused where the first is pending: nobody knows whether it was said", ("a", False), ["b", "b"],
         [UNCONFIRMED, UNCONFIRMED]),
        ("other content is refused where the first is done", ("a", True), ["b"], [REUSED]),
        ("of two equal rows in one request the second is a duplicate", ("a", False), ["a", "a"], [SAY, DUPLICATE]),
        ("of two different rows with one id the second is refused", ("a", False), ["a", "b"], [SAY, REUSED]),
        ("what stands was received first, wherever it is in the request", ("a", False), ["b", "a"], [REUSED, SAY]),
        ("a refused one does not make its equal a duplicate", ("a", True), ["b", "b"], [REUSED, REUSED]),
    ],
)  # fmt: skip
def test_what_a_claimed_id_means(says, kept, contents, expected):
    standing = {"id-1": Reserved(kept[0], "trace", done=kept[1])}
    claims = [Claim("id-1", content, "receipt", "trace") for content in contents]
    assert verdicts(claims, standing) == expected, says
