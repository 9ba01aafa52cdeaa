"""What was decided, and can we prove it? Ledger, decision, record, verification."""
