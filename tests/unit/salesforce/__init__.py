"""The parts of the Salesforce connector, one at a time."""
