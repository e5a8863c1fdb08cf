import { defineCommand, type Actor, type Call, type Command, type CommandError } from "@nc/cli-scope";
import {
  changesWithoutSecrets,
  isWeaker,
  keptGenerations,
  resolveProvider,
  type HistoryEntry,
  type Settings,
} from "@nc/container-config";
import type { Result } from "@gatehouse/std";
import { type CommandContext, type ReadContext, done } from "@gatehouse/command-context";
import { configRefusal, noConfiguration } from "./config-refusal.ts";
import { changesText, configReply } from "./config-reply.ts";
import { confirmable, type Unconfirmed } from "../confirmable.ts";
import { opensNetwork } from "./needs-yes.ts";
import { openScope } from "./open-to-strangers.ts";
import {
  aboutConfig,
  configIn,
  groupId,
  changeFlags,
  savedConfigIn,
  updateOptions,
  withReason,
} from "./config-command.ts";
import { access } from "../stored-resource.ts";

const generation = <const Name extends string>(name: Name, description: string) =>
  ({ name, type: "integer", min: 1, description }) as const;

const history: Command<CommandContext, ReadContext> = defineCommand({
  ...aboutConfig,
  words: "groups config history",
  ...access.read,
  description: `List the generations of a group's configuration, newest first: who made each, what it changed, and why. The host keeps the newest ${keptGenerations}, and those that containers run with.`,
  examples: ["groups config history ag-1", "groups config history ag-1 --limit 5"],
  flags: [
    groupId,
    {
      name: "limit",
      type: "integer",
      description: "How many at most; 20 if not given.",
      min: 1,
      max: 1000,
    },
  ],
  run: async (args, { context }) => {
    const config = configIn(args, context);
    if (!config.ok) return config;
    const agent_group_id = args.id;
    const entries = await config.value.history(args.limit === undefined ? {} : { limit: args.limit });
    if (entries.length === 0) return noConfiguration(agent_group_id);
    return done(
      entries.map((entry) => ({ agent_group_id, ...entry })),
      { human: entries.map(historyLine).join("\n") },
    );
  },
});

/** `3  2026-11-20T08:00:00.000Z  host changed model: cheaper` */
const historyLine = ({ generation, changed_at, actor, reason, ...what }: HistoryEntry): string =>
  `${generation}  ${changed_at}  ${actor ?? "unknown"} ${changeText(what)}${reason === null ? "" : `: ${reason}`}`;

const changeText = ({ change, fields }: Pick<HistoryEntry, "change" | "fields">): string => {
  const names = fields?.join(", ") ?? "changes that are no longer recorded";
  switch (change) {
    case "create":
      return names === "" ? "created it" : `created it with ${names}`;
    case "backfill":
      return names === "" ? "took it over" : `took it over with ${names}`;
    case "rollback":
      return names === "" ? "rolled it back, without a difference" : `rolled back ${names}`;
    case "update":
      return `changed ${names}`;
  }
};

const diff: Command<CommandContext, ReadContext> = defineCommand({
  ...aboutConfig,
  words: "groups config diff",
  ...access.read,
  description: "Show the differences between two generations. Secrets are shown by name only.",
  examples: ["groups config diff ag-1", "groups config diff ag-1 --from 2 --to 5"],
  flags: [
    groupId,
    generation("from", "The earlier generation. Default: the generation before --to."),
    generation("to", "The later generation. Default: the present generation."),
  ],
  run: async (args, { context }) => {
    const config = configIn(args, context);
    if (!config.ok) return config;
    const { from, to } = args;
    const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    const changes = await config.value.diff(range);
    if (!changes.ok) return configRefusal(changes.error);
    const data = {
      agent_group_id: args.id,
      ...range,
      changes: changesWithoutSecrets(changes.value),
    };
    return done(data, { human: changesText(changes.value) });
  },
});

/** Fields that only the operator may change: a rollback by an agent keeps their present values. */
const operatorsOwn = [
  "cli_scope",
  "tools",
  "network",
  "isolation",
  "additional_mounts",
  "max_requests_per_day",
  "max_tokens_per_day",
  "max_cost_per_day",
  "upstream",
] as const;

const keptBy = ({ type }: Actor): readonly (keyof Settings)[] => (type === "agent" ? operatorsOwn : []);

/**
 * Names the present generation. A change that is saved before the answer voids the approval, because the
 * approver was not shown that the rollback would undo that change.
 */
const consequence = async (
  args: { readonly id: string; readonly to: number },
  { actor, context }: Call<ReadContext>,
): Promise<Result<readonly string[], CommandError>> => {
  const found = await savedConfigIn(args, context);
  if (!found.ok) return found;
  const { config, saved } = found.value;
  const { to } = args;
  const changes = await config.diff({ from: saved.generation, to });
  if (!changes.ok) return configRefusal(changes.error);
  // No rollback lowers the isolation.
  const changed = changes.value.filter(
    ({ field, after }) =>
      !keptBy(actor).includes(field) && !(field === "isolation" && isWeaker(after, saved.isolation)),
  );
  const lines = changesText(changed).split("\n");
  return {
    ok: true,
    value: [`From generation ${saved.generation} to the values of generation ${to}:`, ...lines],
  };
};

/**
 * The effect of a rollback that gives an agent all of ncl or an open network again. All of ncl needs a confirmation
 * only if strangers can write to the agent.
 */
const widenedAgain = async (
  { id, to }: { readonly id: string; readonly to: number },
  { actor, context }: Call<ReadContext>,
): Promise<Unconfirmed | null> => {
  // An agent's rollback keeps both fields as they are.
  if (keptBy(actor).length > 0) return null;
  const found = await savedConfigIn({ id }, context);
  // A rollback repairs a configuration that cannot be read.
  if (!found.ok) return null;
  const changes = await found.value.config.diff({ from: found.value.saved.generation, to });
  const isAfter = (name: keyof Settings, value: string): boolean =>
    changes.ok && changes.value.some(({ field, after }) => field === name && after === value);
  if (isAfter("network", "open")) return opensNetwork(id);
  return isAfter("cli_scope", "global") ? openScope(id, context) : null;
};

const rollback: Command<CommandContext, ReadContext> = confirmable(
  defineCommand({
    ...aboutConfig,
    words: "groups config rollback",
    ...access.change,
    description:
      "Save an earlier generation as a new one. If an agent asks, its CLI scope, its policy for tools, its network and its mounts stay as they are. The isolation is never lowered.",
    examples: ["groups config rollback ag-1 --to 1"],
    flags: [
      groupId,
      { ...generation("to", "The generation to go back to."), required: true },
      {
        name: "yes",
        type: "boolean",
        description:
          "Restore scope global for an agent to which strangers can write; open the network again.",
      },
      ...changeFlags,
    ],
    check: withReason(),
    consequence,
    run: async (args, call) => {
      const config = configIn(args, call.context);
      if (!config.ok) return config;
      const options = {
        ...updateOptions({ ...args, reason: args.reason ?? `back to generation ${args.to}` }, call),
        keep: keptBy(call.actor),
      };
      const updated = await config.value.rollback(args.to, options);
      if (!updated.ok) return configRefusal(updated.error);
      // No refusal: a rollback repairs a configuration, whatever else is missing.
      const problem = await call.context.providerProblem(
        resolveProvider({ agent_provider: null }, updated.value.config),
      );
      return configReply(config.value, updated.value, problem === null ? {} : { warnings: [problem] });
    },
  }),
  widenedAgain,
);

export const historyCommands: readonly Command<CommandContext, ReadContext>[] = [diff, history, rollback];
