import type { IntentHandler } from "@gatehouse/intents";
import { renderReport, type ReloadReport } from "./reload-report.ts";

/**
 * Makes the handler of the intent `reload`, for `users reload`. It is idempotent: a change that was applied is no
 * difference in the next reload.
 */
export const reloadHandler =
  (reload: () => Promise<ReloadReport>): IntentHandler =>
  async () => {
    const report = await reload();
    return report.ok
      ? { ok: true, value: { data: report, human: renderReport(report) } }
      : { ok: false, error: { code: "handler-error", message: renderReport(report) } };
  };
