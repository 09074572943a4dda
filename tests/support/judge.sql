-- Watches every table processed_file that is created in this database: a status that changes in a way
-- the contract does not list, or that leaves behind less than the contract promises, is refused, so
-- that the run under test fails. What happened is kept in judge.transition. All of it belongs to the
-- superuser; the role under test neither sees it nor can switch it off.

CREATE SCHEMA judge;

CREATE TABLE judge.transition (
  n bigint GENERATED ALWAYS AS IDENTITY,
  happened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
  file_id bigint NOT NULL,
  before text,
  after text NOT NULL,
  lease_owner text,
  lease_expires_at timestamptz,
  claim_token bigint,
  encrypted boolean NOT NULL -- whether the session that made the change used TLS
);

CREATE FUNCTION judge.transition() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = judge, pg_catalog AS $$
DECLARE
  before text := CASE WHEN TG_OP = 'UPDATE' THEN OLD.status::text END;
  after text := NEW.status::text;
  change text := coalesce(before, 'new') || ' -> ' || after;
BEGIN
  IF TG_OP = 'UPDATE' AND coalesce(NEW.claim_token, 0) < coalesce(OLD.claim_token, 0) THEN
    RAISE 'judge: the claim token of file % fell from % to %', NEW.id, OLD.claim_token, NEW.claim_token;
  END IF;
  IF before = after THEN
    RETURN NULL;
  END IF;
  IF change NOT IN ('new -> pending', 'pending -> processing', 'processing -> completed',
                    'processing -> failed', 'failed -> pending', 'processing -> pending',
                    'completed -> pending') THEN
    RAISE 'judge: file % went %', NEW.id, change;
  END IF;
  IF change = 'completed -> pending'
     AND (OLD.rows_written, OLD.lines_rejected, OLD.first_timestamp, OLD.last_timestamp)
         IS DISTINCT FROM (NEW.rows_written, NEW.lines_rejected, NEW.first_timestamp, NEW.last_timestamp) THEN
    RAISE 'judge: file % is to be loaded again and has forgotten which rows it has', NEW.id;
  END IF;
  IF after = 'processing' AND (NEW.lease_owner IS NULL OR NEW.lease_expires_at IS NULL
                               OR coalesce(NEW.claim_token, 0) <= coalesce(OLD.claim_token, 0)) THEN
    RAISE 'judge: file % was claimed without owner, lease or a new token', NEW.id;
  END IF;
  IF after = 'completed' AND (NEW.processed_at IS NULL OR NEW.rows_written IS NULL OR NEW.lines_rejected IS NULL) THEN
    RAISE 'judge: file % completed without saying when and how much', NEW.id;
  END IF;
  IF after = 'failed' AND (NOT coalesce(NEW.metadata ?& ARRAY['error', 'stage', 'attempt', 'replica', 'at'], false)
                           OR NEW.metadata ->> 'stage' NOT IN ('fetch', 'inflate', 'decode', 'write')
                           OR NEW.rows_written IS DISTINCT FROM 0) THEN
    RAISE 'judge: file % failed without its reasons: % (rows_written %)', NEW.id, NEW.metadata, NEW.rows_written;
  END IF;
  INSERT INTO judge.transition (file_id, before, after, lease_owner, lease_expires_at, claim_token, encrypted)
  SELECT NEW.id, before, after, NEW.lease_owner, NEW.lease_expires_at, NEW.claim_token, ssl
  FROM pg_stat_ssl WHERE pid = pg_backend_pid();
  RETURN NULL;
END $$;

CREATE FUNCTION judge.watch() RETURNS event_trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = judge, pg_catalog AS $$
DECLARE
  created record;
BEGIN
  FOR created IN
    SELECT c.oid FROM pg_event_trigger_ddl_commands() d JOIN pg_class c ON c.oid = d.objid
    WHERE d.classid = 'pg_class'::regclass AND c.relname = 'processed_file' AND c.relkind IN ('r', 'p')
  LOOP
    EXECUTE format('CREATE TRIGGER judge AFTER INSERT OR UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION judge.transition()',
                   created.oid::regclass);
  END LOOP;
END $$;

CREATE EVENT TRIGGER judge ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION judge.watch();
