from ipaddress import ip_address

import pytest

from aanwezig.notifier.channels.addresses import Addresses, AddressRefused, is_public

PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"]
OURS = [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.1", "255.255.255.255", "224.0.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1",
    "fd12::1", "ff02::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1", "2002:7f00:1::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]  # fmt: skip


@pytest.mark.parametrize("text", PUBLIC)
def test_addresses_of_the_internet_are_public(text):
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", OURS)
def test_addresses_of_a_private_network_are_not_public_however_they_hide(text):
    assert not is_public(ip_address(text))


def addresses(*found: str, allow_private: bool = False) -> Addresses:
    async def resolve(_host: str, _port: int) -> list[str]:
        return list(found)

    return Addresses(allow_private=allow_private, resolve=resolve)


async def test_the_connection_goes_to_the_address_that_was_checked_under_the_name_that_was_given():
    target = await addresses("93.184.216.34").checked("https://partner.example:8443/hook?a=b")
    assert str(target.url) == "https://93.184.216.34:8443/hook?a=b"
    assert (target.host, target.authority) == ("partner.example", "partner.example:8443")
    sixth = await addresses("2606:2800:220:1:248:1893:25c8:1946").checked("https://partner.example/hook")
    assert str(sixth.url) == "https://[2606:2800:220:1:248:1893:25c8:1946]/hook"


@pytest.mark.parametrize(
    "found", [("10.0.0.1",), ("93.184.216.34", "127.0.0.1"), ("::1",), ("fe80::1%eth0",)]
)
async def test_a_name_with_any_private_address_behind_it_is_refused_unless_allowed(found):
    with pytest.raises(AddressRefused):
        await addresses(*found).checked("https://partner.example/hook")
    assert (await addresses(*found, allow_private=True).checked("http://partner.example/hook")).url.host


@pytest.mark.parametrize(
    "url",
    [
        "http://partner.example/hook",
        "ftp://partner.example/hook",
        "partner.example",
        "https://",
        "https://user:secret@partner.example/",
        "file:///etc/passwd",
        "https://partner.example:99999999/",
    ],
)
async def test_only_https_without_a_password_is_an_address(url):
    with pytest.raises(AddressRefused):
        await addresses("93.184.216.34").checked(url)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://[::1]/", "https://127.1/", "https://0x7f000001/"]
)
async def test_the_own_resolver_sees_through_the_old_ways_to_write_an_address(url):
    own = Addresses(allow_private=False)
    with pytest.raises(AddressRefused):
        await own.checked(url)
    own.close()


async def test_a_name_without_an_address_is_not_refused_but_unreachable():
    with pytest.raises(OSError, match="no address"):
        await addresses().checked("https://partner.example/hook")
