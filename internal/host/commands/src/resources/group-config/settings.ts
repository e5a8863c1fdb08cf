import {
  defineCommand,
  type ArgsOf,
  type Call,
  type Command,
  type CommandError,
  type Flag,
} from "@nc/cli-scope";
import {
  checkField,
  checkScalars,
  diffConfigs,
  fieldNames,
  initialSettings,
  resolveProvider,
  settingFlags,
  withoutSecrets,
  type ContainerConfig,
  type Scalars,
  type Settings,
} from "@nc/container-config";
import { runnableProvider } from "@gatehouse/provider-facts/agents";
import type { Result } from "@gatehouse/std";
import {
  type CommandContext,
  type GroupPlace,
  type ReadContext,
  done,
  problemOf,
  refused,
} from "@gatehouse/command-context";
import {
  aboutConfig,
  configIn,
  changeFlags,
  groupId,
  savedConfigIn,
  updateOptions,
  withReason,
} from "./config-command.ts";
import { configRefusal, typedRefusal } from "./config-refusal.ts";
import { behindLine, configReply, notAppliedLine, valueText } from "./config-reply.ts";
import { openScope } from "./open-to-strangers.ts";
import { confirmable, type Unconfirmed } from "../confirmable.ts";
import { lowersIsolation, mayNotLower, unconfirmedValues } from "./needs-yes.ts";
import { prepareAgent } from "./prepare-agent.ts";
import { access } from "../stored-resource.ts";

const updateFlags = [
  groupId,
  ...settingFlags,
  {
    name: "skills",
    type: "list",
    description: "The group's skills by name, separated by commas; all, or none.",
  },
  { name: "unset", type: "list", description: "Values to clear, separated by commas." },
  {
    name: "yes",
    type: "boolean",
    description:
      "Allow all tools even if the agents of this host run outside containers; lower the isolation of a group; open the network of a group; save a model or an effort that the CLI does not know; let strangers write to an agent of scope global.",
  },
  ...changeFlags,
] as const satisfies readonly Flag[];

const get: Command<CommandContext, ReadContext> = defineCommand({
  ...aboutConfig,
  words: "groups config get",
  ...access.read,
  description:
    "Show the configuration of a group's containers, which values the group has set itself, and which have no effect here yet. Of secrets it shows only the names.",
  examples: ["groups config get ag-1"],
  flags: [groupId],
  run: async (args, { context }) => {
    const found = await savedConfigIn(args, context);
    if (!found.ok) return found;
    const { config, saved } = found.value;
    const behind = await config.behind(saved);
    const notApplied = await config.notApplied(saved);
    const shown = withoutSecrets(saved);
    const provenance = provenanceOf(saved);
    const effective_provider = resolveProvider({ agent_provider: null }, saved);
    const notes = runnableProvider(effective_provider)?.notes ?? [];
    const human = [
      ...fieldNames.map((name) => line(name, shown[name], provenance[name])),
      ...notApplied.map(notAppliedLine),
      ...notes,
      ...behind.map(behindLine),
    ];
    const runtime_isolation = isolationIn(await context.placeOf(args.id));
    return done(
      { ...shown, effective_provider, provenance, not_applied: notApplied, notes, behind, runtime_isolation },
      {
        human: [
          `generation ${saved.generation}, ${saved.updated_at}`,
          ...human,
          ...(runtime_isolation === null ? [] : [runtime_isolation]),
        ].join("\n"),
      },
    );
  },
});

/** The protection of this machine from an agent that runs here as a process; null for any other. */
const isolationIn = ({ name, isolation, isHere }: GroupPlace): string | null =>
  isolation !== "process" || !isHere
    ? null
    : `The runtime "${name}" does not isolate agents. An agent without an os_user of its own runs as the host's account: it can read the key and answer for you.`;

const widest = Math.max(...fieldNames.map(({ length }) => length));

const line = (name: string, value: unknown, from: string | undefined): string =>
  `${name.padEnd(widest)}  ${valueText(value)}${from === "default" && value !== null ? " (default)" : ""}`;

/** `own` if the group differs from a new configuration. */
const provenanceOf = (config: ContainerConfig): Readonly<Record<string, "own" | "default">> => {
  const own = diffConfigs(initialSettings, config).map(({ field }) => field);
  return Object.fromEntries(fieldNames.map((name) => [name, own.includes(name) ? "own" : "default"]));
};

/** A single `all` or `none` is a keyword, not the name of a skill. */
const skillsIn = ([first, ...others]: readonly string[]): Settings["skills"] => {
  if (others.length === 0 && first === "all") return "all";
  return first === undefined || (others.length === 0 && first === "none") ? [] : [first, ...others];
};

/** The values to save, or why they cannot be saved. */
const valuesIn = (args: ArgsOf<typeof updateFlags>): Result<Partial<Settings>, CommandError> => {
  const scalars = scalarsIn(args);
  if (!scalars.ok || args.skills === undefined) return scalars;
  const skills = checkField("skills", skillsIn(args.skills));
  if (!skills.ok) return typedRefusal(skills.error, () => "--skills");
  return { ok: true, value: { ...scalars.value, skills: skills.value } };
};

const scalarsIn = (args: ArgsOf<typeof updateFlags>): Result<Partial<Scalars>, CommandError> => {
  const names = settingFlags.map(({ name }) => name).filter((name) => args[name] !== undefined);
  const unset = (args.unset ?? []).map((name) => name.replaceAll("-", "_"));
  if (names.length + unset.length === 0 && args.skills === undefined)
    return refused("invalid-args", "Nothing to change: name a value, such as --model, or --unset one.");
  const empty = names.find((name) => args[name] === "")?.replaceAll("_", "-");
  if (empty !== undefined)
    return refused("invalid-args", `--${empty} is empty: to clear it, use --unset ${empty}.`);
  const values = checkScalars(Object.fromEntries(names.map((name) => [name, args[name]])), unset);
  if (values.ok) return values;
  return typedRefusal(values.error, (name) =>
    names.some((each) => each === name) ? `--${name.replaceAll("_", "-")}` : `--unset ${name}`,
  );
};

/** The effects of a change that need a confirmation. */
const unconfirmed = async (
  args: ArgsOf<typeof updateFlags>,
  call: Call<ReadContext>,
): Promise<Unconfirmed | null> => {
  const byValue = unconfirmedValues(args, call.actor, await call.context.placeOf(args.id));
  const byScope = args.cli_scope === "global" ? await openScope(args.id, call.context) : null;
  const found = args.isolation === undefined ? null : await savedConfigIn(args, call.context);
  const byIsolation = found?.ok === true ? lowersIsolation({ ...args, before: found.value.saved }) : null;
  const all = [byValue, byScope, byIsolation].filter((one) => one !== null);
  const [first] = all;
  return first === undefined ? null : { says: all.flatMap(({ says }) => says), refusal: first.refusal };
};

const update: Command<CommandContext, ReadContext> = confirmable(
  defineCommand({
    ...aboutConfig,
    words: "groups config update",
    ...access.change,
    description: "Change values and skills of a group's configuration. Restarts nothing.",
    examples: [
      "groups config update ag-1 --provider codex --model gpt-5.1-codex",
      "groups config update ag-1 --unset model,effort",
      "groups config update ag-1 --skills notes,tides",
    ],
    flags: updateFlags,
    check: withReason(problemOf(valuesIn)),
    prepare: async (args, { context }) => {
      const asks = args.provider !== undefined || args.model !== undefined || args.effort !== undefined;
      const found = asks ? await savedConfigIn(args, context) : null;
      const values = valuesIn(args);
      // The command itself reports any other fault when it runs.
      if (found?.ok !== true || !values.ok) return { ok: true, value: [] };
      const typed = (["provider", "model", "effort"] as const).filter((field) => args[field] !== undefined);
      const wanted = { ...found.value.saved, ...values.value };
      return prepareAgent({ wanted, typed, yes: args.yes === true }, context);
    },
    run: async (args, call) => {
      const config = configIn(args, call.context);
      if (!config.ok) return config;
      const values = valuesIn(args);
      if (!values.ok) return values;
      const before = await config.value.get();
      if (before.ok && before.value !== null) {
        const place = await call.context.placeOf(args.id);
        const refusal = mayNotLower({ ...args, before: before.value }, call.actor, place);
        if (refusal !== null) return { ok: false, error: refusal };
      }
      const updated = await config.value.updateScalars(values.value, updateOptions(args, call));
      return updated.ok ? configReply(config.value, updated.value) : configRefusal(updated.error);
    },
  }),
  unconfirmed,
);

export const settingCommands: readonly Command<CommandContext, ReadContext>[] = [get, update];
