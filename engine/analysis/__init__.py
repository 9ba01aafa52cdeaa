"""What is wrong with the policies, whatever the facts? Questions put to a solver, each answer with a case."""
