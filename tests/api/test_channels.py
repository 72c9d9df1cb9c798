"""Channels are declared once: each online one has an address, and what is said of it on screens comes from its declaration."""

import pytest

from app.api import channels
from app.domain.payments.channels import CHANNELS, Channel, Collection, SignIn, collected_by
from app.models.payments import PaymentContract


def test_each_channel_is_declared() -> None:
    assert set(CHANNELS) == set(Channel)


def test_each_online_channel_is_answered_and_no_other() -> None:
    assert {adapter.channel for adapter in channels.ADAPTERS.values()} == set(collected_by(Collection.ONLINE))


@pytest.mark.parametrize("channel", Channel)
def test_provider_that_calls_is_known_by_something(channel: Channel) -> None:
    declared = CHANNELS[channel]

    assert (declared.sign_in == SignIn.NOTHING) == (declared.collection != Collection.ONLINE)
    assert declared.contract_terms <= set(PaymentContract.__table__.c.keys())


def test_address_of_a_channel_is_its_module_s() -> None:
    answers = channels.found("click/prepare"), channels.found("paynet/soap/some.wsdl"), channels.found("nobody/here")

    assert [answer and (answer.channel, answer.tail) for answer in answers] == [(Channel.CLICK, ""), (Channel.PAYNET, "some.wsdl"), None]
