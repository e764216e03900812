"""Calendars of on-call rotations, as a repository holds them."""


def on_call(name: str, since: str = "20261001", until: str = "20261201") -> str:
    """An iCalendar file in which somebody is on call from one day to another."""
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//acme//on-call//EN\r\n"
        "BEGIN:VEVENT\r\nUID:1@acme\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART:{since}T000000Z\r\nDTEND:{until}T000000Z\r\nSUMMARY:{name}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
