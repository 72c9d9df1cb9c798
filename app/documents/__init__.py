"""Rows turned into what people read: bills, receipts, reports, messages."""
