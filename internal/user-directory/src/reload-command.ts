import type { Command, ResponseFrame } from "@nc/cli-scope";
import type { Answer } from "@gatehouse/socket-server";
import { renderReport, type ReloadReport } from "./reload-report.ts";

/** What `users reload` gives back to dispatch: the reload itself needs the database, which its transaction still holds. */
const asked: object = Object.freeze({ asked: "reload" });

/** `ncl users reload`. It only decides who may: what it does is done by `reloading`. */
export const reloadCommand: Command<unknown> = {
  words: "users reload",
  resource: "users",
  access: "operator",
  reach: "host",
  description: "Read users.yaml again: applied whole, or refused and everything stays.",
  examples: ["users reload"],
  flags: [],
  run: async () => ({ ok: true, value: { data: asked } }),
};

/** A transport whose callers may reload: what dispatch has allowed is done, and its report is the answer. */
export const reloading =
  (answer: Answer, reload: () => Promise<ReloadReport>): Answer =>
  async (frame) => {
    const response = await answer(frame);
    return response.ok && response.data === asked ? frameOf(response.id, await reload()) : response;
  };

const frameOf = (id: string, report: ReloadReport): ResponseFrame =>
  report.ok
    ? { id, ok: true, data: report, human: renderReport(report) }
    : { id, ok: false, error: { code: "handler-error", message: renderReport(report) } };
