"""An office's form filled with rows, by a process of its own with limits (docs/adr/0086)."""
