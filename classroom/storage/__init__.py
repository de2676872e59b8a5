"""The database: tables, migrations, and the record of who did what."""
