import type { CommandError, Reply } from "@nc/cli-scope";
import {
  changesWithoutSecrets,
  resolveProvider,
  withoutSecrets,
  type ConfigChange,
  type ContainerConfig,
  type Need,
  type Update,
} from "@nc/container-config";
import type { NotApplied } from "@gatehouse/agent-clis/applied";
import type { Result } from "@gatehouse/std";
import { type Behind, type GroupConfig, done } from "@gatehouse/command-context";
import { instructionFileOf } from "@gatehouse/group-workspace";

/**
 * The answer to a change: the whole configuration, the changes, what a new provider gets of the conversation, and the
 * sessions that need a restart to get them.
 */
export const configReply = async (
  config: GroupConfig,
  { config: saved, changes, needs }: Update,
  more: { readonly data?: Readonly<Record<string, unknown>>; readonly warnings?: readonly string[] } = {},
): Promise<Result<Reply, CommandError>> => {
  const behind = await config.behind(saved);
  const shown = changesWithoutSecrets(changes);
  const notApplied = await config.notApplied(saved);
  const idle = notApplied.filter(({ field }) => shown.some((change) => change.field === field));
  const carriedOver = await carriedOverIn(changes, config);
  const human = [
    ...shown.flatMap(changeLines),
    savedLine(saved, needs),
    ...(carriedOver === null ? [] : [carriedOver]),
    ...idle.map(notAppliedLine),
    ...behind.map(behindLine),
  ];
  return done(
    {
      ...withoutSecrets(saved),
      ...more.data,
      changes: shown,
      needs,
      ...(carriedOver === null ? {} : { carried_over: carriedOver }),
      not_applied: notApplied,
      behind,
    },
    {
      human: human.join("\n"),
      ...(more.warnings === undefined ? {} : { warnings: more.warnings }),
    },
  );
};

/** A sentence on the state that carries over to the new provider; null if the provider stays the same. */
const carriedOverIn = async (
  changes: readonly ConfigChange[],
  { hasSessions }: GroupConfig,
): Promise<string | null> => {
  const change = changes.find(({ field }) => field === "provider");
  if (change === undefined) return null;
  const [from, to] = [change.before, change.after].map((value) =>
    resolveProvider({ agent_provider: null }, { provider: typeof value === "string" ? value : null }),
  );
  return from === undefined || to === undefined ? null : carriedOver(from, to, await hasSessions());
};

/**
 * Says what one provider gets of a session's conversation with another one. The agent runner keeps a conversation for
 * each provider. Null if they are the same, or if there is nothing to say.
 */
export const carriedOver = (from: string, to: string, hasSessions: boolean): string | null => {
  if (from === to) return null;
  const [before, after] = [instructionFileOf(from), instructionFileOf(to)];
  const kept = `Any conversation with ${from} is kept, and goes on if you change back; ${to} sees none of it, only the messages that are still open and the files of the group's folder.`;
  const sentences = [
    ...(hasSessions ? [kept] : []),
    ...(before === after ? [] : [`Your own text in ${before} is not copied: ${to} reads ${after}.`]),
  ];
  return sentences.length === 0 ? null : sentences.join(" ");
};

/**
 * `model: (unset) -> "opus"`. A map gives a line for each entry that differs: `mcp_servers.rss: (unset) ->
 * {"command":"npx"}`
 */
const changeLines = ({ field, before, after }: ConfigChange): readonly string[] => {
  if (!isMap(before) || !isMap(after)) return [`${field}: ${valueText(before)} -> ${valueText(after)}`];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const entries = names.map((name) => [name, valueText(before[name]), valueText(after[name])] as const);
  return entries
    .filter(([, was, is]) => was !== is)
    .map(([name, was, is]) => `${field}.${name}: ${was} -> ${is}`);
};

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Shows null as unset. */
export const valueText = (value: unknown): string =>
  value === null || value === undefined ? "(unset)" : JSON.stringify(value);

const savedLine = ({ generation }: ContainerConfig, needs: Need | null): string => {
  switch (needs) {
    case null:
      return `Nothing changed; generation ${generation}.`;
    case "now":
      return `Saved as generation ${generation}; it takes effect now.`;
    case "restart":
      return `Saved as generation ${generation}. Takes effect at the next restart.`;
    case "rebuild":
      return `Saved as generation ${generation}.`;
  }
};

/** `packages_apt has no effect yet. The runtime "process" does not apply it.` */
export const notAppliedLine = ({ field, reason }: NotApplied): string =>
  `${field} has no effect yet. ${reason}`;

/** The changes that a running container has not seen. */
export const behindLine = ({ session_id, generation, fields, needs }: Behind): string => {
  if (fields === null) return `${session_id} runs with an unknown configuration; start it again.`;
  const names = fields.join(", ");
  return needs === "rebuild"
    ? `${session_id} runs with generation ${generation}; it lacks ${names}.`
    : `${session_id} runs with generation ${generation}; a ${needs} would change ${names}.`;
};

/** The lines of the changes, with secrets hidden. */
export const changesText = (changes: readonly ConfigChange[]): string =>
  changes.length === 0 ? "No difference." : changesWithoutSecrets(changes).flatMap(changeLines).join("\n");
