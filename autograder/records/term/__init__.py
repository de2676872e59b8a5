"""A term in the gradebook: due dates, hand-ins, the ledger of late days, and late penalties."""
