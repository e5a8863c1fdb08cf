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

/** Maximum length of a question's text, in UTF-16 units. The end is kept, since the options follow it. */
const longestText = 2_000;
const longestOption = 300;
const mostOptions = 30;

/** Rows shown above the options of a question without a rule: the rows in its frame may not say enough. */
const rowsAbove = 12;
const ruleOnly = /^[\s─━═╌┄┈╍│╭╮╰╯┌┐└┘]*$/u;

/**
 * The text of a question. For a question without a rule it includes the rows above the frame: Claude Code
 * 2.1.328 draws the command in its own frame, and "Do you want to proceed?" below.
 */
const askedText = (seen: Observation<string>, rows: readonly string[]): string => {
  if (!("dialog" in seen)) return rows.join("\n");
  const { above, top } = seen.dialog;
  if (seen.type !== "unknown") return above.join("\n");
  const before = rows.slice(0, top + above.length).filter((row) => !ruleOnly.test(row));
  return before.slice(-rowsAbove).join("\n");
};

/**
 * Distinguishes one question from the next; empty if nothing is asked. The same words about another command
 * are a different question. A dialog of a rule is identified by its own text.
 */
export const identityOf = (seen: Observation<string>, rows: readonly string[]): string =>
  "dialog" in seen ? `${askedText(seen, rows)}\n${seen.dialog.question}` : "";

/** The id by which a person names a question; the hash of an empty text if nothing is asked. */
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
