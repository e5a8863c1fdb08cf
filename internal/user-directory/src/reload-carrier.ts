import type { Carrier } from "@gatehouse/control-plane";
import { renderReport, type ReloadReport } from "./reload-report.ts";

/**
 * Carries out `users reload`. Reading users.yaml twice has the effect of reading it once: an applied change
 * is no longer a difference.
 */
export const reloadCarrier =
  (reload: () => Promise<ReloadReport>): Carrier =>
  async () => {
    const report = await reload();
    return report.ok
      ? { ok: true, value: { data: report, human: renderReport(report) } }
      : { ok: false, error: { code: "handler-error", message: renderReport(report) } };
  };
