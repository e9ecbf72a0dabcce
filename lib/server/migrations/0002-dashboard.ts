/**
 * What the dashboard needs: when something was last said in a session, its messages in their order,
 * counts of tools, and indexes to filter and sort by.
 *
 * An upgrade reads every message several times, for the indexes and for the tools that it calls:
 * about ten seconds for two million messages, more on a slow disk. All else takes a moment.
 *
 * Tools are counted by triggers, so that the view `tool_calls` alone says what a call is.
 */
export const dashboard = `
-- Ids are never given twice: a page that is still open must not show, or delete, another session.
ALTER TABLE identity ADD COLUMN last_removed_session INTEGER NOT NULL DEFAULT 0;

CREATE INDEX messages_in_order ON messages (session_id, created_at);
CREATE INDEX prompts_in_order ON messages (session_id, created_at) WHERE role = 'user';

ALTER TABLE sessions ADD COLUMN last_message_at REAL NOT NULL DEFAULT 0;
UPDATE sessions SET last_message_at = coalesce(
  (SELECT max(created_at) FROM messages WHERE session_id = sessions.id), created_at);
CREATE INDEX sessions_by_last_message ON sessions (last_message_at);

ALTER TABLE sessions ADD COLUMN project TEXT
  AS (coalesce(nullif(project_path, ''), project_name, '')) VIRTUAL;
CREATE INDEX sessions_by_project ON sessions (project);
CREATE INDEX sessions_by_model ON sessions (coalesce(model, ''));
CREATE INDEX sessions_by_source ON sessions (source);

-- The beginning of the id that pi's client puts before the title of a fork.
ALTER TABLE sessions ADD COLUMN fork_of TEXT AS (CASE
  WHEN title GLOB '[[]Fork::*] *' THEN substr(title, 8, instr(title, '] ') - 8)
  WHEN title GLOB '[[]Subagent] [[]Fork::*] *'
    THEN substr(title, 19, instr(substr(title, 19), '] ') - 1)
END) VIRTUAL;
CREATE INDEX sessions_by_parent ON sessions (fork_of) WHERE fork_of IS NOT NULL;

CREATE TABLE session_tools (
  session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  tool TEXT NOT NULL,
  calls INTEGER NOT NULL,
  PRIMARY KEY (session_id, tool)
) STRICT, WITHOUT ROWID;

CREATE VIEW tool_calls AS
  SELECT messages.id AS message_id, session_id, substr(coalesce(
      part.value ->> '$.content.name', part.value ->> '$.content.toolName', 'tool'), 1, 100) AS tool
  FROM messages CROSS JOIN json_each(messages.parts) AS part
  WHERE instr(messages.parts, '"tool-call"') AND part.value ->> '$.type' = 'tool-call';

INSERT INTO session_tools
  SELECT session_id, tool, count(*) FROM tool_calls GROUP BY session_id, tool;
CREATE INDEX session_tools_by_tool ON session_tools (tool, calls);

CREATE TRIGGER count_tools_of_new AFTER INSERT ON messages
  WHEN instr(new.parts, '"tool-call"')
BEGIN
  INSERT INTO session_tools
    SELECT session_id, tool, count(*) FROM tool_calls WHERE message_id = new.id GROUP BY tool
    ON CONFLICT DO UPDATE SET calls = session_tools.calls + excluded.calls;
END;

CREATE TRIGGER discount_tools_of_old BEFORE UPDATE OF parts ON messages
  WHEN old.parts <> new.parts AND instr(old.parts, '"tool-call"')
BEGIN
  UPDATE session_tools SET calls = session_tools.calls - before.calls
    FROM (SELECT tool, count(*) AS calls FROM tool_calls WHERE message_id = old.id GROUP BY tool)
      AS before
    WHERE session_id = old.session_id AND session_tools.tool = before.tool;
END;

CREATE TRIGGER count_tools_of_changed AFTER UPDATE OF parts ON messages
  WHEN old.parts <> new.parts
BEGIN
  INSERT INTO session_tools
    SELECT session_id, tool, count(*) FROM tool_calls WHERE message_id = new.id GROUP BY tool
    ON CONFLICT DO UPDATE SET calls = session_tools.calls + excluded.calls;
  DELETE FROM session_tools WHERE session_id = new.session_id AND calls <= 0;
END;
`;
