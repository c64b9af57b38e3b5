"""The page on which a teacher reads the files of answers of a class; it needs no Python."""
