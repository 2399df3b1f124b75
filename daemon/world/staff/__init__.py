"""Who can own, and when: roster, calendars, absences, and what candidates look like now."""
