import {
  defineCommand,
  type ArgsOf,
  type Call,
  type Command,
  type CommandError,
  type Flag,
  type Reply,
} from "@nc/cli-scope";
import { checkField, type AgentChoice } from "@nc/container-config";
import { notApplied, type NotApplied } from "@gatehouse/agent-clis/applied";
import type { Result } from "@gatehouse/std";
import { type CommandContext, type ReadContext, done, problemOf, refused } from "@gatehouse/command-context";
import { typedRefusal } from "./group-config/config-refusal.ts";
import { carriedOver, notAppliedLine } from "./group-config/config-reply.ts";
import { confirmable, type Unconfirmed } from "./confirmable.ts";
import { unknownNames } from "./group-config/needs-yes.ts";
import { prepareAgent } from "./group-config/prepare-agent.ts";
import { access } from "./stored-resource.ts";

const id = {
  name: "id",
  type: "string",
  description: "The session.",
  required: true,
  refersTo: "sessions",
} as const satisfies Flag;

/** The values that a session can have of its own, and their columns. */
const columns = { provider: "agent_provider", model: "agent_model" } as const;
const names = ["provider", "model"] as const;

const flags = [
  id,
  { name: "provider", type: "string", description: "The provider of this session alone." },
  { name: "model", type: "string", description: "The model of this session alone, for its provider." },
  {
    name: "unset",
    type: "list",
    description: "Values to clear: those of its person or its group apply again.",
    values: names,
  },
  { name: "yes", type: "boolean", description: "Save a model that the CLI does not know." },
] as const satisfies readonly Flag[];

const about = { resource: "sessions", positional: "id", rowGroup: "agent_group_id" } as const;

/**
 * The provider and the model in force, and who decided each. After a change from the provider `before`, also what
 * carries over from the conversation with it.
 */
const shown = async (
  sessionId: string,
  context: ReadContext,
  before?: string,
): Promise<Result<Reply, CommandError>> => {
  const found = await sessionIn(sessionId, context);
  if (!found.ok) return found;
  const { session, agent } = found.value;
  const { now, userId } = agent;
  const idle = await idleIn(session, now, context);
  const carried = before === undefined ? null : carriedOver(before, now.provider.value, true);
  const by = (from: string): string => (from === "person" ? `${from} ${userId ?? ""}`.trim() : from);
  const human = [
    `provider  ${now.provider.value} (${by(now.provider.from)})`,
    `model     ${now.model.value ?? "chosen by the CLI"} (${by(now.model.from)})`,
    ...(carried === null ? [] : [carried]),
    ...idle.map(notAppliedLine),
  ];
  const data = {
    id: session.id,
    agent_group_id: session.groupId,
    person: userId,
    provider: session.provider,
    effective_provider: now.provider.value,
    from: now.provider.from,
    model: session.model,
    effective_model: now.model.value,
    model_from: now.model.from,
    ...(carried === null ? {} : { carried_over: carried }),
    not_applied: idle,
  };
  return done(data, { human: human.join("\n") });
};

type Own = {
  readonly id: string;
  readonly groupId: string;
  readonly provider: string | null;
  readonly model: string | null;
};

/** The values of the session without effect: its provider has no runner, or its model is for another provider. */
const idleIn = async (
  { groupId, model }: Own,
  { provider, model: effective }: AgentChoice,
  context: ReadContext,
): Promise<readonly NotApplied[]> => {
  const other = `It was given for another provider than ${provider.value}.`;
  const unused: readonly NotApplied[] =
    model !== null && effective.from !== "session" ? [{ field: "model", reason: other }] : [];
  const saved = await context.config(groupId)?.get();
  if (saved?.ok !== true || saved.value === null) return unused;
  const settings = { ...saved.value, provider: provider.value, model: effective.value };
  const idle = notApplied(settings, { runtime: await context.placeOf(groupId), provider: provider.value });
  return [...idle.filter(({ field }) => names.some((name) => name === field)), ...unused];
};

type Found = { readonly session: Own; readonly agent: { now: AgentChoice; userId: string | null } };

/** A session within reach, and its agent with these values of its own. */
const sessionIn = async (
  sessionId: string,
  context: Pick<ReadContext, "rows" | "agentOf">,
  own?: Parameters<ReadContext["agentOf"]>[1],
): Promise<Result<Found, CommandError>> => {
  const found = await context.rows("sessions").get(sessionId);
  if (!found.ok) return found;
  const agent = found.value === null ? null : await context.agentOf(sessionId, own);
  if (found.value === null || agent === null)
    return refused("not-found", `There is no session "${sessionId}": ncl sessions list`);
  const { agent_group_id: groupId, agent_provider: provider, agent_model: model } = found.value;
  const session = {
    id: sessionId,
    groupId: String(groupId),
    provider: textOf(provider),
    model: textOf(model),
  };
  return { ok: true, value: { session, agent } };
};

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** The columns to save; null clears one. */
type Values = { agent_provider?: string | null; agent_model?: string | null };

const valuesIn = (args: ArgsOf<typeof flags>): Result<Values, CommandError> => {
  const unset = args.unset ?? [];
  const values: Values = {};
  for (const name of names) {
    const value = args[name];
    if (value !== undefined && unset.includes(name))
      return refused("invalid-args", `Say either --${name} NAME or --unset ${name}.`);
    if (unset.includes(name)) values[columns[name]] = null;
    if (value === undefined) continue;
    const checked = checkField(name, value);
    if (!checked.ok) return typedRefusal(checked.error, () => `--${name}`);
    values[columns[name]] = checked.value;
  }
  return Object.keys(values).length === 0
    ? refused("invalid-args", "Nothing to change: name --provider or --model, or --unset one.")
    : { ok: true, value: values };
};

/** The provider for which a session gets a model: its provider after the change to these values. */
const ownProvider = ({ agent_provider: provider }: Values) =>
  provider === undefined ? {} : { agent_provider: provider };

/** The effect of `--yes` of an agent; `prepare` refuses an unknown model without it. */
const unconfirmedModel = async (
  args: ArgsOf<typeof flags>,
  { actor }: Call<ReadContext>,
): Promise<Unconfirmed | null> => {
  const says = actor.type === "agent" ? unknownNames(args) : [];
  const refusal = { code: "invalid-args", message: `${args.id} was not changed.` } as const;
  return says.length === 0 ? null : { says, refusal };
};

const update: Command<CommandContext, ReadContext> = confirmable(
  defineCommand({
    ...about,
    words: "sessions config update",
    ...access.change,
    description:
      "Set the provider or the model of one session, or clear them. A running agent ends its turn first, and starts again with them at the next message.",
    examples: [
      "sessions config update se-1 --provider codex",
      "sessions config update se-1 --model opus",
      "sessions config update se-1 --unset provider,model",
    ],
    flags,
    check: problemOf(valuesIn),
    prepare: async (args, { context }) => {
      const values = valuesIn(args);
      const isNamed = args.provider !== undefined || args.model !== undefined;
      const found =
        values.ok && isNamed ? await sessionIn(args.id, context, ownProvider(values.value)) : null;
      // The command itself reports any other fault when it runs.
      if (found?.ok !== true || !values.ok) return { ok: true, value: [] };
      const { session, agent } = found.value;
      const saved = await context.config(session.groupId)?.get();
      const effort = saved?.ok === true ? (saved.value?.effort ?? null) : null;
      const model = values.value.agent_model ?? agent.now.model.value;
      const typed = names.filter((field) => args[field] !== undefined);
      const wanted = { provider: agent.now.provider.value, model, effort };
      return prepareAgent({ wanted, typed, yes: args.yes === true }, context);
    },
    run: async (args, { context }) => {
      const values = valuesIn(args);
      if (!values.ok) return values;
      const before = await sessionIn(args.id, context);
      if (!before.ok) return before;
      const found = await sessionIn(args.id, context, ownProvider(values.value));
      if (!found.ok) return found;
      const { agent_model: model } = values.value;
      const provider = model === null ? null : found.value.agent.now.provider.value;
      const given = model === undefined ? {} : { agent_model_provider: provider };
      const saved = await context.rows("sessions").update(args.id, { ...values.value, ...given });
      return saved.ok ? shown(args.id, context, before.value.agent.now.provider.value) : saved;
    },
  }),
  unconfirmedModel,
);

export const sessionConfigCommands: readonly Command<CommandContext, ReadContext>[] = [
  defineCommand({
    ...about,
    words: "sessions config get",
    ...access.read,
    description:
      "Show which provider and model answer in a session, and whether the session, its person or its group says so.",
    examples: ["sessions config get se-1"],
    flags: [id],
    run: (args, { context }) => shown(args.id, context),
  }),
  update,
];
