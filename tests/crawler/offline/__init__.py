"""Tests of the tables that no network gives."""
