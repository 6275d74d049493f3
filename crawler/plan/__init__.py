"""Dataset row → link, shard: what `stillup plan` does, in the order in which it does it.

    sources   what was named on the command line → files
    formats/  a file → batches of rows, with the columns that were recognised (`columns`)
    rows      a batch → staged rows: every URL parsed (what is plain a column at a time:
              `plain_urls`), every promise typed (`cells`), the rest as JSON (`json_rows`)
    stage     all batches → files of keys and of text in the staging folder, by several processes
    tables    keys → what repeats, hosts, domains (`sql/`), sampled (`sample`), placed (`shards`)
    ordered   text and places (`positions`) → links in the order of the run, one step `ahead`
    write     links by shard, dataset rows in source order → the run directory
    put       a run that was made on this machine → the bucket that it is to lie in
    estimate  what the crawl will ask, fetch and take → `summary`, which prints it

`build` holds the flow.
"""
