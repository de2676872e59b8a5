"""Late work: policies, and the ledger of late days of a student over the term."""
