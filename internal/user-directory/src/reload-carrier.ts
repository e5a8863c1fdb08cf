import type { Carrier } from "@gatehouse/control-plane";
import { renderReport, type ReloadReport } from "./reload-report.ts";

/** Carries out `users reload`. Reading users.yaml twice is the same as once: what was applied is no change any more. */
export const reloadCarrier =
  (reload: () => Promise<ReloadReport>): Carrier =>
  async () => {
    const report = await reload();
    return report.ok
      ? { ok: true, value: { data: report, human: renderReport(report) } }
      : { ok: false, error: { code: "handler-error", message: renderReport(report) } };
  };
