import { createHash } from "node:crypto";
import { limits } from "@nc/cli-scope";
import { fail, ok, oneLine, parseJson, type Result } from "@gatehouse/std";
import {
  cadence,
  firstTime,
  mostTasks,
  readSchedule,
  type Schedule,
  scheduleMessage,
} from "@gatehouse/tasks";
import type { ConvertedRows, ImportedRow, RowNote } from "./convert-rows.ts";
import { fieldReader, tooLong, type FieldReader, type LegacyRow, utc } from "./field-reader.ts";
import { taskSource, type LegacyTask, type LegacyTasks } from "./folder/read-tasks.ts";

export type ConvertedTasks = {
  readonly rows: readonly ImportedRow[];
  /** What agents will do at their times: sentences for a person. */
  readonly sentences: readonly string[];
  readonly leftOut: readonly RowNote[];
};

/** The imported rows, nanoclaw's sessions, the timezone of each group, and the present time, ISO 8601. */
type TaskPlace = {
  readonly rows: ConvertedRows["rows"];
  readonly sessions: readonly LegacyRow[];
  readonly zoneOf: (groupId: string) => string;
  readonly now: string;
};

/**
 * Converts nanoclaw's tasks. A task of a chat's session stays a message of that conversation; others have a session of their
 * own. Leaves out what has no schedule, chat or text here, each with the reason.
 */
export const convertTasks = ({ tasks, leftOut: unread }: LegacyTasks, place: TaskPlace): ConvertedTasks => {
  const rows: ImportedRow[] = [];
  const sentences: string[] = [];
  const leftOut: RowNote[] = [...unread];
  for (const task of tasks) {
    const made = convertTask(task, place);
    const problem = made.ok ? placeless(made.value.row, rows) : made.error;
    if (!made.ok || problem !== null)
      leftOut.push({
        table: taskSource,
        key: `${task.groupId} ${String(task.row["id"])}`,
        why: problem ?? "",
      });
    else {
      rows.push(made.value.row);
      sentences.push(made.value.says);
    }
  }
  return { rows, sentences, leftOut };
};

/** Why a task has no place beside those before it; null if it has. */
const placeless = (
  { id, agent_group_id: groupId }: ImportedRow,
  before: readonly ImportedRow[],
): string | null => {
  if (before.some((row) => row["id"] === id)) return "an earlier row is of the same series";
  const count = before.filter((row) => row["agent_group_id"] === groupId).length;
  return count < mostTasks ? null : `its group has ${mostTasks} tasks already, which is the most`;
};

type Made = { readonly row: ImportedRow; readonly says: string };

const convertTask = (task: LegacyTask, place: TaskPlace): Result<Made, string> => {
  const { groupId, sessionId, row } = task;
  const field = fieldReader(row, place.now);
  const group = place.rows.agent_groups.find(({ id }) => id === groupId);
  if (group === undefined) return fail(`its group ${groupId} is not imported`);
  if (row["kind"] !== "task") return fail("only a task can come at times, and its kind is another");
  const series = field.optional("series_id") ?? field.text("id");
  const text = textIn(row["content"]);
  if (!text.ok) return text;
  const chat = chatOf(task, field, place);
  if (!chat.ok) return chat;
  const schedule = scheduleOf(field, { zone: place.zoneOf(groupId), now: place.now });
  const [problem] = field.problems;
  if (problem !== undefined) return fail(problem);
  if (!schedule.ok) return schedule;
  const next = firstTime(schedule.value, Date.parse(place.now), null);
  const { id: chatId, hasOwnSession, threadId } = chat.value;
  return ok({
    row: {
      id: `ta-${createHash("sha256").update(`${groupId}\n${sessionId}\n${series}`).digest("hex").slice(0, 32)}`,
      agent_group_id: groupId,
      messaging_group_id: chatId,
      thread_id: threadId,
      has_own_session: hasOwnSession ? 1 : 0,
      text: text.value,
      schedule: JSON.stringify(schedule.value),
      missed: "latest",
      status: row["status"] === "paused" ? "paused" : "active",
      paused_because: row["status"] === "paused" ? "it was paused in nanoclaw" : null,
      next_at: next === null ? null : new Date(next).toISOString(),
      created_at: place.now,
      created_by: "import",
    },
    says: `${String(group["folder"])}: ${cadence(schedule.value)}: ${oneLine(text.value)}`,
  });
};

/** The text of a task. nanoclaw's script decides by its output, and `--if` by its exit code, so it is not taken over. */
const textIn = (content: unknown): Result<string, string> => {
  const read = typeof content === "string" ? parseJson(content) : null;
  const { prompt, text, script } = Object(read) as Readonly<Record<string, unknown>>;
  const said = prompt ?? text;
  if (typeof script === "string" && script.trim() !== "")
    return fail("a script of its own decides by its output whether it runs: make it anew, with --if");
  if (typeof said !== "string" || said.trim() === "") return fail("its content has no prompt");
  return said.length > limits.text ? fail(tooLong("its prompt")) : ok(said);
};

type Chat = { readonly id: string; readonly threadId: string | null; readonly hasOwnSession: boolean };

/** The chat that the row names, else that of its session. */
const chatOf = (
  { groupId, sessionId }: LegacyTask,
  field: FieldReader,
  { rows, sessions }: TaskPlace,
): Result<Chat, string> => {
  const [channel, platform] = [field.optional("channel_type"), field.optional("platform_id")];
  const session = sessions.find(({ id }) => id === sessionId);
  const ofSession = session?.["messaging_group_id"] ?? null;
  const named = rows.messaging_groups.filter(
    (chat) => chat["channel_type"] === channel && chat["platform_id"] === platform,
  );
  const ids = channel === null || platform === null ? [ofSession] : named.map(({ id }) => id);
  const wired = ids.find((id) =>
    rows.messaging_group_agents.some(
      (wiring) => wiring["messaging_group_id"] === id && wiring["agent_group_id"] === groupId,
    ),
  );
  if (wired === undefined) return fail("its group does not answer in its chat, or it names none");
  const threadId = field.optional("thread_id");
  return ok({ id: String(wired), threadId, hasOwnSession: ofSession === null });
};

const scheduleOf = (
  field: FieldReader,
  { zone, now }: { readonly zone: string; readonly now: string },
): Result<Schedule, string> => {
  const cron = field.optional("recurrence");
  const due = field.optional("process_after");
  const at = due === null ? null : utc(due);
  if (cron === null && at === null) return fail("it has neither a recurrence nor a time");
  const read = readSchedule(cron === null ? { at: at ?? "" } : { cron }, { zone, now: Date.parse(now) });
  if (read.ok) return read;
  return fail(read.error.code === "past" ? `its time has passed (${at ?? ""})` : scheduleMessage(read.error));
};
