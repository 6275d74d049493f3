"""The spiders of the Scrapy project. Room: Scrapy glue."""
