import process from "node:process";
import type { Observation } from "@trust/dialog-engine";
import type { HeldQuestion, HolderState } from "@gatehouse/held-client/records";

/** The state of a running agent. */
export type AgentView = {
  readonly state: Exclude<HolderState, "ended">;
  readonly question?: HeldQuestion;
};

/** A decision that leaves the screen to a person. */
export type LeftToPerson = {
  readonly code: string;
  readonly dialog: string;
  readonly consent?: string;
};

/** Maximum length of a question's text, in UTF-16 units: more than any screen has. */
const longestText = 100_000;
const longestOption = 300;
const mostOptions = 30;

/** Minimum rows above the options of a question without a rule: the rows in its frame may not say enough. */
const rowsAbove = 12;
/**
 * A row that begins a dialog. Claude Code 2.1.332 draws the command within it between rows of ╌, and each of the
 * command's own rows behind │, so no command can imitate such a row.
 */
const opensFrame = /^[╭┌┏╔]?[─━═]{20,}[╮┐┓╗]?\s*$/u;
const ruleOnly = /^[\s─━═╌┄┈╍│╭╮╰╯┌┐└┘]*$/u;

/**
 * The whole text of a question: two questions about different commands differ in it. For a question without a rule it
 * includes the rows above its frame, up to the frame before, or to the top of the screen: Claude Code 2.1.328 draws the
 * command in its own frame, and "Do you want to proceed?" below.
 */
const askedText = (seen: Observation<string>, rows: readonly string[]): string => {
  if (!("dialog" in seen)) return rows.join("\n");
  const { above, top } = seen.dialog;
  if (seen.type !== "unknown") return above.join("\n");
  const before = rows.slice(0, top + above.length);
  const frame = before.findLastIndex((row, at) => at < top && opensFrame.test(row));
  const text = (from: number): readonly string[] => before.slice(from).filter((row) => !ruleOnly.test(row));
  const whole = text(frame + 1);
  return (whole.length < rowsAbove ? text(0).slice(-rowsAbove) : whole).join("\n");
};

/**
 * Distinguishes one question from the next; empty if nothing is asked. The same words about another command
 * are a different question. A dialog of a rule is identified by its own text.
 */
export const identityOf = (seen: Observation<string>, rows: readonly string[]): string =>
  "dialog" in seen ? `${askedText(seen, rows)}\n${seen.dialog.question}` : "";

/** The code by which a person names the question that they have seen; the hash of an empty text if nothing is asked. */
export const questionIdOf = (seen: Observation<string>, rows: readonly string[]): string => {
  const asked = seen.type === "block" ? seen.rule.id : identityOf(seen, rows);
  // Loaded late: it takes 0.3 MB in a holder, and many agents never ask.
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256").update(asked).digest("hex").slice(0, 12);
};

/** An option's label as it is shown to a person. */
export const shownLabel = (label: string, redact: (text: string) => string): string =>
  redact(label).slice(0, longestOption);

/** The question on a screen, redacted and bounded. */
export const questionOf = (
  { code, dialog, consent }: LeftToPerson,
  seen: Observation<string>,
  rows: readonly string[],
  redact: (text: string) => string,
): HeldQuestion => {
  const text = askedText(
    seen,
    rows.map((row) => row.trimEnd()),
  );
  const options = ("dialog" in seen ? seen.dialog.options : []).slice(0, mostOptions);
  return {
    id: questionIdOf(seen, rows),
    dialog,
    code,
    ...(consent === undefined ? {} : { consent }),
    text: redact(text).trim().slice(-longestText),
    options: options.map(({ label }) => shownLabel(label, redact)),
  };
};
