"""The embedded store: calls.db, a projection of the journal."""
