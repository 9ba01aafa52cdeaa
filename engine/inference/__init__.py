"""What follows from findings? The words of the logic, the generic rules, and the one door to durable_rules."""
