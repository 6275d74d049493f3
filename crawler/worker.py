"""One shard in a process of its own: what every engine runs.

Room: Scrapy glue. Used by the engines; `scrapy crawl liveness` comes to the same spider.
"""

import os
from collections.abc import Callable, Mapping
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from crawler.records.errors import RunFailed, ShardTaken
from crawler.tally import Progress, ShardResult, StopAskedError, Trouble


def crawl_shard(
    run: str, shard: int, settings: Mapping[str, Any], report: Callable[[Progress], None]
) -> ShardResult:
    """Walk one shard to its end, or until SIGINT. Never raises: a failure is in the result."""
    process = AsyncCrawlerProcess(_settings(settings, report))
    crawler = process.create_crawler("liveness")
    ended = process.crawl(crawler, run=run, shard=shard)
    process.start()
    error = ended.exception() if ended.done() and not ended.cancelled() else None
    if isinstance(error, StopAskedError):  # while it waited for the shard
        return ShardResult(shard, left=-1)
    if error is not None:
        text = str(error) if isinstance(error, RunFailed) else f"{type(error).__name__}: {error}"
        trouble = Trouble.TAKEN if isinstance(error, ShardTaken) else None
        return ShardResult(shard, left=-1, failure=text, trouble=trouble)
    spider: Any = crawler.spider
    left = spider.tally.total - spider.tally.done
    return ShardResult(shard, left, spider.failure, spider.walker.told)


def _plain_function(report: Callable[[Progress], None]) -> Callable[[Progress], None]:
    def plain(progress: Progress) -> None:
        report(progress)

    return plain


def _settings(own: Mapping[str, Any], report: Callable[[Progress], None]) -> Settings:
    os.environ.setdefault("SCRAPY_SETTINGS_MODULE", "crawler.settings")
    settings = get_project_settings()
    settings.setdict(dict(own), priority="cmdline")
    # Scrapy copies its settings deeply; a function is the one thing that a deep copy leaves alone.
    settings.set("STILLUP_REPORT", _plain_function(report), priority="cmdline")
    return settings
