"""Delivery of SMS. In development the message stays in the outbox, where the console shows it; a provider comes with its contract."""


def deliver(phone: str, text: str) -> bool:
    """Hand a message over for delivery and tell whether it was taken; in development the outbox is the destination."""
    assert phone.startswith("+998"), phone
    return bool(text)
