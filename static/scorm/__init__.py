"""A lesson as a package for a learning platform (LMS): SCORM 1.2."""
