"""The Scrapy project's settings: `scrapy crawl liveness -a run=RUN -a shard=3` reads them.

Room: Scrapy glue. The `STILLUP_` settings are the options of `stillup crawl`; set them with `-s`.
"""

import os

from crawler.allocator import ENVIRONMENT

for _name, _value in ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)

BOT_NAME = "stillup"
SPIDER_MODULES = ["crawler.spiders"]

# Reactorless: the engine runs on asyncio alone, with uvloop underneath.
TWISTED_REACTOR_ENABLED = False
ASYNCIO_EVENT_LOOP = "uvloop.Loop"
FORCE_CRAWLER_PROCESS = False
TELNETCONSOLE_ENABLED = False

# One request is one visit: robots.txt, pace, redirects, cookies and retries are the visit's, so
# nothing of Scrapy's own may do them a second time.
DOWNLOAD_HANDLERS = {
    "visit": "crawler.handler.VisitHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "http": None,
    "https": None,
    "s3": None,
}
SCHEDULER = "crawler.frontier.FrontierScheduler"
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
DOWNLOADER_MIDDLEWARES = {"crawler.pipeline.VisitMiddleware": 100}
ITEM_PIPELINES = {"crawler.pipeline.RecordPipeline": 100}
EXTENSIONS = {
    "crawler.progress_report.ProgressReport": 100,
    "crawler.lease_watch.LeaseWatch": 100,
}
EXTENSIONS_BASE: dict[str, int] = {"scrapy.extensions.corestats.CoreStats": 0}

# How many visits are in flight is the policy's to say (`hosts_at_a_time`); the spider sets it.
DOWNLOAD_DELAY = 0
DOWNLOAD_TIMEOUT = 0
CONCURRENT_ITEMS = 1  # the default starts a hundred tasks for each response

LOG_LEVEL = "INFO"
LOG_FORMATTER = "crawler.quiet_log.QuietLogFormatter"
LOGSTATS_INTERVAL = 10.0

# The options of `stillup crawl`.
STILLUP_MODE = "body"
STILLUP_FINGERPRINT = None  # None: yes, where bodies are read
STILLUP_CONTACT = None
STILLUP_TURNS = None  # a file by which the workers of a machine take turns at hosts
STILLUP_LEASE = 30.0  # seconds without a sign of life after which a shard is taken over
STILLUP_DELAY = None
STILLUP_POLICY = None
STILLUP_TIMEOUT = 30.0
STILLUP_MAX_BYTES = 20 * 1024 * 1024
STILLUP_NAMESERVERS: list[str] = []
STILLUP_CONNECT_TO: list[str] = []
STILLUP_ALLOW_NETWORKS: list[str] = []
STILLUP_CA_FILE = None
STILLUP_REPORT = None  # called with every Progress; without it, progress goes to the log
