"""The calendar of working days (工作日) and the deadlines of legal periods.

Which days are worked is data: a year's file beside this module holds the days off and the make-up days of the State
Council's yearly notice (国务院办公厅关于…年部分节假日安排的通知). A period that touches a year whose notice is not loaded
gets a deadline that is *estimated* by weekends alone, and says so.
"""

from services.kernel.calendar.days import CalendarFault, WorkCalendar, YearNotice, load, read_notice, shipped
from services.kernel.calendar.period import Deadline, Period, deadline

__all__ = [
    "CalendarFault",
    "Deadline",
    "Period",
    "WorkCalendar",
    "YearNotice",
    "deadline",
    "load",
    "read_notice",
    "shipped",
]
