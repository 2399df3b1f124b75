"""What is known of leads and persons, and the rows that a lead writes."""
