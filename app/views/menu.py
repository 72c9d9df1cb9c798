"""The parts of the menu, from left to right."""

from flask_babel import lazy_gettext as _l

from app.domain.administration.pages import MenuCategory

ACCOUNTS = MenuCategory("Accounts", _l("Accounts"), "address-book")
METERING = MenuCategory("Metering", _l("Metering"), "gauge")
EQUIPMENT = MenuCategory("Equipment", _l("Technical equipment"), "tools")
BILLING = MenuCategory("Billing", _l("Billing"), "file-invoice")
CLAIMS = MenuCategory("Claims", _l("Penalties and inspections"), "gavel")
PAYMENTS = MenuCategory("Payments", _l("Payments"), "cash")
LEDGER = MenuCategory("Ledger", _l("Ledger"), "book")
MONITORING = MenuCategory("Monitoring", _l("Monitoring"), "chart-bar")
INFORMATION = MenuCategory("Consumer information", _l("Consumer information"), "message")
REFERENCE = MenuCategory("Reference information", _l("Reference information"), "list-details")
ADMINISTRATION = MenuCategory("Administration", _l("Administration"), "sitemap")

CATEGORIES = (ACCOUNTS, METERING, EQUIPMENT, BILLING, CLAIMS, PAYMENTS, LEDGER, INFORMATION, MONITORING, REFERENCE, ADMINISTRATION)
