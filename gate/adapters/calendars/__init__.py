"""Calendars: freeze windows and on-call rotations from local times and iCalendar files, as instants in UTC."""
