"""Everything that the future of an object depends on: captured, and restored in place."""

from core.snapshot.captured import Captured, capture, restore

__all__ = ["Captured", "capture", "restore"]
