import { decide } from "../decision/decide.ts";
import { isConfined } from "../decision/confined.ts";
import { scopesOf } from "../decision/policy.ts";
import { typed } from "../problems/command-messages.ts";
import type { Asked } from "../commands/resolve-command.ts";
import type { Flag, Signature } from "../commands/command.ts";
import type { Question } from "./built-in.ts";

/** The caller, and the commands of the host. */
export type Asker = Pick<Question, "actor" | "authorization" | "commands"> & {
  readonly host: Pick<Question["host"], "policy" | "elsewhere">;
};

/**
 * The commands that the caller may run, with or without an approval. A command that is refused only because
 * of its flags is included.
 */
export const visibleCommands = ({ commands, actor, authorization, host }: Asker): readonly Asked[] =>
  commands.filter(
    (command) =>
      command.isHidden !== true && decide(actor, command, {}, authorization, host.policy).effect !== "deny",
  );

/** True if dispatch fills in the flags that name the caller's own group. */
export const isFilledIn = ({ actor, authorization, host }: Asker): boolean =>
  isConfined(actor, authorization, scopesOf(host));

/** The flags that the caller may use. */
export const flagsFor = ({ flags }: Signature, asker: Asker): readonly Flag[] =>
  flags.filter(({ escalates }) => !(isFilledIn(asker) && escalates === true));

/** True if the caller has to give this flag. */
export const isRequired = ({ required, lock, isOwnByDefault }: Flag, asker: Asker): boolean =>
  required === true &&
  !(isFilledIn(asker) && lock !== undefined) &&
  !(asker.actor.type === "agent" && isOwnByDefault === true);

/** How the caller writes a command: `members add --user <string> [--flag value]...` */
export const usageOf = (command: Signature, asker: Asker): string => {
  const flags = flagsFor(command, asker);
  const bare = flags.filter((flag) => flag.name === command.positional && !isGiven(flag, asker));
  const required = flags.filter((flag) => flag.name !== command.positional && isRequired(flag, asker));
  const written = [...bare.map(({ name }) => `<${name}>`), ...required.map(flagText)];
  const more = flags.length > bare.length + required.length ? ["[--flag value]..."] : [];
  return [command.words, ...written, ...more].join(" ");
};

const isGiven = ({ lock }: Flag, asker: Asker): boolean => isFilledIn(asker) && lock !== undefined;

const flagText = ({ name, type, values }: Flag): string =>
  `${typed(name)} <${values === undefined ? type : values.join("|")}>`;
