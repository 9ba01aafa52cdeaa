"""Is a condition true of a case? One checked expression in SQL for a whole table, and in Python for one case."""
