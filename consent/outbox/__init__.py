"""Mails as rows, rendering, delivery."""
