"""The parts of the menu, from left to right."""

from flask_babel import lazy_gettext as _l

from app.domain.administration.pages import MenuCategory

ACCOUNTS = MenuCategory("Accounts", _l("Accounts"), "fa-address-card")
METERING = MenuCategory("Metering", _l("Metering"), "fa-tachometer")
BILLING = MenuCategory("Billing", _l("Billing"), "fa-file-text")
CLAIMS = MenuCategory("Claims", _l("Penalties and inspections"), "fa-gavel")
PAYMENTS = MenuCategory("Payments", _l("Payments"), "fa-money")
LEDGER = MenuCategory("Ledger", _l("Ledger"), "fa-book")
MONITORING = MenuCategory("Monitoring", _l("Monitoring"), "fa-bar-chart")
REFERENCE = MenuCategory("Reference information", _l("Reference information"), "fa-list")
ADMINISTRATION = MenuCategory("Administration", _l("Administration"), "fa-sitemap")

CATEGORIES = (ACCOUNTS, METERING, BILLING, CLAIMS, PAYMENTS, LEDGER, MONITORING, REFERENCE, ADMINISTRATION)
