"""The gateway to Microsoft, the only code that talks to it: facts out, no model known."""
