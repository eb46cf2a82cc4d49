"""How the web is served: its processes, its connections, and what every answer is wrapped in."""
