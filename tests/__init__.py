"""Tests: they mirror the packages; journeys, browser, faults and bench have rooms of their own."""
