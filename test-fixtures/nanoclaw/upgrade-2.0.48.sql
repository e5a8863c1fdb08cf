-- With 2.0.48 the configuration moved into the database, and container.json became a view of it.
CREATE TABLE container_configs (agent_group_id TEXT PRIMARY KEY REFERENCES agent_groups(id) ON DELETE CASCADE, provider TEXT,
  model TEXT, effort TEXT, image_tag TEXT, assistant_name TEXT, max_messages_per_prompt INTEGER,
  skills TEXT NOT NULL DEFAULT '"all"', mcp_servers TEXT NOT NULL DEFAULT '{}', packages_apt TEXT NOT NULL DEFAULT '[]',
  packages_npm TEXT NOT NULL DEFAULT '[]', additional_mounts TEXT NOT NULL DEFAULT '[]', updated_at TEXT NOT NULL,
  cli_scope TEXT NOT NULL DEFAULT 'group');

INSERT INTO container_configs (agent_group_id, provider, model, cli_scope, mcp_servers, updated_at) VALUES
  -- Started before owners' groups were global: it lost its scope on that upgrade.
  ('ag-1776850000000-x1y2z3', NULL, 'claude-opus-4-6', 'group', '{}', '2026-05-09T20:00:00.000Z'),
  -- Another's, with a scope that somebody gave it.
  ('3f2a0e4c-9d1b-4c55-8a77-5b1f0c2d9e10', 'codex', NULL, 'global', '{"notes":{"command":"npx","args":["notes-mcp"],"env":{"TOKEN":"s3cret-in-a-row"}}}', '2026-05-09T20:00:00.000Z'),
  ('ag-1776940000000-noconf', NULL, NULL, 'disabled', '{}', '2026-05-09T20:00:00.000Z'),
  -- What nothing checked before it was saved.
  ('ag-1776960000000-wrongt', '', '', 'group', 'not json', '2026-05-09T20:00:00.000Z');
