import { redactText, type DriveResult } from "@trust/dialog-engine";
import type { Diagnostic } from "./report.ts";

/** The known dialogs that an unknown one resembles, and the difference to each: usually a sentence that is new. */
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
