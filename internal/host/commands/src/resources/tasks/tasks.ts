import {
  defineCommand,
  type Args,
  type Command,
  type CommandError,
  type Flag,
  type Reply,
  type Row,
} from "@nc/cli-scope";
import {
  type CommandContext,
  done,
  nameOfActor,
  type ReadContext,
  refused,
  type ResourceOf,
} from "@gatehouse/command-context";
import type { Result } from "@gatehouse/std";
import { cadence, firstTime, missedText, nextTimes, shortText, timeText } from "@gatehouse/tasks";
import { inOrder, withNames } from "../readable-list.ts";
import { access, storedResource, type StoredResource } from "../stored-resource.ts";
import { createTask, updateTask } from "./save-task.ts";
import {
  aboutTask,
  conditionLines,
  findTask,
  historyText,
  noTask,
  runsText,
  type Task,
  taskIn,
  timesText,
} from "./task.ts";

const resource: ResourceOf<"tasks"> = {
  name: "task",
  plural: "tasks",
  description: "What an agent does at its times: once, at an interval, or at clock times.",
  id: { description: "The task.", example: "ta-1" },
  rowGroup: "agent_group_id",
  columns: [
    { name: "id", type: "string", description: "ta-<uuid>" },
    { name: "agent_group_id", type: "string", description: "The agent group whose agent does it." },
    { name: "messaging_group_id", type: "string", description: "The chat to which its answers go." },
    { name: "thread_id", type: "string", description: "The thread of that chat." },
    { name: "has_own_session", type: "integer", description: "0 if its runs are messages of the chat." },
    { name: "text", type: "string", description: "What the agent shall do." },
    { name: "schedule", type: "string", description: "Its schedule, as JSON." },
    { name: "missed", type: "string", description: "Which of the times that passed it runs for." },
    { name: "within_ms", type: "integer", description: "How late it may run, ms." },
    { name: "condition", type: "string", description: "The command that decides whether the agent wakes." },
    { name: "status", type: "string", description: "active, paused or ended." },
    { name: "paused_because", type: "string", description: "Why it is paused." },
    { name: "next_at", type: "string", description: "The first time that has neither run nor been missed." },
    { name: "last_at", type: "string", description: "The last time that ran or was missed." },
    { name: "failures", type: "integer", description: "How many runs failed in a row." },
    { name: "created_at", type: "string", description: "When it was made." },
    { name: "created_by", type: "string", description: "Who made it." },
  ],
  verbs: {},
};

const taskId = {
  name: "id",
  type: "string",
  description: "The task.",
  required: true,
  refersTo: "tasks",
} as const satisfies Flag;

/** An agent may make its group's tasks fewer without a person. */
const atOnce = { ...access.change, access: "open" } as const;

const about = { resource: "tasks", rowGroup: "agent_group_id" } as const;

const list: Command<CommandContext, ReadContext> = defineCommand({
  ...about,
  words: "tasks list",
  ...access.read,
  description: "List tasks, the newest first: when each runs, its next time, and how its last run ended.",
  examples: ["tasks list", "tasks list --group ag-1"],
  flags: [
    {
      name: "group",
      type: "string",
      description: "Only those of this agent group.",
      lock: "group",
      refersTo: "groups",
    },
    {
      name: "limit",
      type: "integer",
      description: "How many at most; 200 if not given.",
      min: 1,
      max: 10_000,
    },
  ],
  run: async ({ group, limit = 200 }, { context }) => {
    const where = group === undefined ? {} : { agent_group_id: group };
    const found = await context.rows("tasks").list({ where, limit });
    if (!found.ok) return found;
    const tasks = found.value.map(taskIn);
    const outcomes = await context.lastOutcomes(tasks.map(({ id }) => id));
    const rows = tasks.map((task): Row => ({
      id: task.id,
      text: shortText(task.text),
      cadence: cadence(task.schedule),
      next: nextText(task),
      status: task.status,
      last: outcomes.get(task.id) ?? null,
      agent_group_id: task.agent_group_id,
    }));
    const named = await withNames(rows, context);
    return done(named.map(inOrder(["id", "text", "cadence", "next", "status", "last", "group"])));
  },
});

/** The next time in the task's zone; null if it does not run. */
const nextText = ({ status, next_at: next, schedule: { zone } }: Task): string | null =>
  status !== "active" || next === null ? null : `${timeText(Date.parse(next), zone)} (${zone})`;

/** Runs that `get` shows. */
const shownRuns = 10;

const get: Command<CommandContext, ReadContext> = defineCommand({
  ...about,
  words: "tasks get",
  ...access.read,
  description: "Show one task in full: its next five times, and its last runs with their outcomes.",
  examples: ["tasks get ta-1"],
  flags: [taskId],
  positional: "id",
  run: async ({ id }, call) => {
    const { context } = call;
    const found = await findTask(id, context);
    if (!found.ok) return found;
    const task = found.value;
    const { schedule, status, next_at: next } = task;
    const { zone } = schedule;
    const isRunning = status === "active" && next !== null;
    // From the time of the row, which runs even if it has passed.
    const times = isRunning ? nextTimes(schedule, Date.parse(next) - 1, 5) : [];
    const runs = await context.taskRuns(id, shownRuns);
    const said = runs.map(({ at, missed, missed_until: until, outcome }) => ({
      at,
      outcome,
      missed,
      missed_until: until,
      says:
        outcome === "missed"
          ? missedText({ count: missed, first: Date.parse(at), last: Date.parse(until ?? at) }, zone)
          : `${timeText(Date.parse(at), zone)}: ${outcome}`,
    }));
    const data = {
      ...task,
      cadence: cadence(schedule),
      next_times: times.map((time) => new Date(time).toISOString()),
      runs: said.map(({ says: _says, ...run }) => run),
    };
    const human = [
      ...fieldLines(task),
      runsText(schedule),
      ...conditionLines(task.condition),
      await historyText(task, call),
      ...(times.length === 0 ? [] : ["The next times:", ...times.map((time) => `  ${timeText(time, zone)}`)]),
      ...(said.length === 0
        ? ["It has not run yet."]
        : ["The last runs:", ...said.map((run) => `  ${run.says}`)]),
    ];
    return done(data, { human: human.join("\n") });
  },
});

/** The fields that no sentence has. */
const fieldLines = ({
  schedule: _schedule,
  condition: _condition,
  has_own_session: _isOwn,
  next_at: _next,
  ...fields
}: Task) =>
  Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name.padEnd("messaging_group_id".length)}  ${String(value)}`);

/** The task, with its next five times in the reply. */
const changed = async (
  id: string,
  values: Args,
  says: string,
  { rows, now }: CommandContext,
): Promise<Result<Reply, CommandError>> => {
  const saved = await rows("tasks").update(id, values);
  if (!saved.ok) return saved;
  if (saved.value === null) return noTask(id);
  const task = taskIn(saved.value);
  const times = task.status === "active" ? [timesText(task.schedule, Date.parse(now()), 5)] : [];
  return done(task, { human: [says, ...times].join("\n") });
};

const ended = ({ id }: Task) =>
  refused("invalid-args", `${id} has ended. Give it times again with ncl tasks update ${id}, or delete it.`);

const pause: Command<CommandContext, ReadContext> = defineCommand({
  ...about,
  words: "tasks pause",
  ...atOnce,
  description:
    "Run a task no more until it is resumed. What passes meanwhile is not missed: it does not run.",
  examples: ["tasks pause ta-1"],
  flags: [taskId],
  positional: "id",
  run: async ({ id }, { actor, context }) => {
    const found = await findTask(id, context);
    if (!found.ok) return found;
    if (found.value.status === "ended") return ended(found.value);
    // The reason stays that for which it was paused first.
    if (found.value.status === "paused") return done(found.value, { warnings: [`${id} is paused already.`] });
    const values = { status: "paused", paused_because: `paused by ${nameOfActor(actor)}` };
    return changed(id, values, `${id} is paused. To run it again: ncl tasks resume ${id}`, context);
  },
});

const resume: Command<CommandContext, ReadContext> = defineCommand({
  ...about,
  words: "tasks resume",
  ...access.change,
  description: "Run a paused task again, from its next time after now on. Its failures are counted anew.",
  examples: ["tasks resume ta-1"],
  flags: [taskId],
  positional: "id",
  consequence: aboutTask,
  run: async ({ id }, { context }) => {
    const found = await findTask(id, context);
    if (!found.ok) return found;
    const { status, schedule, last_at: last } = found.value;
    if (status === "ended") return ended(found.value);
    if (status === "active") return refused("invalid-args", `${id} is not paused.`);
    const next = firstTime(schedule, Date.parse(context.now()), last === null ? null : Date.parse(last));
    if (next === null)
      return refused(
        "invalid-args",
        `${id} has no time left: ${cadence(schedule)}. Give it times with ncl tasks update ${id}.`,
      );
    const values = {
      status: "active",
      paused_because: null,
      failures: 0,
      next_at: new Date(next).toISOString(),
    };
    return changed(id, values, `${id} runs again.`, context);
  },
});

const run: Command<CommandContext, ReadContext> = defineCommand({
  ...about,
  words: "tasks run",
  ...access.change,
  description: "Run a task now, beside its times, which stay. It may be paused.",
  examples: ["tasks run ta-1"],
  flags: [taskId],
  positional: "id",
  consequence: aboutTask,
  run: async ({ id }, { context }) => {
    const found = await findTask(id, context);
    if (!found.ok) return found;
    const ran = await context.runTask(id);
    if (ran === null)
      return refused(
        "invalid-args",
        `${found.value.agent_group_id} does not answer in the chat of ${id} any more, so it was not run: ncl wirings list`,
      );
    return done({ ...found.value, session_id: ran.sessionId }, { human: `${id} runs in ${ran.sessionId}.` });
  },
});

const remove: Command<CommandContext, ReadContext> = defineCommand({
  ...about,
  words: "tasks delete",
  ...atOnce,
  description: "Delete a task, and close the session of its runs.",
  examples: ["tasks delete ta-1"],
  flags: [taskId],
  positional: "id",
  run: async ({ id }, { actor, context }) => {
    const gone = await context.rows("tasks").delete(id);
    if (!gone.ok) return gone;
    if (gone.value === null) return noTask(id);
    const task = taskIn(gone.value);
    const sessions = await context
      .rows("sessions")
      .list({ where: { task_id: id, status: "active" }, limit: 100 });
    if (!sessions.ok) return sessions;
    // An agent that deletes the task in whose run it is shall still answer.
    const sessionIds = sessions.value
      .map((session) => String(session["id"]))
      .filter((session) => actor.type !== "agent" || session !== actor.sessionId);
    const { agent_group_id: groupId } = task;
    if (sessionIds.length > 0)
      await context.askSessions(
        "stop",
        { sessionIds, groupId, message: null, reason: "its task was deleted" },
        "tasks delete",
      );
    const closed = sessionIds.length === 0 ? "" : " The session of its runs is being closed.";
    return done({ ...task, stopping: sessionIds.length }, { human: `Deleted ${id}.${closed}` });
  },
});

export const tasks: StoredResource = storedResource({
  resource,
  commands: [list, get, createTask, updateTask, pause, resume, run, remove],
  stored: {
    table: "tasks",
    id: "id",
    idPrefix: "ta",
    group: "agent_group_id",
    stamp: "created_at",
    newestFirst: ["created_at", "id"],
  },
});
