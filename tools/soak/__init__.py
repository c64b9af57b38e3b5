"""A class that does all kinds of things for a long time, and odd inputs."""
