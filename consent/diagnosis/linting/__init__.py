"""Reads the addresses that send people to Microsoft, and those that bring them back."""

from consent.diagnosis.linting.remarks import Finding, Grade, Remark
from consent.diagnosis.linting.rules import lint
from consent.diagnosis.linting.scopes import Registered

__all__ = ["Finding", "Grade", "Registered", "Remark", "lint"]
