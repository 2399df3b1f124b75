"""Did it help, would it help, and whom does it favour: answers with intervals, or a refusal."""
