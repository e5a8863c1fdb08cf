import { setTimeout as pause } from "node:timers/promises";
import {
  readAnswer,
  decideFolder,
  acceptFolder,
  askFolder,
  controlArgs,
  quietVariables,
  type FolderAnswer,
  type ControlRequest,
} from "../../control/claude-protocol.ts";
import { notAsked, stillBusy } from "../../explain/diagnostics.ts";
import type { Result } from "../../index.ts";
import { keyStamp, movedVerdict } from "../same-folder/check-program.ts";
import type { ControlSteps, Refusal } from "./accept.ts";
import type { StepsFor } from "./confirm-by-control.ts";
import type { ControlProtocol } from "./conversation.ts";

/** The pause after a busy answer, and the longest time to repeat it, ms. */
const busy = { pauseMs: 5, maxMs: 2_000 } as const;

/** Claude Code's control protocol. `args` are the arguments of the protected command. */
export const claudeProtocol = (args: readonly string[]): ControlProtocol<ControlRequest, FolderAnswer> => ({
  args: [...controlArgs, ...args],
  variables: quietVariables,
  readAnswer,
  checkSupport: async (channel, { real, timeoutMs }) => {
    const asked = await channel.ask({ request: (id) => askFolder(id, real), timeoutMs });
    if (!asked.ok) return asked;
    return { ok: true, value: asked.value.status === "unsupported" ? "unsupported" : "supported" };
  },
});

/** The steps for one folder: asks Claude Code about it and makes it accept the folder, during the folder's turn. */
export const claudeSteps: StepsFor<ControlRequest, FolderAnswer> = (folder, { ask, transcript }) => {
  const { real } = folder.paths;
  const stamp = keyStamp(folder.paths);
  let directory = real;

  const named = async (): Promise<Result<string, string>> => {
    const until = performance.now() + busy.maxMs;
    for (;;) {
      const asked = await ask((id) => askFolder(id, real));
      if (!asked.ok) return { ok: false, error: notAsked(asked.error) };
      const decision = decideFolder(asked.value, { real, trustKey: folder.trustKey });
      transcript.decision(decision);
      if (decision.type === "accept") return { ok: true, value: (directory = decision.directory) };
      if (decision.type === "refuse") return { ok: false, error: decision.why };
      if (performance.now() > until) return { ok: false, error: stillBusy };
      await pause(busy.pauseMs);
    }
  };

  const whyNot = async (): Promise<string | null> => {
    const until = performance.now() + busy.maxMs;
    for (;;) {
      const asked = await ask((id) => acceptFolder(id, real, directory));
      if (!asked.ok) return notAsked(asked.error);
      if (asked.value.status === "ok") return null;
      if (asked.value.status !== "busy") return "It did not take the answer.";
      if (performance.now() > until) return stillBusy;
      await pause(busy.pauseMs);
      const answer = await named();
      if (!answer.ok) return answer.error;
    }
  };

  const accept = async (): Promise<Refusal | null> => {
    const why = await whyNot();
    return why === null ? null : { why, verdict: null };
  };

  const finalCheck: ControlSteps["finalCheck"] = async () => {
    const answer = await named();
    if (!answer.ok) return { verdict: { code: "control-unavailable", why: answer.error }, diagnostics: [] };
    return { verdict: movedVerdict(folder, stamp), diagnostics: [] };
  };

  return { finalCheck, accept };
};

/** Shortens messages that answer no request: they contain much about the session and nothing about trust. */
export const claudeBrief = (message: unknown): unknown => {
  const { type, subtype } = Object(message) as { type?: unknown; subtype?: unknown };
  if (type === "control_request" || readAnswer(message) !== null) return message;
  return { type, ...(subtype === undefined ? {} : { subtype }) };
};
