"""The export: the dashboard as a site without a server, run by Python in the browser."""
