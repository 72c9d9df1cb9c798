"""Wire formats of providers, banks, SMS and files; never the database."""
