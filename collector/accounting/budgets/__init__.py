"""Budgets: who may spend what on calls, what was spent, and proof that it adds up."""
