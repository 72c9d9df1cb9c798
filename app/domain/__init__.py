"""Frozen records and pure functions of the trade; knows no database, no clock, no user."""
