"""Judging calls by the regulations of the office: which call breaks which rule, and what that costs whom."""
