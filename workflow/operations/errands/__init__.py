"""What takes longer than a page may: asked for there, done by the worker."""
