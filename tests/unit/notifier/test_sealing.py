import pytest

from aanwezig.chassis.sealing import Unsealable, seal, unseal

KEY = bytes(range(32))


def test_what_is_sealed_opens_with_the_same_key_and_is_never_twice_the_same():
    first, second = seal(KEY, "whsec_geheim é"), seal(KEY, "whsec_geheim é")
    assert unseal(KEY, first) == unseal(KEY, second) == "whsec_geheim é"
    assert first != second
    assert "geheim" not in first


@pytest.mark.parametrize(
    "sealed",
    ["", "whsec_plain", "s1.", "s1.AAAA", "s1.é", "s2." + seal(KEY, "x")[3:], seal(bytes(32), "another key")],
    ids=["nothing", "plain", "no-box", "short-box", "no-ascii", "another-form", "another-key"],
)
def test_anything_else_does_not_open(sealed):
    with pytest.raises(Unsealable):
        unseal(KEY, sealed)


def test_a_changed_character_does_not_open():
    sealed = seal(KEY, "secret")
    changed = sealed[:10] + ("A" if sealed[10] != "A" else "B") + sealed[11:]
    with pytest.raises(Unsealable):
        unseal(KEY, changed)


def test_a_key_of_another_length_is_refused():
    with pytest.raises(ValueError, match="key"):
        seal(b"short", "secret")
