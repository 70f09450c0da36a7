"""Checks before a consultation: legs that carry no media, what they measure, and what is kept."""
