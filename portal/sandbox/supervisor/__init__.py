"""`make demo`: starts the portal's processes beside a simulated Microsoft, watches them, and ends them all."""
