"""What happens to a lead: what arrived is looked at, decided, recorded, recalled."""
