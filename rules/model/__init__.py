"""What has a company decided? Policies as frozen values, with their calendar, parameters, definitions and rules."""
