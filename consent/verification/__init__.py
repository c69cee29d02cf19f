"""Evidence, the ladder, the schedule, the checker."""
