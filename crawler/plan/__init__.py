"""Dataset row → link, shard: what `stillup plan` does, in the order in which it does it.

    sources   what was named on the command line → files
    formats/  a file → batches of rows, with the columns that were recognised (`columns`)
    rows      a batch → staged rows: every URL parsed, every promise typed (`cells`)
    stage     all batches → Parquet files in the run's staging folder, by several processes
    tables    staged rows → links, hosts, domains (`sql/`), sampled (`sample`), placed (`shards`)
    write     links by shard, dataset rows in source order → the run directory
    put       a run that was made on this machine → the bucket that it is to lie in
    estimate  what the crawl will ask, fetch and take → `summary`, which prints it

`build` holds the flow.
"""
