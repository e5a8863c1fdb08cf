import {
  defineCommand,
  type ArgsOf,
  type Command,
  type CommandError,
  type Flag,
  type Reply,
} from "@nc/cli-scope";
import { checkField, notApplied, resolveProvider } from "@nc/container-config";
import type { Result } from "@gatehouse/std";
import type { CommandContext, ReadContext } from "../world/command-context.ts";
import { done, problemOf, refused } from "../world/reply.ts";
import { typedRefusal } from "./group-config/config-refusal.ts";
import { notAppliedLine } from "./group-config/config-reply.ts";
import { access } from "./stored-resource.ts";

const id = {
  name: "id",
  type: "string",
  description: "The session.",
  required: true,
  refersTo: "sessions",
} as const satisfies Flag;

const flags = [
  id,
  { name: "provider", type: "string", description: "Which agent answers in this session alone." },
  {
    name: "unset",
    type: "list",
    description: "Values to clear: the group's hold again.",
    values: ["provider"],
  },
] as const satisfies readonly Flag[];

const about = { resource: "sessions", positional: "id", rowGroup: "agent_group_id" } as const;

/** The session's provider, else that of its group's configuration, else `claude`. */
const shown = async (sessionId: string, context: ReadContext): Promise<Result<Reply, CommandError>> => {
  const found = await sessionIn(sessionId, context);
  if (!found.ok) return found;
  const { id: session_id, agent_group_id, agent_provider: own } = found.value;
  const saved = await context.config(String(agent_group_id))?.get();
  const group = saved?.ok === true ? saved.value : null;
  const provider = typeof own === "string" ? own : null;
  const effective = resolveProvider({ agent_provider: provider }, group ?? { provider: null });
  const from = provider !== null ? "session" : group?.provider ? "group" : "default";
  const idle =
    group === null
      ? []
      : notApplied(group, { runtime: context.runtime, provider: effective }).filter(
          ({ field }) => field === "provider",
        );
  const human = [`provider  ${effective} (${from})`, ...idle.map(notAppliedLine)].join("\n");
  return done(
    { id: session_id, agent_group_id, provider, effective_provider: effective, from, not_applied: idle },
    { human },
  );
};

const sessionIn = async (sessionId: string, context: ReadContext) => {
  const found = await context.rows("sessions").get(sessionId);
  if (!found.ok) return found;
  return found.value === null
    ? refused("not-found", `There is no session "${sessionId}": ncl sessions list`)
    : { ok: true as const, value: found.value };
};

/** The provider to save; null clears it. */
const providerIn = ({ provider, unset = [] }: ArgsOf<typeof flags>): Result<string | null, CommandError> => {
  if ((provider === undefined) === (unset.length === 0))
    return refused("invalid-args", "Say either --provider NAME or --unset provider.");
  if (provider === undefined) return { ok: true, value: null };
  const checked = checkField("provider", provider);
  return checked.ok ? checked : typedRefusal(checked.error, () => "--provider");
};

export const sessionConfigCommands: readonly Command<CommandContext, ReadContext>[] = [
  defineCommand({
    ...about,
    words: "sessions config get",
    ...access.read,
    description: "Show which provider answers in a session, and whether the session or its group says so.",
    examples: ["sessions config get se-1"],
    flags: [id],
    run: (args, { context }) => shown(args.id, context),
  }),
  defineCommand({
    ...about,
    words: "sessions config update",
    ...access.change,
    description:
      "Set the provider of one session, or clear it. It takes effect when the session's container starts again.",
    examples: [
      "sessions config update se-1 --provider codex",
      "sessions config update se-1 --unset provider",
    ],
    flags,
    check: problemOf(providerIn),
    preview: async (args, { context }) => {
      const found = await sessionIn(args.id, context);
      return found.ok ? null : found.error;
    },
    run: async (args, { context }) => {
      const provider = providerIn(args);
      if (!provider.ok) return provider;
      const found = await sessionIn(args.id, context);
      if (!found.ok) return found;
      const saved = await context.rows("sessions").update(args.id, { agent_provider: provider.value });
      return saved.ok ? shown(args.id, context) : saved;
    },
  }),
];
