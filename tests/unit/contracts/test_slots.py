from typing import get_args

from aanwezig.contracts.facts import SLOT_ORDER, Slot


def test_the_order_of_slots_names_every_slot_of_the_contract_once():
    assert list(get_args(Slot)) == sorted(SLOT_ORDER, key=SLOT_ORDER.__getitem__)
