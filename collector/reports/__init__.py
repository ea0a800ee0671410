"""Statements and reports: one table, made from calls.db, rendered as text, CSV, XLSX or PDF."""
