-- The registry: a kind of signal counts when its file is in this list.
select * from hash_signals
union all
select * from word_signals
union all
select * from own_record_signals
union all
select * from personal_data_signals
union all
select * from dataset_signals
union all
select * from file_flag_signals
union all
select * from opt_out_signals
union all
select * from exposed_signals
union all
select * from camera_name_signals
union all
select * from drift_signals
union all
select * from meaning_signals
