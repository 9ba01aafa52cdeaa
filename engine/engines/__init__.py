"""Which SQL engine answers? The embedded one, or a company's own, each behind one door."""
