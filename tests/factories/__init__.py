"""Makers of what tests are about."""
