"""The ledger on disk: tables, the one writer, migrations and queries. It decides nothing."""
