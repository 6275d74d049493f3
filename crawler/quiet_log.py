"""What Scrapy would log of every visit: nothing. A visit's outcome is in its observations.

Room: Scrapy glue. A record made for each response and each item, and then dropped by its level,
took six percent of a crawl's time. What is logged all the same may quote a stranger's server, so no
control character of it reaches a terminal or a log file.
"""

import logging
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.logformatter import LogFormatter

from crawler.records.shown import visible_lines


class VisibleFormatter(logging.Formatter):
    """Formats as another formatter does, and makes the result fit to be shown."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, or the lines of a traceback."""
        return visible_lines(self._inner.format(record))


class QuietLogFormatter(LogFormatter):
    """Leaves out the lines of visits and items that went well."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it, and have every log line shown as it may be."""
        for handler in logging.getLogger().handlers:
            if handler.formatter is not None and not isinstance(
                handler.formatter, VisibleFormatter
            ):
                handler.setFormatter(VisibleFormatter(handler.formatter))
        return super().from_crawler(crawler)

    def crawled(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Log nothing."""

    def scraped(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Log nothing."""
