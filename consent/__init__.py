"""The domain: what is asked, who waits, what was granted."""
