"""What is true of accounts, reps, territories and the company? Exact metrics in SQL over canonical tables."""
