"""Liveness, health in words, numbers, the ledger."""
