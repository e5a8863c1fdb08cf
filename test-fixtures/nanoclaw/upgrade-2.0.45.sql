-- What later releases added, up to 2.0.45, and what stands in it.
CREATE TABLE agent_destinations (agent_group_id TEXT NOT NULL REFERENCES agent_groups(id), local_name TEXT NOT NULL,
  target_type TEXT NOT NULL, target_id TEXT NOT NULL, created_at TEXT NOT NULL, PRIMARY KEY (agent_group_id, local_name));
CREATE TABLE unregistered_senders (channel_type TEXT NOT NULL, platform_id TEXT NOT NULL, user_id TEXT, sender_name TEXT,
  reason TEXT NOT NULL, messaging_group_id TEXT, agent_group_id TEXT, message_count INTEGER NOT NULL DEFAULT 1,
  first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, PRIMARY KEY (channel_type, platform_id));
CREATE TABLE pending_approvals (approval_id TEXT PRIMARY KEY, session_id TEXT REFERENCES sessions(id), request_id TEXT NOT NULL,
  action TEXT NOT NULL, payload TEXT NOT NULL, created_at TEXT NOT NULL, agent_group_id TEXT REFERENCES agent_groups(id),
  channel_type TEXT, platform_id TEXT, platform_message_id TEXT, expires_at TEXT, status TEXT NOT NULL DEFAULT 'pending',
  title TEXT NOT NULL DEFAULT '', options_json TEXT NOT NULL DEFAULT '[]');
ALTER TABLE messaging_groups ADD COLUMN denied_at TEXT;
ALTER TABLE messaging_group_agents ADD COLUMN engage_mode TEXT;
ALTER TABLE messaging_group_agents ADD COLUMN engage_pattern TEXT;
ALTER TABLE messaging_group_agents ADD COLUMN sender_scope TEXT;
ALTER TABLE messaging_group_agents ADD COLUMN ignored_message_policy TEXT;
UPDATE messaging_group_agents SET engage_mode = 'pattern', engage_pattern = '.', sender_scope = 'all', ignored_message_policy = 'drop';
UPDATE messaging_group_agents SET engage_pattern = '^!r ', sender_scope = 'known' WHERE id = 'mga-1776850000006-w2';
UPDATE messaging_group_agents SET engage_mode = 'mention-sticky', engage_pattern = NULL, ignored_message_policy = 'accumulate'
  WHERE id = 'mga-1776850000007-w3';
ALTER TABLE messaging_group_agents DROP COLUMN trigger_rules;
ALTER TABLE messaging_group_agents DROP COLUMN response_scope;

UPDATE messaging_groups SET denied_at = '2026-05-01T08:00:00.000Z' WHERE id = 'mg-1776850000002-family';

INSERT INTO agent_destinations VALUES
  ('ag-1776850000000-x1y2z3', 'family', 'channel', 'mg-1776850000002-family', '2026-04-28T09:00:00.000Z'),
  ('ag-1776850000000-x1y2z3', 'research', 'agent', '3f2a0e4c-9d1b-4c55-8a77-5b1f0c2d9e10', '2026-04-28T09:00:00.000Z'),
  ('ag-1776940000000-noconf', 'gone', 'agent', 'ag-that-is-gone', '2026-04-28T09:00:00.000Z');

INSERT INTO unregistered_senders VALUES
  ('telegram', 'telegram:5005', NULL, 'Stranger', 'unknown_sender', NULL, NULL, 3, '2026-04-29T09:00:00.000Z', '2026-04-30T09:00:00.000Z'),
  ('discord', 'discord:900:902', 'discord:7', NULL, 'no_agent_wired', 'mg-that-is-gone', NULL, 1, '2026-04-29T09:00:00.000Z', '2026-04-29T09:00:00.000Z');

INSERT INTO pending_approvals (approval_id, session_id, request_id, action, payload, created_at, agent_group_id) VALUES
  ('appr-1', 'sess-1776850000010-s2', 'cli-1', 'cli_command', '{"frame":{"command":"groups-config-add-mcp-server","args":{"env":"{\"TOKEN\":\"s3cret-in-an-approval\"}"}}}', '2026-05-01T08:00:00.000Z', '3f2a0e4c-9d1b-4c55-8a77-5b1f0c2d9e10');

-- Rows that point nowhere, as deletions with foreign keys switched off leave them behind.
INSERT INTO messaging_group_agents (id, messaging_group_id, agent_group_id, engage_mode, engage_pattern, sender_scope, ignored_message_policy, created_at)
  VALUES ('mga-orphan', 'mg-1776850000001-dmana1', 'ag-that-is-gone', 'pattern', '.', 'all', 'drop', '2026-04-28T09:00:00.000Z');
INSERT INTO agent_group_members VALUES
  ('telegram:9999', 'ag-1776940000000-noconf', NULL, '2026-04-28T09:00:00.000Z'),
  ('discord:2002', 'ag-1776940000000-noconf', 'telegram:9999', '2026-04-28T09:00:00.000Z');
INSERT INTO sessions VALUES
  ('sess-orphan', 'ag-that-is-gone', NULL, NULL, NULL, 'active', 'running', NULL, '2026-04-28T09:00:00.000Z');
-- Nulls differ in a primary key of SQLite, so a role in all groups can stand twice.
INSERT INTO user_roles VALUES ('telegram:1001', 'owner', NULL, NULL, '2026-04-28T09:00:00.000Z');
