import {
  defineCommand,
  type ArgsOf,
  type Args,
  type Call,
  type Command,
  type CommandError,
  type Flag,
  type FlagValue,
} from "@nc/cli-scope";
import {
  type CommandContext,
  done,
  nameOfActor,
  type ReadContext,
  refused,
} from "@gatehouse/command-context";
import { type Result, visible } from "@gatehouse/std";
import {
  mostTasks,
  firstTime,
  readDuration,
  readSchedule,
  type Schedule,
  scheduleMessage,
  type ScheduleProblem,
} from "@gatehouse/tasks";
import { confirmable, type Unconfirmed } from "../confirmable.ts";
import { withNames } from "../readable-list.ts";
import { access } from "../stored-resource.ts";
import {
  aboutTask,
  conditionLines,
  findTask,
  historyText,
  isOften,
  noTask,
  runsText,
  type Task,
  taskIn,
  timesText,
  tooOften,
} from "./task.ts";

/** The flags of a schedule. A task has one of the three. */
const scheduleFlags = [
  {
    name: "at",
    type: "string",
    description:
      "Once, at a time such as 08:00 or 2026-12-01T08:00, in the task's timezone unless it ends with an offset.",
  },
  { name: "every", type: "string", description: "Again and again after this time, such as 90m, 2h or 7d." },
  {
    name: "cron",
    type: "string",
    description: 'At clock times: minute, hour, day of month, month, day of week, such as "0 8 * * 1-5".',
  },
] as const satisfies readonly Flag[];

const latenessFlags = [
  {
    name: "missed",
    type: "string",
    description:
      "What runs for times that passed while no host ran: the latest of them (the default), all (at most 24), or none.",
    values: ["latest", "all", "skip"],
  },
  {
    name: "within",
    type: "string",
    description: "How late it may run, such as 2h. Default: any time; with --missed skip a minute.",
  },
] as const satisfies readonly Flag[];

const condition = {
  name: "if",
  type: "string",
  description:
    "A command that runs first, where the agent runs: only its exit code 0 wakes the agent, with its output. Default: each run wakes it.",
} as const satisfies Flag;

const often = {
  name: "often",
  type: "boolean",
  description: "For an agent: more than four runs a day are wanted.",
} as const satisfies Flag;

const text = {
  name: "text",
  type: "string",
  description: "What the agent shall do, as a message to it.",
  isPrivate: true,
} as const satisfies Flag;

/** Characters of a command: a card shows all of it. */
const longestCondition = 300;

const textProblem = (args: {
  readonly text?: string | undefined;
  readonly if?: string | undefined;
}): CommandError | null => {
  if (args.text?.trim() === "")
    return { code: "invalid-args", message: "--text is empty: say what the agent shall do." };
  const command = args.if ?? "true";
  if (command.trim() === "")
    return { code: "invalid-args", message: "--if is empty: name a command, such as 'test -s inbox'." };
  if (command.length > longestCondition || visible(command) !== command)
    return {
      code: "invalid-args",
      message: `--if is one line of at most ${longestCondition} characters that can all be seen: write a longer command to a file of the agent's folder, and name that.`,
    };
  return null;
};

const createFlags = [
  {
    name: "group",
    type: "string",
    description: "The agent group whose agent does it. Default for an agent: its own.",
    required: true,
    lock: "group",
    isOwnByDefault: true,
    refersTo: "groups",
  },
  { ...text, required: true },
  ...scheduleFlags,
  {
    name: "chat",
    type: "string",
    description:
      "Where the answers go: a chat in which the group answers. Default: for an agent its own chat, else the only chat of the group.",
    refersTo: "messaging-groups",
  },
  {
    name: "conversation",
    type: "boolean",
    description:
      "Each run is a message of the chat's conversation. Default: the runs have a session of their own.",
  },
  ...latenessFlags,
  condition,
  often,
  { name: "yes", type: "boolean", description: "Save it. Without it you see its next times first." },
] as const satisfies readonly Flag[];

type CreateArgs = ArgsOf<typeof createFlags>;

type Draft = { readonly values: Args; readonly schedule: Schedule; readonly says: readonly string[] };

/** The task of these arguments, which is not saved yet. */
const drafted = async (args: CreateArgs, call: Call<ReadContext>): Promise<Result<Draft, CommandError>> => {
  const { actor, context } = call;
  const { group } = args;
  const chat = await chatFor(args, call);
  if (!chat.ok) return chat;
  const now = Date.parse(context.now());
  const read = readSchedule(args, { zone: await zoneOf(group, context), now });
  if (!read.ok) return refused("invalid-args", scheduleMessage(read.error));
  const schedule = read.value;
  const within = args.within === undefined ? null : readDuration("within", args.within);
  if (within?.ok === false) return refused("invalid-args", scheduleMessage(within.error));
  if (actor.type === "agent" && args.often !== true && args.if === undefined && isOften(schedule, now))
    return { ok: false, error: tooOften };
  const there = await context.rows("tasks").list({ where: { agent_group_id: group }, limit: 10_000 });
  if (!there.ok) return there;
  if (there.value.filter(({ status }) => status !== "ended").length >= mostTasks)
    return refused(
      "invalid-args",
      `${group} has ${mostTasks} tasks, which is the most. Delete one first: ncl tasks list --group ${group}`,
    );
  const place = { ...chat.value, has_own_session: args.conversation === true ? 0 : 1 };
  const next = firstTime(schedule, now, null);
  return {
    ok: true,
    value: {
      values: {
        agent_group_id: group,
        ...place,
        text: args.text,
        schedule: JSON.stringify(schedule),
        missed: args.missed ?? "latest",
        within_ms: within?.value ?? null,
        condition: args.if ?? null,
        status: "active",
        next_at: next === null ? null : new Date(next).toISOString(),
        created_by: nameOfActor(actor),
      },
      schedule,
      says: [runsText(schedule), ...conditionLines(args.if ?? null), await historyText(place, call)],
    },
  };
};

type Chat = { readonly messaging_group_id: string; readonly thread_id: string | null };

/** The chat to which the answers go. The group is wired to it. */
const chatFor = async (
  { group, chat: typed }: CreateArgs,
  { actor, context }: Call<ReadContext>,
): Promise<Result<Chat, CommandError>> => {
  const wirings = await context.rows("wirings").list({ where: { agent_group_id: group }, limit: 1000 });
  if (!wirings.ok) return wirings;
  const chats = wirings.value.map((wiring) => String(wiring["messaging_group_id"]));
  if (chats.length === 0)
    return refused(
      "not-found",
      `${group} answers in no chat, so an answer of a task could go nowhere. Write to it once: gatehouse chat --group ${group}. Or wire a chat of ncl messaging-groups list: ncl wirings create --messaging-group-id ID --agent-group-id ${group}`,
    );
  const own = actor.type === "agent" && actor.groupId === group ? actor : null;
  const chat = typed ?? own?.messagingGroupId ?? (chats.length === 1 ? chats[0] : undefined);
  if (chat !== undefined && chats.includes(chat)) {
    const isHere = own !== null && chat === own.messagingGroupId;
    const session = isHere ? await context.rows("sessions").get(own.sessionId) : null;
    const thread = session?.ok === true ? session.value?.["thread_id"] : null;
    return {
      ok: true,
      value: { messaging_group_id: chat, thread_id: typeof thread === "string" ? thread : null },
    };
  }
  const named = await withNames(wirings.value, context);
  const listed = named.map(({ messaging_group_id: id, chat: name }) =>
    name === null ? String(id) : `${String(id)} (${String(name)})`,
  );
  const problem =
    chat === undefined
      ? "Name the chat to which the answers go with --chat"
      : `${group} does not answer in the chat ${chat} (--chat)`;
  return refused("invalid-args", `${problem}: it answers in ${listed.join(", ")}.`);
};

/** The timezone of a group's configuration, or the host's. */
const zoneOf = async (group: string, { config }: Pick<ReadContext, "config">): Promise<string> => {
  const saved = await config(group)?.get();
  const own = saved?.ok === true ? saved.value?.timezone : null;
  return own ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
};

/** The next times at this moment, for a card. */
const previewOf = (schedule: Schedule, { context }: Call<ReadContext>) =>
  ({ ok: true, value: [timesText(schedule, Date.parse(context.now()), 3)] }) as const;

/** The task as its maker sees it before it is saved. */
const unconfirmed = async (args: CreateArgs, call: Call<ReadContext>): Promise<Unconfirmed | null> => {
  const draft = await drafted(args, call);
  // The command itself reports a fault.
  if (!draft.ok) return null;
  const { says, schedule } = draft.value;
  const times = timesText(schedule, Date.parse(call.context.now()), 5);
  const message = ["Nothing is saved yet. The task would be:", ...says, times, "To save it, add --yes."];
  return { says, refusal: { code: "invalid-args", message: message.join("\n") } };
};

export const createTask: Command<CommandContext, ReadContext> = confirmable(
  defineCommand({
    words: "tasks create",
    resource: "tasks",
    ...access.change,
    rowGroup: "agent_group_id",
    description:
      "Have an agent do something once at a time, at an interval, or at clock times. Each run is a message to the agent. You see the next five times before anything is saved.",
    examples: [
      'tasks create --group ag-1 --text "Read the news and tell me." --cron "0 8 * * 1-5" --yes',
      'tasks create --group ag-1 --text "Is the backup there?" --every 1d --missed skip --within 2h',
      'tasks create --group ag-1 --text "Remind me of the dentist." --at 16:30 --conversation --yes',
      "tasks create --group ag-1 --text \"Sort what came.\" --every 10m --if 'test -s inbox' --yes",
    ],
    flags: createFlags,
    check: textProblem,
    preview: async (args, call) => {
      const draft = await drafted(args, call);
      return draft.ok ? previewOf(draft.value.schedule, call) : draft;
    },
    run: async (args, call) => {
      const draft = await drafted(args, call);
      if (!draft.ok) return draft;
      const { values, schedule, says } = draft.value;
      const saved = await call.context.rows("tasks").create(values);
      if (!saved.ok) return saved;
      const { id } = taskIn(saved.value);
      const times = timesText(schedule, Date.parse(call.context.now()), 5);
      return done({ ...saved.value, schedule }, { human: [`Made ${id}.`, ...says, times].join("\n") });
    },
  }),
  unconfirmed,
);

const updateFlags = [
  { name: "id", type: "string", description: "The task.", required: true, refersTo: "tasks" },
  text,
  ...scheduleFlags,
  {
    name: "timezone",
    type: "string",
    description: "The zone of its clock times, as an IANA name. A task keeps its own if its group moves.",
  },
  ...latenessFlags,
  condition,
  { name: "unset", type: "list", description: "Values to clear, separated by commas: within, if." },
  often,
] as const satisfies readonly Flag[];

/** The columns of values that can be cleared, by their flags. */
const clearable: Readonly<Record<string, string>> = { within: "within_ms", if: "condition" };

/** Refuses values that cannot be cleared, or that are set and cleared. */
const unsetProblem = ({ unset = [], ...args }: UpdateArgs): CommandError | null => {
  const unknown = unset.find((name) => !Object.hasOwn(clearable, name));
  if (unknown !== undefined)
    return {
      code: "invalid-args",
      message: `--unset knows ${Object.keys(clearable).join(", ")}, and not ${JSON.stringify(unknown)}.`,
    };
  const twice = unset.find((name) => Object.hasOwn(args, name));
  return twice === undefined
    ? null
    : { code: "invalid-args", message: `Say either a value of --${twice}, or --unset ${twice}.` };
};

type UpdateArgs = ArgsOf<typeof updateFlags>;

/** The changes of a task, and its schedule after them. */
const changesIn = async (
  args: UpdateArgs,
  { actor, context }: Call<ReadContext>,
): Promise<Result<Omit<Draft, "says"> & { readonly before: Task }, CommandError>> => {
  const found = await findTask(args.id, context);
  if (!found.ok) return found;
  const before = found.value;
  const now = Date.parse(context.now());
  const read = scheduleAfter(args, before.schedule, now);
  if (!read.ok) return refused("invalid-args", scheduleMessage(read.error));
  const schedule = read.value;
  const within = args.within === undefined ? null : readDuration("within", args.within);
  if (within?.ok === false) return refused("invalid-args", scheduleMessage(within.error));
  const values: Record<string, FlagValue> = {};
  if (args.text !== undefined) values["text"] = args.text;
  if (args.missed !== undefined) values["missed"] = args.missed;
  if (within !== null) values["within_ms"] = within.value;
  if (args.if !== undefined) values["condition"] = args.if;
  for (const name of args.unset ?? []) values[clearable[name] ?? ""] = null;
  const stored = JSON.stringify(schedule);
  const isOther = stored !== JSON.stringify(before.schedule);
  const { condition: command = before.condition } = values;
  if (actor.type === "agent" && args.often !== true && command === null)
    if ((isOther || values["condition"] === null) && isOften(schedule, now))
      return { ok: false, error: tooOften };
  if (isOther) {
    const last = before.last_at === null ? null : Date.parse(before.last_at);
    const next = firstTime(schedule, now, last);
    if (next === null)
      return refused(
        "invalid-args",
        `${args.id} has run for ${before.last_at ?? "no time"} already, after the time that you name. Name a later one.`,
      );
    values["schedule"] = stored;
    values["next_at"] = new Date(next).toISOString();
    if (before.status === "ended") values["status"] = "active";
  }
  return { ok: true, value: { before, values, schedule } };
};

const scheduleAfter = (
  args: UpdateArgs,
  before: Schedule,
  now: number,
): Result<Schedule, ScheduleProblem> => {
  const { at, every, cron, timezone = before.zone } = args;
  if ((at ?? every ?? cron) !== undefined) return readSchedule({ at, every, cron }, { zone: timezone, now });
  if (args.timezone === undefined) return { ok: true, value: before };
  if (before.kind === "cron") return readSchedule({ cron: before.expression }, { zone: timezone, now });
  // Its times are not those of a clock: they are only shown in the zone.
  const read = readSchedule({ every: "1d" }, { zone: timezone, now });
  return read.ok ? { ok: true, value: { ...before, zone: read.value.zone } } : read;
};

/** The times and the command after a change, for the person who approves it. */
const afterLines = ({ values, schedule }: Pick<Draft, "values" | "schedule">): readonly string[] => [
  ...("schedule" in values ? [runsText(schedule).replace(/^Runs/, "Will run")] : []),
  ...("condition" in values
    ? values["condition"] === null
      ? ["No command will run first: each run will wake the agent."]
      : conditionLines(String(values["condition"])).map((line) =>
          line.replace(/^First runs/, "First will run"),
        )
    : []),
];

export const updateTask: Command<CommandContext, ReadContext> = defineCommand({
  words: "tasks update",
  resource: "tasks",
  ...access.change,
  rowGroup: "agent_group_id",
  description:
    "Change the text, the times or the command of a task. Other times hold at once, but never before a time that has run. A task that has ended runs again if it gets times.",
  examples: ['tasks update ta-1 --cron "30 7 * * 1-5"', "tasks update ta-1 --timezone Europe/Lisbon"],
  flags: updateFlags,
  positional: "id",
  check: ({ id, often: _often, ...changes }) =>
    Object.keys(changes).length === 0
      ? {
          code: "invalid-args",
          message:
            "Nothing to change: name --text, --at, --every, --cron, --timezone, --missed, --within or --if, or --unset one.",
        }
      : (textProblem(changes) ?? unsetProblem({ id, ...changes })),
  consequence: async (args, call) => {
    const about = await aboutTask(args, call);
    const changes = about.ok ? await changesIn(args, call) : about;
    if (!about.ok || !changes.ok) return changes.ok ? about : changes;
    return { ok: true, value: [...about.value, ...afterLines(changes.value)] };
  },
  preview: async (args, call) => {
    const changes = await changesIn(args, call);
    return changes.ok ? previewOf(changes.value.schedule, call) : changes;
  },
  run: async (args, call) => {
    const changes = await changesIn(args, call);
    if (!changes.ok) return changes;
    const { values, schedule } = changes.value;
    const saved = await call.context.rows("tasks").update(args.id, values);
    if (!saved.ok) return saved;
    if (saved.value === null) return noTask(args.id);
    const task = taskIn(saved.value);
    const now = Date.parse(call.context.now());
    const times =
      task.status === "paused"
        ? `It is paused. To run it: ncl tasks resume ${task.id}`
        : timesText(schedule, now, 5);
    const human = [`Changed ${task.id}.`, runsText(schedule), ...conditionLines(task.condition), times];
    return done(task, { human: human.join("\n") });
  },
});
