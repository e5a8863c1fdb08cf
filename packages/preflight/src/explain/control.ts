import type { Diagnostic } from "../report.ts";

/**
 * Sentences about the control protocol. Each is used in a diagnostic, or in the `why` of
 * `control-unavailable`.
 */

export const unsupported = "This version does not know the question.";

/** The reasons why the conversation got no answer, as a structural type. `detail` is redacted. */
type NoAnswer =
  | { readonly code: "silent"; readonly waitedMs: number }
  | { readonly code: "exited"; readonly detail: string }
  | { readonly code: "flooded" }
  | { readonly code: "cancelled" };

export const notAsked = (error: NoAnswer): string => {
  switch (error.code) {
    case "silent":
      return `It did not answer within ${Math.round(error.waitedMs / 100) / 10} s.`;
    case "exited":
      return `It ended instead of answering (${error.detail}).`;
    case "flooded":
      return "It wrote without end instead of answering.";
    case "cancelled":
      return "The run was cancelled before it answered.";
  }
};

export const notProven = (file: string): string =>
  `It says that it recorded the trust, and ${file} does not say so.`;

export const refused = (detail: string): string => `It refuses: ${detail}`;

export const noVersion = "It does not tell the version of its config.toml.";

export const changedAgain = "Its config.toml was changed each time it was to write.";

export const stillBusy = "It was busy for as long as it was asked.";

/** The diagnostic when the dialog is used instead. */
export const controlNotUsed = (why: string): Diagnostic => ({
  code: "control-not-used",
  message: `The folder was not trusted over the control protocol, so its dialog was used instead: ${why}`,
});

export const leftLock = (file: string): Diagnostic => ({
  code: "stale-cli-lock",
  message: `${file}.lock still existed after the program had ended.`,
});
