"""The runtime that the browser gets: Pyodide, pinned, and Node to prepare it."""
