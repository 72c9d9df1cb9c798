"""Bills and tax invoices on paper."""
