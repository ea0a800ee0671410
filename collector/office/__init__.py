"""What the office notes beside the calls: approvals, deposits, receipts, the operators' log, violations."""
