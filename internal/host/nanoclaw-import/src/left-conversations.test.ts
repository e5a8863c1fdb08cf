import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { describe, expect, onTestFinished, test } from "vitest";
import { openSqlite } from "@gatehouse/sqlite";
import { readConversations } from "./folder/conversations.ts";
import { leftConversations } from "./left-conversations.ts";

const root = "data/v2-sessions";

const nanoclaw = (...folders: readonly string[]): string => {
  const folder = mkdtempSync(join(tmpdir(), "nanoclaw-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const path of folders) mkdirSync(join(folder, root, path), { recursive: true });
  return folder;
};

const database = async (file: string, ...statements: readonly string[]): Promise<void> => {
  const opened = await openSqlite(file);
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  for (const statement of statements) await sql.raw(statement).execute(opened.value.db);
  await opened.value.close();
};

const inbound =
  "create table messages_in (id text, kind text, status text, process_after text, recurrence text, series_id text, trigger integer, content text, timestamp text)";
const message = (id: string, kind: string, status = "pending", trigger = 1, content = "s3cret") =>
  `insert into messages_in values ('${id}', '${kind}', '${status}', null, null, null, ${trigger}, '${content}', 'T${id}')`;

const linesOf = async (folder: string) => {
  const conversations = await readConversations(folder);
  const left = await leftConversations(folder, { conversations, resumed: new Set() });
  return left.map(({ what, count, why }) => `${what} (${count}): ${why}`);
};

const stays =
  "conversations that no session here can go on with stay where they are: closed ones, and those without a transcript of Claude Code";
const unanswered = "it was never answered, and cannot be answered here";

describe("leftConversations", () => {
  test("returns nothing without conversations", async () => {
    expect(await linesOf(nanoclaw())).toEqual([]);
  });

  test("names the folder of each group's CLI, with the number of files", async () => {
    const folder = nanoclaw("ag-1/.claude-shared/projects", "ag-2/se-1");
    writeFileSync(join(folder, root, "ag-1/.claude-shared/settings.json"), "{}");
    writeFileSync(join(folder, root, "ag-1/.claude-shared/projects/a.jsonl"), "");
    expect(await linesOf(folder)).toEqual([
      `data/v2-sessions (1): ${stays}`,
      "data/v2-sessions/ag-1/.claude-shared (2): the group's CLI keeps its settings, keys and conversations there; what is not named as brought along stays",
    ]);
  });

  test("names each planned task, and each unanswered message by its sender and without its text", async () => {
    const folder = nanoclaw("ag-1/se-1");
    const session = join(folder, root, "ag-1/se-1");
    await database(
      join(session, "inbound.db"),
      inbound,
      "insert into messages_in values ('t1', 'task', 'pending', '2026-06-01T09:00:00Z', '0 9 * * *', 'daily', 1, 's3cret', null)",
      "insert into messages_in values ('t2', 'task', 'paused', '2026-07-01T09:00:00Z', null, null, 1, 's3cret', null)",
      message("t3", "task", "completed"),
      message("m1", "chat", "pending", 1, '{"text":"s3cret","sender":"Ana"}'),
      message("m2", "chat-sdk", "processing"),
      message("acked", "chat"),
      message("answered", "chat", "completed"),
      message("background", "chat", "pending", 0),
      message("note", "system"),
    );
    await database(
      join(session, "outbound.db"),
      "create table processing_ack (message_id text, status text)",
      "insert into processing_ack values ('acked', 'completed'), ('m1', 'processing')",
    );
    expect(await linesOf(folder)).toEqual([
      `data/v2-sessions (1): ${stays}`,
      "data/v2-sessions/ag-1/se-1 task daily (1): a task for 0 9 * * *: this host does not run it",
      "data/v2-sessions/ag-1/se-1 task t2 (1): a task for 2026-07-01T09:00:00Z, paused: this host does not run it",
      `data/v2-sessions/ag-1/se-1 message m1 (1): a message of Ana at Tm1: ${unanswered}`,
      `data/v2-sessions/ag-1/se-1 message m2 (1): a message at Tm2: ${unanswered}`,
    ]);
  });

  test("names a hundred messages of a conversation, and counts the others", async () => {
    const folder = nanoclaw("ag-1/se-1");
    const all = Array.from({ length: 130 }, (_, index) => message(`m${index}`, "chat"));
    await database(join(folder, root, "ag-1/se-1/inbound.db"), inbound, ...all);
    const lines = await linesOf(folder);
    expect(lines).toHaveLength(102);
    expect(lines.at(-1)).toBe(`data/v2-sessions/ag-1/se-1 messages (30): more of them: ${unanswered}`);
  });

  test.each([
    {
      what: "is not a database",
      spoil: (file: string) => writeFileSync(file, "no database ".repeat(99)),
      why: "cannot be read",
    },
    {
      what: "is a pipe",
      spoil: (file: string) => void execFileSync("mkfifo", [file]),
      why: "is no file",
    },
    {
      what: "has 4 GB of zeros",
      spoil: (file: string) => {
        writeFileSync(file, "");
        truncateSync(file, 4 * 2 ** 30);
      },
      why: "is longer than 256 MiB",
    },
    { what: "is a link", spoil: (file: string) => symlinkSync("/etc/hostname", file), why: "is no file" },
  ])("reports a conversation whose file $what", async ({ spoil, why }) => {
    const folder = nanoclaw("ag-1/se-1");
    spoil(join(folder, root, "ag-1/se-1/inbound.db"));
    const [, line] = await linesOf(folder);
    expect(line).toContain(
      "data/v2-sessions/ag-1/se-1 (1): its waiting tasks and messages are not known: inbound.db ",
    );
    expect(line).toContain(why);
  });
});
