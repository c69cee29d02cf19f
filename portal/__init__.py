"""The Django project, and everything a person or a program talks to."""
