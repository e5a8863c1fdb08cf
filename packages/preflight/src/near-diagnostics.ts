import { redactText, type DriveResult } from "@trust/dialog-engine";
import type { Diagnostic } from "./report.ts";

/** Which known dialogs an unknown one is like, and what speaks against each: a sentence that was never seen, most often. */
export const nearDiagnostics = (
  result: DriveResult,
  { secrets, home }: { readonly secrets: readonly string[]; readonly home: string },
): readonly Diagnostic[] => {
  if (result.outcome !== "blocked") return [];
  return (result.near ?? []).map(({ ruleId, missing }) => ({
    code: "nearly-known-dialog",
    message: redactText(`It is nearly ${ruleId}: ${missing.join(", ")}.`, secrets, home),
  }));
};
