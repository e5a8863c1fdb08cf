import { reloadAsked } from "@gatehouse/control-plane";
import type { Answer } from "@gatehouse/socket-server";
import type { ResponseFrame } from "@nc/cli-scope";
import { renderReport, type ReloadReport } from "./reload-report.ts";

/** A transport whose callers may reload: what dispatch has allowed is done, and its report is the answer. */
export const reloading =
  (answer: Answer, reload: () => Promise<ReloadReport>): Answer =>
  async (frame) => {
    const response = await answer(frame);
    return response.ok && response.data === reloadAsked ? frameOf(response.id, await reload()) : response;
  };

const frameOf = (id: string, report: ReloadReport): ResponseFrame =>
  report.ok
    ? { id, ok: true, data: report, human: renderReport(report) }
    : { id, ok: false, error: { code: "handler-error", message: renderReport(report) } };
