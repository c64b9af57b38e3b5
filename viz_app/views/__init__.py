"""One view a file: functions of trace, cursor and selection."""
