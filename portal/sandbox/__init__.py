"""A simulated Microsoft, a mailbox to read the mails, the `demo` command: exists only with
SANDBOX=1 and DEBUG.
"""
