"""What follows from facts? Intake, metrics, truth, inference, outcome, explanation."""
