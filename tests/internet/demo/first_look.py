"""The first part of the demo: a list of links becomes a run, is looked at, and answers questions.

Room: processes.
"""

from tests.internet.demo.saying import Stage, say, stillup

QUERIES = {
    "Which registered domains lost most of their pictures?": """
select
    registered_domain,
    count(*) as links,
    count(*) filter (where outcome = 'ok') as ok,
    count(*) filter (where outcome = 'gone') as gone,
    count(*) filter (where outcome not in ('ok', 'gone')) as other
from observations
where final
group by registered_domain
having links >= 20
order by ok / links, links desc
limit 8
""",
    "What is served as something else than its name says?": """
select
    lower(regexp_extract(links.url, '[.](jpe?g|png|gif|webp|bmp)([?]|$)', 1, 'i')) as named,
    media_type as served,
    count(*) as links,
    any_value(links.url) as example
from observations join links using (link_id)
where final and outcome = 'ok' and named != ''
    and media_type != 'image/' || replace(named, 'jpg', 'jpeg')
group by named, served
order by links desc
limit 8
""",
    "Which hosts were slowest to answer?": """
select host, count(*) as links, median(ttfb_ms)::int as median_ms, max(ttfb_ms)::int as worst_ms
from observations
where ttfb_ms is not null
group by host
having links >= 10
order by median_ms desc, host
limit 8
""",
}


def first_look(stage: Stage) -> None:
    """Crawl what was planned, and ask how alive it is."""
    say("the crawl, against a replay of what the web answered in January 2019 (on this machine)")
    stage.crawl()
    say("how alive the dataset is")
    stillup("verdicts", stage.run)
    for question, query in QUERIES.items():
        say(question)
        stillup("sql", stage.run, query.strip())
