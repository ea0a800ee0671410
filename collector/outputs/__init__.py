"""Outputs: projections of calls.db onto other servers, each with a cursor of its own."""
