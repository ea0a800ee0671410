"""The stores that are projections of the journal: calls.db, what writes it and what reads it."""
