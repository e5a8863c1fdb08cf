import { consentAnswers } from "@trust/dialog-engine/consents";
import type { Explanation, Place, VerdictOf } from "./explanation.ts";

/** The consent to ask a CLI that records every answer. */
export const persistConsent = "persist";

type ForPerson = VerdictOf<
  "sign-in-needed" | "no-connection" | "unknown-dialog" | "screen-reader-dialog" | "consent-needed"
>;

/** A person must do or allow something first. */
export const explainPerson = (verdict: ForPerson, { workspace, cli, startedAs }: Place): Explanation => {
  const { title } = cli;
  const file = startedAs ?? cli.file;
  switch (verdict.code) {
    case "sign-in-needed":
      return {
        message: `${title} is not set up for this user: it asks to choose a theme or to sign in.`,
        fix: `Start "${file}" once in a terminal, sign in, and repeat.`,
      };
    case "no-connection":
      return {
        message: `${title} is not set up for this user, and cannot reach its service to set itself up.`,
        fix: `Connect this machine (or set HTTPS_PROXY), start "${file}" once in a terminal, sign in, and repeat.`,
      };
    case "unknown-dialog":
      return {
        message: `${title} shows something that no rule knows; no key was pressed on it.`,
        fix: `Start "${file}" in ${workspace} and answer it. With \`recordDir\` the recording shows what was asked.`,
      };
    case "screen-reader-dialog":
      return {
        message: `${title} asks in its screen reader mode ("${verdict.dialog}"), which is never answered for a person.`,
        fix: `Start "${file}" in ${workspace} and answer it, or switch the screen reader mode off.`,
      };
    case "consent-needed":
      if (verdict.consent === persistConsent)
        return {
          message: `${title} cannot be told at launch, only asked, and then it records the answer; nothing was started.`,
          fix: `Pass \`persist\` to have it record that ${workspace} is trusted.`,
        };
      return {
        message: `${title} asks "${verdict.dialog}", for which no consent was given; no key was pressed on it.`,
        fix: consentFix(verdict.consent, `start "${file}" in ${workspace} and answer it`),
      };
  }
};

const consentFix = (kind: string | undefined, byHand: string): string => {
  const answers = Object.entries(consentAnswers).find(([name]) => name === kind)?.[1];
  return answers === undefined
    ? `${byHand[0]?.toUpperCase()}${byHand.slice(1)}.`
    : `Pass \`consents\` ${kind}=${answers.join("|")} (one of them), or ${byHand}.`;
};
