"""What this room tells the rooms above it, which it does not know."""

from django.dispatch import Signal

# Sent in the transaction that stores a run's findings, before the run is finished: ``run``.
run_stored = Signal()
