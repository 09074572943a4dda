#include "ledger/migrations.hpp"

#include <array>

namespace ingestor::ledger {
namespace {

// Column order of `log` is the order of the COPY rows; see normalise/column.hpp.
constexpr std::string_view tables = R"sql(
create table log (
  id                 uuid             not null,
  timestamp          timestamptz      not null,
  level              smallint,
  method             text,
  url                text,
  query              jsonb,
  headers            jsonb,
  context            text,
  message            text,
  auth_user_id       bigint,
  pid                integer,
  hostname           text,
  remote_address     text,
  remote_port        integer,
  processing_time_ms double precision,
  cache_hit          boolean,
  document_count     bigint,
  last_updated       timestamptz,
  params             jsonb,
  raw_data           jsonb            not null
);
comment on table log is 'One row a log line; id names its file and line: ingestor_file(id), ingestor_line(id)';

create type processed_file_status as enum ('pending', 'processing', 'completed', 'failed');

create table processed_file (
  id               bigint generated always as identity primary key,
  bucket           text                  not null,
  s3_key           text                  not null,
  etag             text                  not null,
  size             bigint                not null,
  last_modified    timestamptz           not null,
  status           processed_file_status not null default 'pending',
  attempts         integer               not null default 0,
  lease_expiries   integer               not null default 0,
  claim_token      bigint                not null default 0,
  lease_owner      text,
  lease_session    bigint, -- which process claimed it last, whatever its name
  lease_expires_at timestamptz,
  next_attempt_at  timestamptz,
  discovered_at    timestamptz           not null default now(),
  queued_at        timestamptz           not null default now(), -- its place in the queue
  processed_at     timestamptz,
  rows_written     bigint                not null default 0,
  lines_rejected   bigint                not null default 0,
  first_timestamp  timestamptz,
  last_timestamp   timestamptz,
  metadata         jsonb                 not null default '{}',
  unique (bucket, s3_key)
);
comment on table processed_file is 'The ledger: queue, lock and result of every object';

-- One for each question a claim asks; each covers only the rows that the question is about.
create index processed_file_pending on processed_file (bucket, queued_at, id) where status = 'pending';
create index processed_file_retry on processed_file (next_attempt_at) where status = 'failed' and next_attempt_at is not null;
create index processed_file_failed on processed_file (bucket, processed_at) where status = 'failed';
create index processed_file_lease on processed_file (lease_expires_at) where status = 'processing';

create table rejected_line (
  file_id     bigint      not null,
  line        bigint      not null,
  byte_offset bigint      not null,
  reason      text        not null,
  raw         bytea       not null,
  rejected_at timestamptz not null default now()
);
create index rejected_line_file on rejected_line (file_id, line);
comment on table rejected_line is 'Lines that could not become a row of log, as they were';
)sql";

// ingestor_file and ingestor_line invert normalise::line_id(). A uuid's text is
// xxxxxxxx-xxxx-8xxx-yxxx-xxxxxxxxxxxx: the file's 15 digits are those before and after the
// version, the line's are the last 16 without the two bits of the variant.
constexpr std::string_view functions = R"sql(
create function ingestor_file(id uuid) returns bigint
language sql immutable strict parallel safe
as $$
  select ('x' || substr(id::text, 1, 8) || substr(id::text, 10, 4) || substr(id::text, 16, 3))
         ::bit(60)::bigint
$$;

create function ingestor_line(id uuid) returns bigint
language sql immutable strict parallel safe
as $$
  select ('x' || substr(id::text, 20, 4) || substr(id::text, 25, 12))::bit(64)::bigint
         & 4611686018427387903
$$;
comment on function ingestor_file(uuid) is 'processed_file.id of the file that a row of log came from';
comment on function ingestor_line(uuid) is 'The number of the line, in its file, that became a row of log';

create function ingestor_fence(fenced bigint, expected bigint) returns bigint
language plpgsql as $$
begin
  if fenced <> expected then
    raise exception 'the claim was lost: % of % files are still held under their token', fenced, expected
      using errcode = 'IG001';
  end if;
  return fenced;
end $$;
comment on function ingestor_fence(bigint, bigint) is 'Ends a transaction whose claim another replica has taken';
)sql";

constexpr std::string_view time_dimension = R"sql(
do $$
begin
  if exists (select from pg_extension where extname = 'timescaledb') then
    perform create_hypertable('log', 'timestamp',
      chunk_time_interval => current_setting('ingestor.chunk_interval')::interval);
  else
    create index log_timestamp_idx on log (timestamp desc);
  end if;
end $$;
)sql";

constexpr std::string_view overwritten = R"sql(
alter table processed_file add column overwritten_etag text;
comment on column processed_file.overwritten_etag is
  'Of a completed file: what its object is now, which is not what was loaded';
create index processed_file_overwritten on processed_file (bucket) where overwritten_etag is not null;
)sql";

// Updated every few seconds by each replica, in place: no index but the key's, and room in its
// pages.
constexpr std::string_view replicas = R"sql(
create table ingestor_replica (
  session          bigint           primary key, -- processed_file.lease_session of its files
  name             text             not null,
  bucket           text             not null,
  key_prefix       text             not null,
  version          text             not null,
  state            text             not null,
  started_at       timestamptz      not null,
  seen_at          timestamptz      not null default now(),
  files_completed  bigint           not null,
  files_failed     bigint           not null,
  rows_written     bigint           not null,
  lines_rejected   bigint           not null,
  bytes_compressed bigint           not null,
  rows_per_second  double precision not null,
  bytes_per_second double precision not null,
  fetchers         jsonb            not null check (jsonb_typeof(fetchers) = 'array')
) with (fillfactor = 20);
comment on table ingestor_replica is
  'What each running replica last said of itself; for people, nothing depends on it';

-- The latest files with rejected lines, however many files there are.
create index processed_file_rejects on processed_file (bucket, processed_at) where lines_rejected > 0;
)sql";

constexpr std::array<migration, 5> steps{{
    {1, "tables", tables},
    {2, "functions", functions},
    {3, "time dimension of log", time_dimension},
    {4, "overwritten objects", overwritten},
    {5, "reports of the replicas", replicas},
}};

}  // namespace

std::span<const migration> migrations() {
  return steps;
}

}  // namespace ingestor::ledger
