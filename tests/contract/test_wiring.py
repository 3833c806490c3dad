"""How every service is wired to Kafka: what FastStream would do by default loses records, so each setting is asserted."""

import pytest
from faststream import AckPolicy
from pydantic import SecretStr, ValidationError

from aanwezig.case_router.app import build as build_case_router
from aanwezig.case_router.settings import CaseRouterSettings
from aanwezig.chassis import consuming, lanes, polling
from aanwezig.classifier.app import build as build_classifier
from aanwezig.classifier.settings import ClassifierSettings
from aanwezig.contracts.topics import REGISTRY, SUBMISSIONS, SUBMISSIONS_PATTERN
from aanwezig.intake.app import build as build_intake
from aanwezig.intake.settings import IntakeSettings
from aanwezig.notifier.app import build as build_notifier
from aanwezig.notifier.settings import NotifierSettings

KEY = SecretStr("0" * 64)
NOWHERE = {"kafka": "127.0.0.1:9", "mongo": SecretStr("mongodb://127.0.0.1:9"), "port": 9, "instance": "a"}
BUILDS = {
    "intake": lambda: build_intake(IntakeSettings(**NOWHERE, pseudonym_key=KEY, number_key=KEY)),
    "classifier": lambda: build_classifier(
        ClassifierSettings(**NOWHERE, chain_key=KEY, health_key=KEY, operator_key=SecretStr("an operator"))
    ),
    "case-router": lambda: build_case_router(CaseRouterSettings(**NOWHERE, justice_key=KEY)),
    "case-router-health": lambda: build_case_router(CaseRouterSettings(**NOWHERE, domain="health")),
    "case-router-justice": lambda: build_case_router(CaseRouterSettings(**NOWHERE, domain="justice")),
    "notifier": lambda: build_notifier(NotifierSettings(**NOWHERE, seal_key=KEY)),
    "notifier-school": lambda: build_notifier(NotifierSettings(**NOWHERE, seal_key=KEY, domain="school")),
    "notifier-health": lambda: build_notifier(NotifierSettings(**NOWHERE, seal_key=KEY, domain="health")),
    "notifier-justice": lambda: build_notifier(NotifierSettings(**NOWHERE, seal_key=KEY, domain="justice")),
}
# The topics each service consumes in a group; tables are read whole, without one.
CONSUMES = {
    "intake": {SUBMISSIONS_PATTERN},
    "classifier": {"school.facts.v1", "school.feeds.v1"},
    "case-router": {"chain.findings.v1", "chain.decisions.v1"},
    "case-router-health": {"health.findings.v1", "health.decisions.v1"},
    "case-router-justice": {"justice.crossings.v1"},
    "notifier": {"chain.cases.v1"},
    "notifier-school": {"school.signals.v1", "school.presence.v1"},
    "notifier-health": {"health.cases.v1"},
    "notifier-justice": {"justice.cases.halt.v1", "justice.cases.police-report.v1"},
}


@pytest.fixture(params=BUILDS)
async def service(request):
    built = BUILDS[request.param]()
    yield built
    await built.store.close()


def subscribers(service):
    return list(service.broker.subscribers)


async def test_a_service_consumes_the_topics_it_must_and_each_is_a_consumer_of_the_chassis(service):
    found = {topic for one in subscribers(service) for topic in one.topic_names}
    assert found == CONSUMES[service.name]
    # FastStream keeps its subscribers in no order.
    assert {id(one.subscriber) for one in service.consumers} == {id(one) for one in subscribers(service)}


async def test_no_subscriber_acknowledges_by_itself(service):
    policies = {one.group_id: one.ack_policy for one in subscribers(service)}
    assert set(policies.values()) <= {AckPolicy.MANUAL}, policies
    for one in subscribers(service):
        assert one._connection_args["enable_auto_commit"] is False


async def test_every_subscriber_is_a_static_member_of_a_group_named_by_service_and_topic(service):
    for one in subscribers(service):
        (topic,) = one.topic_names
        topic = "school.submissions.v1" if topic == SUBMISSIONS_PATTERN else topic
        assert one.group_id == f"aanwezig-{service.name}-{topic}"
        assert one._connection_args["group_instance_id"] == f"{one.group_id}-a"
        assert one._connection_args["auto_offset_reset"] == "earliest"


async def test_every_subscriber_reads_batches_with_the_lean_parser_and_says_nothing_back(service):
    for one in subscribers(service):
        assert type(one).__name__ == "BatchSubscriber"
        assert one._call_options.parser is polling.whole
        assert one._call_options.decoder is polling.records_of
        assert one.max_records == service.settings.batch_records
        assert one._no_reply
        assert isinstance(one._listener, consuming._Drain | lanes._Drain)


async def test_nothing_stands_between_the_broker_and_the_consumer(service):
    assert list(service.broker.middlewares) == []
    assert all(list(one._broker_middlewares) == [] for one in subscribers(service))


async def test_a_service_listens_just_where_the_registry_says_so(service):
    heard = {consumer.topic for consumer in service.consumers} | {table.topic for table in service.tables}
    assert heard == {topic.name for topic in REGISTRY if service.name in topic.listeners}


async def test_a_service_parks_on_its_own_topic(service):
    assert service.parked_topic == f"{service.name}.parked.v1"


async def test_a_service_has_a_database_of_its_own(service):
    assert service.store._database.name == f"aanwezig-{service.name}"


def test_the_instance_of_the_chain_has_the_key_it_crosses_with():
    with pytest.raises(ValidationError, match="AANWEZIG_JUSTICE_KEY"):
        CaseRouterSettings(**NOWHERE)


def test_topics_of_new_systems_are_seen_within_seconds():
    service = BUILDS["intake"]()
    (lanes_,) = service.consumers
    assert lanes_.topic == SUBMISSIONS.name
    assert service.broker.config.broker_config.builder.keywords["metadata_max_age_ms"] == 2_000
