import type { Call, CommandError, Row } from "@nc/cli-scope";
import { refused, type ReadContext } from "@gatehouse/command-context";
import { type Result, visible } from "@gatehouse/std";
import { cadence, nextTimes, shortText, timeText, type Schedule } from "@gatehouse/tasks";

/** A row of `tasks`, as far as commands read it. */
export type Task = {
  readonly id: string;
  readonly agent_group_id: string;
  readonly messaging_group_id: string;
  readonly has_own_session: number;
  readonly text: string;
  readonly schedule: Schedule;
  /** The command that decides whether the agent wakes; null for none. */
  readonly condition: string | null;
  readonly status: "active" | "paused" | "ended";
  /** ISO 8601, UTC. */
  readonly next_at: string | null;
  readonly last_at: string | null;
};

/** The task of a row that a command or a host wrote. */
export const taskIn = (row: Row): Task =>
  ({ ...row, schedule: JSON.parse(String(row["schedule"])) as Schedule }) as unknown as Task;

export const noTask = (id: string): ReturnType<typeof refused> =>
  refused("not-found", `There is no task "${id}": ncl tasks list`);

/** A task within the caller's reach. */
export const findTask = async (
  id: string,
  { rows }: Pick<ReadContext, "rows">,
): Promise<Result<Task, CommandError>> => {
  const found = await rows("tasks").get(id);
  if (!found.ok) return found;
  return found.value === null ? noTask(id) : { ok: true, value: taskIn(found.value) };
};

/** The task that a command names by its id, for the person who approves it. */
export const aboutTask = async (
  { id }: { readonly id: string },
  { context }: Call<ReadContext>,
): Promise<Result<readonly string[], CommandError>> => {
  const found = await findTask(id, context);
  if (!found.ok) return found;
  const { text, schedule, condition } = found.value;
  return {
    ok: true,
    value: [
      `The task ${id}: ${JSON.stringify(shortText(text))}`,
      runsText(schedule),
      ...conditionLines(condition),
    ],
  };
};

/** The command that a task runs first, whole; no line without one. */
export const conditionLines = (condition: string | null): readonly string[] =>
  condition === null ? [] : [`First runs, where the agent runs: ${JSON.stringify(condition)}`, conditionRule];

const conditionRule =
  "Only its exit code 0 wakes the agent, with its output. Nobody is asked before it runs.";

/** Which history a run sees, and where its answer goes. */
export const historyText = async (
  { has_own_session: isOwn, messaging_group_id: id }: Pick<Task, "has_own_session" | "messaging_group_id">,
  call: Call<ReadContext>,
): Promise<string> => {
  const chat = await chatText(id, call);
  return isOwn === 1
    ? `Its runs have a session of their own: a run sees the runs before it, and nothing that people write. The answers go to ${chat}.`
    : `Its runs are messages of the conversation in ${chat}: a run sees what was written there, and its answer goes there.`;
};

/** A chat in words: `the chat "Family"`, `the direct chat of Ana`. An agent within its group reads no names of chats. */
const chatText = async (id: string, { actor, context }: Call<ReadContext>): Promise<string> => {
  const found = await context.rows("messaging-groups").get(id);
  const chat: Row = (found.ok ? found.value : null) ?? {};
  const [name, user] = [chat["name"] ?? "", chat["user_id"] ?? null];
  if (name !== "") return `the chat ${visible(JSON.stringify(name))}`;
  if (user === null)
    return actor.type === "agent" && id === actor.messagingGroupId
      ? "the chat in which the agent asks"
      : `the chat ${id}`;
  const person = await context.rows("users").get(String(user));
  const called = person.ok ? person.value?.["display_name"] : null;
  return `the direct chat of ${visible(String(called ?? user))}`;
};

/** `At 08:00 (UTC)`: the schedule, as a line about the task. */
export const runsText = (schedule: Schedule): string => `Runs: ${cadence(schedule)}.`;

/** `The next times: Tue 2026-12-01 08:00, Wed 2026-12-02 08:00 (UTC).` `after`: ms since 1970. */
export const timesText = (schedule: Schedule, after: number, count: number): string => {
  const times = nextTimes(schedule, after, count).map((time) => timeText(time, schedule.zone));
  return `The next ${times.length === 1 ? "time" : "times"}: ${times.join(", ")} (${schedule.zone}).`;
};

/** Most runs a day of a task that an agent makes without `--often`, if no command decides whether a run wakes it. */
export const mostRunsADay = 4;
const day = 86_400_000;

/** True for a schedule of more than four runs a day. All days of a cron expression have the same times. */
export const isOften = (schedule: Schedule, now: number): boolean => {
  if (schedule.kind === "every") return schedule.every * mostRunsADay < day;
  // Four on the rest of the first day, and one more than four on the next.
  const times = nextTimes(schedule, now, 2 * mostRunsADay + 1);
  const days = times.map((time) => timeText(time, schedule.zone).slice(0, "Mon 2026-11-30".length));
  return days.some((one) => days.filter((other) => other === one).length > mostRunsADay);
};

export const tooOften: CommandError = {
  code: "invalid-args",
  message: `This is more than ${mostRunsADay} runs a day. If they are wanted, add --often: the person who approves it sees that. Or name a command with --if, so that most of them wake nobody.`,
};
