import asyncio
from datetime import timedelta

import pytest

from aanwezig.contracts.envelope import CONTENT_TYPE
from aanwezig.notifier.filters import Filter
from aanwezig.notifier.problems import MOST
from aanwezig.notifier.subscriptions import MOST_SECRETS
from support.subscribers_door import (
    ESCALATED,
    NOW,
    STAGNATED,
    SubscribersDoor,
    a_partner,
    wanted,
)

FILTER = Filter((ESCALATED,))


async def test_a_receiver_that_agrees_makes_a_subscription_that_is_active_and_shows_its_secret_once():
    async with a_partner() as partner, SubscribersDoor() as door:
        answer = await door.asks("POST", said=wanted(partner.url, ESCALATED, ESCALATED, digest="daily"))
        made = answer.json()
        assert (answer.status_code, answer.headers["location"]) == (201, f"/v1/subscriptions/{made['id']}")
        assert answer.headers["cache-control"] == "no-store"
        assert (made["status"], made["address"], made["per_minute"]) == ("active", partner.url, None)
        assert made["filter"] == {"types": [ESCALATED], "tracks": [], "municipalities": []}
        assert made["secret"].startswith("whsec_")
        assert "taken back" in made["note"]
        shown = (await door.asks("GET", f"/{made['id']}")).json()
        assert shown == {name: value for name, value in made.items() if name != "secret"}
        listed = (await door.asks("GET")).json()
        assert listed["subscriptions"] == [shown]
        assert ESCALATED in listed["types"]
        (listening,) = await door.subscriptions.listening()
        assert (listening.way().address, listening.way().hours.digest) == (partner.url, "daily")
        assert made["secret"] not in repr(door.collection.documents)


async def test_the_receiver_is_asked_as_the_standard_says():
    async with a_partner() as partner, SubscribersDoor() as door:
        made = await door.subscribes(partner.url)
        (asked,) = partner.asked
        assert asked["webhook-request-origin"] == "notifier.example"
        assert int(asked["webhook-request-rate"]) > 0
        assert asked["webhook-request-callback"].startswith(
            f"http://notifier.example/v1/subscriptions/{made['id']}/validation/"
        )


@pytest.mark.parametrize(
    ("said", "per_minute"),
    [({"WebHook-Allowed-Rate": "120"}, 120), ({"WebHook-Allowed-Rate": "*"}, None), ({}, None)],
)
async def test_a_receiver_may_bound_the_rate(said, per_minute):
    async with (
        a_partner(allows={"WebHook-Allowed-Origin": "*", **said}) as partner,
        SubscribersDoor() as door,
    ):
        made = await door.subscribes(partner.url)
        assert (made["status"], made["per_minute"]) == ("active", per_minute)
        assert (await door.subscriptions.get(made["id"])).way().per_minute == per_minute


@pytest.mark.parametrize(
    ("partner", "reason"),
    [
        ({"status": 405}, "answered-405"),
        ({"status": 302, "allows": {"WebHook-Allowed-Origin": "*", "location": "/other"}}, "answered-302"),
        ({"allows": {}}, "no-allowed-origin"),
        ({"allows": {"WebHook-Allowed-Origin": "another.example"}}, "another-origin"),
        ({"allows": {"WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "0"}}, "wrong-rate"),
        ({"allows": {"WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "many"}}, "wrong-rate"),
    ],
)
async def test_a_receiver_that_does_not_agree_leaves_it_pending_and_hears_nothing(partner, reason):
    async with a_partner(**partner) as receiver, SubscribersDoor() as door:
        made = await door.subscribes(receiver.url)
        assert (made["status"], made["address"]) == ("pending", None)
        assert (made["validation"]["address"], made["validation"]["reason"]) == (receiver.url, reason)
        assert await door.subscriptions.listening() == []
        tested = await door.asks("POST", f"/{made['id']}/test")
        assert (tested.status_code, tested.json()["code"]) == (409, "not-validated")
        assert receiver.posted == []
        assert len(receiver.asked) == 1


async def test_nobody_at_the_address_leaves_it_pending_until_it_is_tried_again():
    async with a_partner(status=503) as partner, SubscribersDoor() as door:
        made = await door.subscribes(partner.url)
        partner.status = 200
        again = (await door.asks("POST", f"/{made['id']}/validate")).json()
        assert (again["status"], again["address"], again["validation"]) == ("active", partner.url, None)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_receiver_may_agree_by_the_callback_without_a_key_and_say_so_twice(method):
    async with a_partner(status=404) as partner, SubscribersDoor() as door:
        made = await door.subscribes(partner.url)
        assert (await door.client.head(partner.callback)).status_code == 204
        assert (await door.asks("GET", f"/{made['id']}")).json()["status"] == "pending"
        for _ in range(2):
            answer = await door.client.request(
                method, partner.callback, headers={"webhook-allowed-rate": "60"}
            )
            assert answer.status_code == 204
        shown = (await door.asks("GET", f"/{made['id']}")).json()
        assert (shown["status"], shown["per_minute"]) == ("active", 60)


async def test_a_callback_confirms_nothing_by_another_token_another_name_a_wrong_rate_or_too_late():
    async with a_partner(status=404) as partner, SubscribersDoor() as door:
        made = await door.subscribes(partner.url)
        first = partner.callback
        await door.asks("POST", f"/{made['id']}/validate")
        wrong = [
            (first, {}),
            (partner.callback[:-1] + ("A" if partner.callback[-1] != "A" else "B"), {}),
            (partner.callback.replace(made["id"], "0" * 32), {}),
            (partner.callback, {"webhook-allowed-origin": "another.example"}),
            (partner.callback, {"webhook-allowed-rate": "0"}),
        ]
        for path, headers in wrong:
            answer = await door.client.post(path, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown-validation")
        door.now.later(hours=24, seconds=1)
        assert (await door.client.post(partner.callback)).status_code == 404
        door.now.later(seconds=-1)
        assert (await door.client.post(partner.callback)).status_code == 204


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://partner.example/hook", "address-not-https"),
        ("ftp://partner.example/hook", "address-not-https"),
        ("https://user:secret@partner.example/", "address-with-password"),
        ("https://user@partner.example/", "address-with-password"),
        ("https://partner.example/hook#part", "address-with-fragment"),
        ("https://partner.example/hook#", "address-with-fragment"),
        ("https://partner.example:0/hook", "address-wrong-port"),
        ("https://partner.example:65536/hook", "address-wrong-port"),
        ("https://10.0.0.1/hook", "address-not-public"),
        ("https://127.0.0.1/hook", "address-not-public"),
        ("https://169.254.169.254/latest", "address-not-public"),
        ("https://partner.invalid/hook", "address-unknown-host"),
        ("partner.example", "address-no-url"),
        ("https://", "address-no-url"),
        ("https:///hook", "address-no-url"),
        ("https://partner.example/a b", "address-no-url"),
        ("https://partner.example/\n", "address-no-url"),
        ("https://[::1/", "address-no-url"),
    ],
)
async def test_a_bad_address_is_refused_with_a_reason_and_a_hint_before_anything_goes_there(address, code):
    async with SubscribersDoor(allow_private=False) as door:
        answer = await door.asks("POST", said=wanted(address))
        said = answer.json()
        assert (answer.status_code, said["code"], said["field"]) == (422, code, "address")
        assert len(said["hint"]) > 10
        assert answer.headers["content-type"] == "application/problem+json"
        assert door.collection.documents == {}


async def test_an_address_on_a_private_network_is_refused_unless_the_operator_allows_it():
    async with a_partner() as partner:
        async with SubscribersDoor(allow_private=False) as door:
            for url in (partner.url, partner.url.replace("http", "https")):
                assert (await door.asks("POST", said=wanted(url))).status_code == 422
            assert partner.asked == []
        async with SubscribersDoor(allow_private=True) as door:
            assert (await door.asks("POST", said=wanted(partner.url))).status_code == 201


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"types": []}, "filter-too-broad"),
        ({"types": ["*"]}, "filter-too-broad"),
        ({"types": ["nl.attendance.case-esclated.v1"]}, "unknown-type"),
        ({"types": [ESCALATED], "tracks": ["gaol"]}, "unknown-track"),
        ({"types": [ESCALATED], "municipalities": ["Zoetermeer"]}, "no-municipality"),
        ({"types": [ESCALATED], "municipalities": ["0501"]}, "another-municipality"),
    ],
)
async def test_a_bad_filter_is_refused_with_a_hint_in_both_languages_wherever_it_is_said(wish, code):
    async with a_partner() as partner, SubscribersDoor() as door:
        made = await door.subscribes(partner.url, who="town")
        bodies = [
            ("POST", "", {"address": partner.url, "filter": wish}),
            ("POST", "/preview", {"filter": wish}),
            ("PATCH", f"/{made['id']}", {"filter": wish}),
        ]
        for method, path, said in bodies:
            english = (await door.asks(method, path, said, who="town")).json()
            dutch = (await door.asks(method, path, said, who="town", **{"accept-language": "nl"})).json()
            assert english["code"] == dutch["code"] == code
            assert english["hint"] != dutch["hint"]
            assert english["detail"] != dutch["detail"]


async def test_what_is_no_subscription_is_refused_field_by_field():
    async with SubscribersDoor() as door:
        quiet = {"from": "08:00", "until": "08:00"}
        for said, errors in [
            ({}, {"address": "required", "filter": "required"}),
            (
                {"address": 1, "filter": {"types": [], "more": 1}},
                {"address": "wrong-value", "filter.more": "unknown-field"},
            ),
            (wanted("https://a.example", digest="hourly"), {"digest": "wrong-value"}),
            (
                wanted("https://a.example", quiet={"from": "8", "until": "09:00"}),
                {"quiet.from": "wrong-value"},
            ),
            (wanted("https://a.example", quiet=quiet), {"quiet.until": "wrong-value"}),
        ]:
            answer = await door.asks("POST", said=said)
            assert answer.status_code == 400
            assert {one["field"]: one["code"] for one in answer.json()["errors"]} == errors
        assert (
            await door.asks("POST", said=wanted("https://a.example"), **{"content-type": "text/plain"})
        ).status_code == 415
        large = wanted("https://a.example/" + "a" * 70_000)
        assert (await door.asks("POST", said=large)).json()["code"] == "too-many-bytes"


async def test_who_asks_needs_a_key_and_a_role_of_this_domain():
    async with SubscribersDoor() as door:
        assert (await door.client.get("/v1/subscriptions")).json()["code"] == "no-key"
        assert (await door.asks("GET", who="stranger")).json()["code"] == "unknown-key"
        paths = [
            ("GET", "", None), ("GET", f"/{'0' * 32}", None), ("DELETE", f"/{'0' * 32}", None),
            ("POST", "", wanted("https://a.example")), ("POST", "/preview", {}), ("POST", f"/{'0' * 32}/test", None),
            ("POST", f"/{'0' * 32}/rotate", None), ("POST", f"/{'0' * 32}/redeliver", {}), ("GET", "/v1/notices", None),
            ("GET", f"/v1/notices/{'0' * 32}", None), ("GET", f"/{'0' * 32}/deliveries", None),
            ("PATCH", f"/{'0' * 32}", {}), ("POST", f"/{'0' * 32}/validate", None), ("POST", f"/{'0' * 32}/pause", None),
        ]  # fmt: skip
        for method, path, said in paths:
            answer = await door.asks(method, path, said, who="halt")
            assert (answer.status_code, answer.json()["code"]) == (403, "another-domain"), (method, path)
            assert "justice" in answer.json()["hint"]
        door.ready = False
        away = await door.asks("GET")
        assert (away.status_code, away.headers["retry-after"]) == (503, "5")


async def test_nobody_sees_or_touches_what_is_anothers():
    async with a_partner() as partner, SubscribersDoor() as door:
        made = await door.subscribes(partner.url)
        notice = door.memory.add("director", 1, via=made["id"])
        at = f"/{made['id']}"
        asked = [
            ("GET", at, None), ("PATCH", at, {"digest": "daily"}), ("DELETE", at, None), ("POST", f"{at}/rotate", None),
            ("POST", f"{at}/validate", None), ("POST", f"{at}/test", None), ("POST", f"{at}/pause", None),
            ("POST", f"{at}/resume", None), ("GET", f"{at}/deliveries", None),
            ("POST", f"{at}/redeliver", {"notice": notice}), ("GET", f"/v1/notices/{notice}", None),
        ]  # fmt: skip
        for method, path, said in asked:
            answer = await door.asks(method, path, said, who="other")
            assert answer.status_code == 404, (method, path)
        assert (await door.asks("GET", who="other")).json()["subscriptions"] == []
        assert (await door.asks("GET", "/v1/notices", who="other")).json()["notices"] == []
        kept = (await door.asks("GET", at)).json()
        assert (kept["digest"], kept["status"], kept["secrets"]) == (None, "active", 1)
        assert len(partner.asked) == 1
        assert partner.posted == []


async def test_the_same_address_and_filter_is_the_same_subscription():
    async with a_partner() as partner, SubscribersDoor() as door:
        made = await door.subscribes(partner.url)
        twice = await door.asks("POST", said=wanted(partner.url, ESCALATED, ESCALATED))
        assert (twice.status_code, twice.json()["subscription"]) == (409, made["id"])
        second = (await door.asks("POST", said=wanted(partner.url, STAGNATED))).json()
        changed = await door.asks("PATCH", f"/{second['id']}", {"filter": {"types": [ESCALATED]}})
        assert (changed.status_code, changed.json()["subscription"]) == (409, made["id"])
        assert (await door.asks("POST", said=wanted(partner.url), who="other")).status_code == 201


async def test_a_recipient_has_so_many_and_no_more_also_when_it_asks_at_once():
    async with SubscribersDoor(allow_private=False, public="127.0.0.1") as door:
        making = [
            door.subscriptions.make("director", f"https://a.example/{n}", FILTER, None, None)
            for n in range(MOST + 5)
        ]
        outcomes = await asyncio.gather(*making, return_exceptions=True)
        refused = [one.code for one in outcomes if isinstance(one, Exception)]
        assert refused == ["too-many-subscriptions"] * 5
        assert len(await door.subscriptions.of("director")) == MOST


async def test_a_test_message_is_signed_and_its_outcome_told():
    async with a_partner() as partner, SubscribersDoor() as door:
        made = await door.subscribes(partner.url)
        told = (await door.asks("POST", f"/{made['id']}/test")).json()
        assert (told["delivered"], told["reason"]) == (True, None)
        ping = partner.verified(made["secret"])
        assert ping["type"] == "nl.attendance.subscription-tested.v1"
        assert (ping["id"], ping["data"]) == (told["test"], {"subscription": made["id"]})
        assert partner.posted[0][0]["webhook-id"] == told["test"]
        partner.answers = 503
        second = (await door.asks("POST", f"/{made['id']}/test")).json()
        assert (second["delivered"], second["reason"]) == (False, "answered-503")
        assert second["test"] != told["test"]


async def test_a_replaced_secret_signs_along_for_a_day():
    async with a_partner() as partner, SubscribersDoor() as door:
        made = await door.subscribes(partner.url)
        rotated = (await door.asks("POST", f"/{made['id']}/rotate")).json()
        assert rotated["secret"] != made["secret"]
        assert rotated["old_until"] == (NOW + timedelta(days=1)).isoformat()
        await door.asks("POST", f"/{made['id']}/test")
        assert partner.verified(made["secret"]) == partner.verified(rotated["secret"])
        assert len(partner.posted[0][0]["webhook-signature"].split()) == 2
        door.now.later(days=1)
        await door.asks("POST", f"/{made['id']}/test")
        assert len(partner.posted[1][0]["webhook-signature"].split()) == 1
        assert partner.verified(rotated["secret"])["data"] == {"subscription": made["id"]}


async def test_a_secret_that_was_replaced_before_does_not_get_another_day():
    async with a_partner() as partner, SubscribersDoor() as door:
        made = await door.subscribes(partner.url)
        await door.asks("POST", f"/{made['id']}/rotate")
        door.now.later(hours=23)
        await door.asks("POST", f"/{made['id']}/rotate")
        assert (await door.asks("GET", f"/{made['id']}")).json()["secrets"] == 3
        door.now.later(hours=1)
        assert (await door.asks("GET", f"/{made['id']}")).json()["secrets"] == 2


async def test_an_answer_to_a_question_that_was_asked_anew_since_counts_for_nothing():
    async with SubscribersDoor() as door:
        store = door.subscriptions
        made, _, first = await store.make("director", "https://a.example/", FILTER, None, None)
        _, second = await store.propose(made.id, "director")
        assert (await store.refused(made.id, first, "timed-out")).validation.reason == "not-asked"
        assert (await store.refused(made.id, second, "answered-405")).validation.reason == "answered-405"
        assert (await store.confirm(made.id, second, None)).status == "active"
        assert (await store.refused(made.id, second, "timed-out")).validation is None


async def test_secrets_do_not_pile_up():
    async with a_partner() as partner, SubscribersDoor() as door:
        made = await door.subscribes(partner.url)
        statuses = [
            (await door.asks("POST", f"/{made['id']}/rotate")).status_code for _ in range(MOST_SECRETS)
        ]
        assert statuses == [200] * (MOST_SECRETS - 1) + [409]


async def test_a_pause_and_a_parking_hold_notices_until_it_is_resumed():
    async with a_partner() as partner, SubscribersDoor() as door:
        made = await door.subscribes(partner.url)
        at = f"/{made['id']}"
        assert (await door.asks("POST", f"{at}/pause")).json()["status"] == "paused"
        await door.subscriptions.park(made["id"], "answered-410")
        await door.subscriptions.park(made["id"], "later")
        parked = (await door.asks("GET", at)).json()
        assert (parked["status"], parked["reason"]) == ("parked", "answered-410")
        assert [one.id for one in await door.subscriptions.listening()] == [made["id"]]
        assert await door.subscriptions.active() == []
        resumed = (await door.asks("POST", f"{at}/resume")).json()
        assert (resumed["status"], resumed["reason"]) == ("active", None)
        assert [one.id for one in await door.subscriptions.active()] == [made["id"]]
        await door.subscriptions.park("0" * 32, "gone")


async def test_another_address_counts_when_its_receiver_has_agreed():
    async with a_partner() as old, a_partner(status=405) as new, SubscribersDoor() as door:
        made = await door.subscribes(old.url)
        at = f"/{made['id']}"
        await door.subscriptions.park(made["id"], "answered-410")
        changed = (
            await door.asks("PATCH", at, {"address": new.url, "quiet": {"from": "18:00", "until": "08:00"}})
        ).json()
        assert (changed["address"], changed["status"]) == (old.url, "parked")
        assert (changed["validation"]["address"], changed["validation"]["reason"]) == (
            new.url,
            "answered-405",
        )
        assert changed["quiet"] == {"from": "18:00", "until": "08:00"}
        assert (await door.client.get(new.callback)).status_code == 204
        now = (await door.asks("GET", at)).json()
        assert (now["address"], now["status"], now["validation"]) == (new.url, "active", None)


async def test_an_address_that_was_proposed_by_mistake_is_taken_back_by_naming_the_one_that_stands():
    async with a_partner() as old, a_partner(status=405) as new, SubscribersDoor() as door:
        made = await door.subscribes(old.url)
        await door.asks("PATCH", f"/{made['id']}", {"address": new.url})
        back = (await door.asks("PATCH", f"/{made['id']}", {"address": old.url})).json()
        assert (back["address"], back["validation"], back["status"]) == (old.url, None, "active")
        assert len(old.asked) == 1
        assert (await door.client.get(new.callback)).status_code == 404


async def test_what_a_change_leaves_out_stays_and_null_ends_it():
    async with a_partner() as partner, SubscribersDoor() as door:
        made = await door.subscribes(partner.url, digest="weekly", quiet={"from": "18:00", "until": "08:00"})
        at = f"/{made['id']}"
        door.now.later(hours=1)
        changed = (await door.asks("PATCH", at, {"filter": {"types": [STAGNATED]}, "quiet": None})).json()
        assert (changed["digest"], changed["quiet"]) == ("weekly", None)
        assert changed["filter"]["types"] == [STAGNATED]
        assert changed["changed"] > made["changed"]
        for empty in ("address", "filter"):
            answer = await door.asks("PATCH", at, {empty: None})
            assert answer.json()["errors"][0]["field"] == empty
        assert len(partner.asked) == 1


async def test_what_is_deleted_is_gone():
    async with a_partner() as partner, SubscribersDoor() as door:
        made = await door.subscribes(partner.url)
        assert (await door.asks("DELETE", f"/{made['id']}")).status_code == 204
        assert (await door.asks("DELETE", f"/{made['id']}")).status_code == 404
        assert await door.subscriptions.listening() == []


async def test_how_often_an_address_is_tried_is_bounded_for_each_recipient():
    async with a_partner() as partner, SubscribersDoor(tries=3) as door:
        made = await door.subscribes(partner.url)
        for what in ("test", "validate"):
            assert (await door.asks("POST", f"/{made['id']}/{what}")).status_code == 200
        for method, path, said in [
            ("POST", f"/{made['id']}/test", None), ("POST", f"/{made['id']}/validate", None),
            ("POST", "", wanted(partner.url, STAGNATED)), ("PATCH", f"/{made['id']}", {"address": partner.url + "/2"}),
        ]:  # fmt: skip
            answer = await door.asks(method, path, said)
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "61"), path
        # The address that stands is no other address: nothing is tried.
        assert (await door.asks("PATCH", f"/{made['id']}", {"address": partner.url})).status_code == 200
        assert (await door.asks("POST", said=wanted(partner.url), who="other")).status_code == 201
        door.now.later(minutes=1)
        assert (await door.asks("POST", f"/{made['id']}/test")).status_code == 200


async def test_a_filter_is_tried_on_the_last_month_or_the_period_that_is_named():
    async with SubscribersDoor() as door:
        for number in range(120):
            door.memory.add("director", number)
        said = (await door.asks("POST", "/preview", {"filter": {"types": [ESCALATED]}})).json()
        assert (said["count"], said["per_type"], len(said["notices"])) == (120, {ESCALATED: 120}, 100)
        assert said["notices"][0] == {
            "time": "2024-10-14T06:00:00Z", "happened": ESCALATED, "word": "new-home-sitter", "municipality": "0637",
            "track": None,
        }  # fmt: skip
        _, who, tried, since, until = door.memory.asked[-1]
        assert (who, tried.types, until - since, until) == ("director", (ESCALATED,), timedelta(days=31), NOW)
        for period, status in [
            ({"since": "2024-01-01T00:00:00Z", "until": "2024-02-01T00:00:00Z"}, 200),
            ({"since": "2024-01-01T00:00:00Z", "until": "2024-02-01T00:00:01Z"}, 422),
            ({"since": "2024-02-01T00:00:00Z", "until": "2024-01-01T00:00:00Z"}, 422),
            ({"since": "2024-01-01T00:00:00Z"}, 422),
            ({"until": "0001-01-01T00:00:00Z"}, 422),
            ({"since": "2024-01-01T00:00:00"}, 400),
        ]:
            answer = await door.asks("POST", "/preview", {"filter": {"types": [ESCALATED]}, **period})
            assert answer.status_code == status, period


async def test_the_delivery_log_has_the_notices_of_one_subscription_with_their_attempts():
    async with a_partner() as partner, SubscribersDoor() as door:
        made = await door.subscribes(partner.url)
        mine = [door.memory.add("director", number, via=made["id"]) for number in range(3)]
        door.memory.add("director", 9)
        at = f"/{made['id']}/deliveries"
        said = (await door.asks("GET", at)).json()
        assert [one["id"] for one in said["notices"]] == mine
        assert (said["more"], said["notices"][0]["subscription"]) == (False, made["id"])
        assert [one["outcome"] for one in said["notices"][0]["attempts"]] == ["answered-503", "delivered"]
        assert said["notices"][0]["claim"] == f"http://notifier.example/v1/notices/{mine[0]}"
        page = (await door.asks("GET", f"{at}?limit=2&since=2024-10-14T08:00:00+02:00")).json()
        assert (len(page["notices"]), page["more"]) == (2, True)
        assert (await door.asks("GET", f"{at}?since=2024-10-14T06:00:01Z")).json()["notices"] == []
        for wrong in (
            "limit=0",
            "limit=501",
            "since=yesterday",
            "since=2024-10-14",
            "since=a&since=b",
            "from=1",
        ):
            assert (await door.asks("GET", f"{at}?{wrong}")).status_code == 400, wrong


async def test_what_was_told_by_any_way_is_listed_and_claimed_as_the_event_it_was():
    async with SubscribersDoor() as door:
        notice = door.memory.add("director", 1)
        (line,) = (await door.asks("GET", "/v1/notices")).json()["notices"]
        assert (line["id"], line["subscription"]) == (notice, None)
        claimed = await door.asks("GET", f"/v1/notices/{notice}")
        assert (claimed.status_code, claimed.headers["content-type"]) == (200, CONTENT_TYPE)
        assert claimed.headers["cache-control"] == "no-store"
        assert claimed.json()["type"] == "nl.attendance.notice-sent.v1"
        assert claimed.json()["data"]["notice"] == notice
        assert (await door.asks("GET", "/v1/notices/none")).json()["code"] == "unknown-notice"


async def test_what_is_sent_again_is_one_notice_or_all_since_a_moment():
    async with a_partner() as partner, SubscribersDoor() as door:
        made = await door.subscribes(partner.url)
        at = f"/{made['id']}/redeliver"
        notice = door.memory.add("director", 1, via=made["id"])
        one = await door.asks("POST", at, {"notice": notice})
        assert (one.status_code, one.json()) == (202, {"notices": 1})
        assert door.memory.asked[-1] == ("again", "director", made["id"], None, notice)
        assert (await door.asks("POST", at, {"since": NOW.isoformat()})).json() == {"notices": 1}
        later = (NOW + timedelta(seconds=1)).isoformat()
        assert (await door.asks("POST", at, {"since": "2020-01-01T00:00:00Z"})).json() == {"notices": 1}
        for said, status, code in [
            ({"notice": "0" * 32}, 404, "unknown-notice"),
            ({}, 422, "one-of-both"),
            ({"notice": notice, "since": NOW.isoformat()}, 422, "one-of-both"),
            ({"since": later}, 422, "wrong-period"),
            ({"notice": "x"}, 400, "not-the-contract"),
        ]:
            answer = await door.asks("POST", at, said)
            assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_two_who_change_one_subscription_at_once_both_have_their_way():
    async with a_partner() as partner, SubscribersDoor() as door:
        made = await door.subscribes(partner.url)
        at = f"/{made['id']}"
        await asyncio.gather(
            door.asks("POST", f"{at}/pause"),
            door.asks("PATCH", at, {"digest": "daily"}),
            door.asks("POST", f"{at}/rotate"),
        )
        shown = (await door.asks("GET", at)).json()
        assert (shown["status"], shown["digest"], shown["secrets"]) == ("paused", "daily", 2)
