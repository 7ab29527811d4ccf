"""The market indices: fetched on a timetable, parsed, and stored where the route reads them."""
