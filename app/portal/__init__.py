"""The consumers' portal."""
