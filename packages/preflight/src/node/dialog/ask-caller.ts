import { redactText, screenText, type AskCaller } from "@trust/dialog-engine";
import type { Diagnostic, PendingFolder } from "../../index.ts";
import type { Batch } from "./batch.ts";

/** Passes a folder's questions to the caller's `onQuestion`. A failure of it is reported, and counts as no consent. */
export const askCaller =
  (
    { workspace, provider }: PendingFolder,
    { secrets, home }: Pick<Batch, "secrets" | "home">,
    onQuestion: NonNullable<Batch["onQuestion"]>,
    report: (diagnostic: Diagnostic) => void,
  ): AskCaller =>
  ({ text, options, ...question }, onAnswer) => {
    const redact = (shown: string): string => redactText(shown, secrets, home);
    const controller = new AbortController();
    const shown = {
      ...question,
      workspace,
      provider,
      text: screenText(text, redact),
      options: options.map(redact),
    };
    // An exception of `onQuestion` must become a rejection too.
    void Promise.resolve()
      .then(() => onQuestion(shown, controller.signal))
      .then(onAnswer, (error: unknown) => {
        // A caller rejects with an abort error when its question was withdrawn.
        if (!controller.signal.aborted)
          report({ code: "question-failed", message: redact(`onQuestion failed: ${String(error)}`) });
        onAnswer(null);
      });
    return () => controller.abort();
  };
