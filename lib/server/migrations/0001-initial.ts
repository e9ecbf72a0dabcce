/**
 * Sessions, messages and their full-text indexes.
 *
 * A message's id is its session's id times 2^20 plus its number in the session. So a session's
 * messages stand together on disk in the order of arrival, and a search hit names its session
 * without a look-up. Numbers are REAL: OpenSync takes any JSON number, also fractions.
 *
 * The indexes hold no text of their own ("contentless"). `message_search` has neither positions
 * nor columns (`detail=none`), which makes it a third of the size and twice as fast to write.
 * Marks (`M*`) are part of words, as in the languages that use them. Queries have to be cut at the
 * same places (`words.ts`), because `detail=none` takes no phrases.
 * Messages in `search_pending` are stored but not yet in `message_search`.
 */
export const initial = `
-- Tells this database from any other, so that a client knows when it was replaced.
CREATE TABLE identity (id TEXT NOT NULL) STRICT;
INSERT INTO identity VALUES (lower(hex(randomblob(16))));

CREATE TABLE sessions (
  id INTEGER PRIMARY KEY,
  external_id TEXT NOT NULL UNIQUE,
  title TEXT,
  project_path TEXT,
  project_name TEXT,
  model TEXT,
  provider TEXT,
  source TEXT NOT NULL,
  prompt_tokens REAL NOT NULL,
  completion_tokens REAL NOT NULL,
  total_tokens REAL NOT NULL,
  cost REAL NOT NULL,
  duration_ms REAL,
  message_count INTEGER NOT NULL,
  created_at REAL NOT NULL,
  updated_at REAL NOT NULL
) STRICT;
CREATE INDEX sessions_by_update ON sessions (updated_at);

CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  external_id TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at REAL NOT NULL,
  model TEXT,
  prompt_tokens REAL,
  completion_tokens REAL,
  duration_ms REAL,
  -- The number of the text part that repeats the text; text_content is then NULL.
  text_part INTEGER,
  text_content TEXT,
  parts TEXT NOT NULL,
  UNIQUE (session_id, external_id)
) STRICT;

CREATE TABLE search_pending (
  message_id INTEGER PRIMARY KEY,
  -- Whether message_search holds an older text of the message.
  is_indexed INTEGER NOT NULL
) STRICT;

CREATE VIRTUAL TABLE message_search USING fts5 (
  text, content = '', contentless_delete = 1, detail = none,
  tokenize = "unicode61 categories 'L* N* Co M*'"
);
INSERT INTO message_search (message_search, rank)
  VALUES ('automerge', 16), ('hashsize', 16777216);

CREATE VIRTUAL TABLE title_search USING fts5 (
  title, content = '', contentless_delete = 1,
  tokenize = "unicode61 categories 'L* N* Co M*'"
);
`;
