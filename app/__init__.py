"""PC Billing: the back office of a utility's sales company."""
