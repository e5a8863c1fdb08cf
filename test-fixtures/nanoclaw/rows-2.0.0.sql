INSERT INTO schema_version VALUES (1, 'initial-v2-schema', '2026-04-22T09:00:00.000Z');

INSERT INTO agent_groups VALUES
  -- The owner's. Its container.json is whole.
  ('ag-1776850000000-x1y2z3', 'Ana''s agent', 'dm-with-ana', NULL, '2026-04-22T09:00:01.000Z'),
  -- An id with dashes, a provider in the old place that wins over the file's, a file with everything in it.
  ('3f2a0e4c-9d1b-4c55-8a77-5b1f0c2d9e10', 'Research', 'research', 'Codex', '2026-04-23 10:00:00'),
  -- No container.json.
  ('ag-1776940000000-noconf', 'Ops', 'ops', NULL, '2026-04-24T09:00:00.000Z'),
  -- A container.json that was cut off.
  ('ag-1776950000000-trunca', 'Cut off', 'cut-off', NULL, '2026-04-25T09:00:00.000Z'),
  -- A container.json with values of other types.
  ('ag-1776960000000-wrongt', 'Wrong types', 'wrong-types', NULL, '2026-04-26T09:00:00.000Z'),
  -- No folder at all.
  ('ag-1776970000000-nofold', 'Quiet', 'quiet', 'claude', '2026-04-27T09:00:00.000Z');

INSERT INTO messaging_groups VALUES
  ('mg-1776850000001-dmana1', 'telegram', 'telegram:1001', 'Ana', 0, 'strict', '2026-04-22T09:00:02.000Z'),
  ('mg-1776850000002-family', 'telegram', 'telegram:-100200', 'Family', 1, 'request_approval', '2026-04-22T09:00:03.000Z'),
  ('mg-1776850000003-discor', 'discord', 'discord:900:901', 'research', 1, 'public', '2026-04-23T10:00:01.000Z'),
  ('mg-1776850000004-slackd', 'slack', 'slack:D0BOB', 'Bob', 0, 'strict', '2026-04-24T09:00:01.000Z');

-- What was said of a trigger before engage modes: a pattern, every message, and only a mention.
INSERT INTO messaging_group_agents VALUES
  ('mga-1776850000005-w1', 'mg-1776850000001-dmana1', 'ag-1776850000000-x1y2z3', NULL, 'all', 'shared', 0, '2026-04-22T09:00:04.000Z'),
  ('mga-1776850000006-w2', 'mg-1776850000003-discor', '3f2a0e4c-9d1b-4c55-8a77-5b1f0c2d9e10', '{"pattern":"^!r "}', 'allowlisted', 'per-thread', 5, '2026-04-23T10:00:02.000Z'),
  ('mga-1776850000007-w3', 'mg-1776850000002-family', 'ag-1776940000000-noconf', '{"requiresTrigger":true}', 'triggered', 'shared', 0, '2026-04-24T09:00:02.000Z'),
  ('mga-1776850000008-w4', 'mg-1776850000004-slackd', 'ag-1776940000000-noconf', '{not json', 'all', 'shared', 0, '2026-04-24T09:00:03.000Z');

INSERT INTO users VALUES
  ('telegram:1001', 'telegram', 'Ana', '2026-04-22T09:00:00.000Z'),
  ('discord:2002', 'discord', 'Mia', '2026-04-23T10:00:00.000Z'),
  ('slack:U0BOB', 'slack', 'Bob', '2026-04-24T09:00:00.000Z');

INSERT INTO user_roles VALUES
  ('telegram:1001', 'owner', NULL, NULL, '2026-04-22T09:00:01.000Z'),
  ('discord:2002', 'admin', '3f2a0e4c-9d1b-4c55-8a77-5b1f0c2d9e10', 'telegram:1001', '2026-04-23T10:00:03.000Z');

INSERT INTO agent_group_members VALUES
  ('telegram:1001', 'ag-1776850000000-x1y2z3', NULL, '2026-04-22T09:00:01.000Z'),
  ('slack:U0BOB', 'ag-1776940000000-noconf', 'telegram:1001', '2026-04-24T09:00:04.000Z');

INSERT INTO user_dms VALUES
  ('slack:U0BOB', 'slack', 'mg-1776850000004-slackd', '2026-04-24T09:00:05.000Z');

INSERT INTO sessions VALUES
  ('sess-1776850000009-s1', 'ag-1776850000000-x1y2z3', 'mg-1776850000001-dmana1', NULL, NULL, 'active', 'running', '2026-05-01T08:00:00.000Z', '2026-04-22T09:05:00.000Z'),
  ('sess-1776850000010-s2', '3f2a0e4c-9d1b-4c55-8a77-5b1f0c2d9e10', 'mg-1776850000003-discor', 'thread-1', 'claude', 'active', 'idle', NULL, '2026-04-23T10:05:00.000Z'),
  ('sess-1776850000011-s3', 'ag-1776940000000-noconf', NULL, NULL, NULL, 'closed', 'stopped', NULL, '2026-04-24T09:05:00.000Z');
