"""Looks for operators, at a customer's tenant and at our own registration. Nothing is written."""
