"""What Scrapy would log of every visit: nothing. A visit's outcome is in its observations.

Room: Scrapy glue. A record made for each response and each item, and then dropped by its level,
took six percent of a crawl's time.
"""

from typing import Any

from scrapy.logformatter import LogFormatter


class QuietLogFormatter(LogFormatter):
    """Leaves out the lines of visits and items that went well."""

    def crawled(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Log nothing."""

    def scraped(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Log nothing."""
