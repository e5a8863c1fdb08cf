import { createHash } from "node:crypto";
import type { Selectable } from "kysely";
import type { AgentActor, Args, FlagValue } from "@nc/cli-scope";
import { parseJson } from "@gatehouse/std";
import type { ApprovalRow } from "@gatehouse/central-database";

/** The row of an approval before its answer, with its arguments. After `claim` it also has `answered_by`. */
export type Pending = Selectable<ApprovalRow>;

/**
 * The arguments that `hold` wrote. A torn row gives `{}`; its digest does not match that, so it is not run.
 */
export const parsedArgs = (json: string): Args => {
  const parsed = parseJson(json);
  return isArgs(parsed) ? parsed : {};
};

/** The consequence or the preview that `hold` wrote; null for none, or if it is not a list of lines. */
export const parsedLines = (json: string | null): readonly string[] | null => {
  const parsed = json === null ? null : parseJson(json);
  return isLines(parsed) ? parsed : null;
};

/** Whether the row has text that `hold` did not write: text that was cut, or JSON of another shape. */
export const isTorn = ({
  args,
  shown,
  consequence,
  preview,
}: Pick<ApprovalRow, "args" | "shown" | "consequence" | "preview">): boolean =>
  ![args, shown].every((json) => isArgs(parseJson(json))) ||
  [consequence, preview].some((json) => json !== null && !isLines(parseJson(json)));

const isArgs = (parsed: unknown): parsed is Args =>
  typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);

export const isLines = (parsed: unknown): parsed is readonly string[] =>
  Array.isArray(parsed) && parsed.every((line) => typeof line === "string");

/** The fields of JSON that an agent or another program wrote; empty if it is not an object. */
export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

/** Everything that an approval is bound to. */
type Bound = {
  /** Command and arguments as one text. */
  readonly canonical: string;
  /** The consequence that the person was shown, as JSON; null for a command without one. */
  readonly consequence: string | null;
  /** The further lines that the person was shown, as JSON; null for none. */
  readonly preview: string | null;
  readonly actor: Pick<AgentActor, "groupId" | "sessionId">;
  readonly scope: string;
  readonly expiresAt: string;
};

/** SHA-256 in hex. It differs if the row, the actor or the scope has changed since the request. */
export const digestOf = ({ canonical, consequence, preview, actor, scope, expiresAt }: Bound): string => {
  const bound = [canonical, actor.groupId, actor.sessionId, scope, expiresAt];
  // What a row lacks at the end is left out.
  const shown = preview !== null ? [consequence, preview] : consequence !== null ? [consequence] : [];
  return createHash("sha256")
    .update(JSON.stringify([...bound, ...shown]))
    .digest("hex");
};

/**
 * The lines of a text that an agent or a stranger wrote, with `>` before each, so that they cannot pass for lines of
 * the host.
 */
export const quotedLines = (text: string): readonly string[] => text.split("\n").map((line) => `> ${line}`);

/** True for a flag that explains a command, and does not change what it does. */
export const explains = (flag: string): boolean => ["reason", "message", "instructions"].includes(flag);

/**
 * A command as a person would type it, with every value in full, those that only explain it first. It contains no
 * terminal control and no invisible character, and no value looks like a flag.
 */
export const commandLine = (words: string, args: Args): string => {
  const flags = Object.entries(args);
  const sorted = [...flags.filter(([name]) => explains(name)), ...flags.filter(([name]) => !explains(name))];
  return ["ncl", words, ...sorted.map(([name, value]) => flagText(name, value))].join(" ");
};

const flagText = (name: string, value: FlagValue): string => {
  const flag = `--${name.replaceAll("_", "-")}`;
  return value === true
    ? flag
    : `${flag} ${quoted(typeof value === "string" ? value : JSON.stringify(value))}`;
};

const quoted = (text: string): string =>
  /^[\w@%+=:,./][\w@%+=:,./-]*$/.test(text) ? text : harmless(JSON.stringify(text));

/** Text without terminal controls and invisible characters. */
export const harmless = (text: string): string => text.replace(hiddenCharacter, escaped);

/**
 * Controls, direction marks, invisible characters, and every blank except the space. U+2800 (braille) is a
 * letter that is drawn as a blank. No script puts more than four marks on a letter; more would be drawn over
 * other rows.
 */
const hiddenCharacter = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]|(?<=\p{M}{4})\p{M}/gu;

const escaped = (character: string): string =>
  [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
    .join("");
