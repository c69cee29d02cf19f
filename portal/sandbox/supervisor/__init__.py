"""`make demo`: the portal's processes beside a simulated Microsoft, started, watched and ended."""
