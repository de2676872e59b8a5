"""The database: tables, migrations and the audit log."""
