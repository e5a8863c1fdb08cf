import type { Observation } from "@trust/dialog-engine";
import type { HeldQuestion, HolderState } from "../records/held-state.ts";

/** What a running agent is at. */
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

/** Maximum length of a question's text, in UTF-16 units. The end is kept: the options stand below it. */
const longestText = 2_000;
const longestOption = 300;
const mostOptions = 30;

/** The question on a screen, redacted and bounded. */
export const questionOf = (
  { code, dialog, consent }: LeftToPerson,
  seen: Observation<string>,
  rows: readonly string[],
  redact: (text: string) => string,
): HeldQuestion => {
  const asked = "dialog" in seen ? seen.dialog : null;
  const said = asked === null ? rows : asked.above;
  const text = said.map((row) => row.trimEnd()).join("\n");
  const options = (asked?.options ?? []).slice(0, mostOptions);
  return {
    dialog,
    code,
    ...(consent === undefined ? {} : { consent }),
    text: redact(text).trim().slice(-longestText),
    options: options.map(({ label }) => redact(label).slice(0, longestOption)),
  };
};
