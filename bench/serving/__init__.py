"""How the server behaves under attack: overload, idle connections, workers that die or hang."""
