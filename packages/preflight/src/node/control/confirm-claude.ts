import { setTimeout as pause } from "node:timers/promises";
import type { DriveLimits } from "@trust/dialog-engine";
import { controlNotUsed, notAsked, stillBusy } from "../../diagnostic-messages.ts";
import { repeated, type Attempt } from "../../result-of.ts";
import type { Result, Verdict } from "../../index.ts";
import type { PromptedCli } from "../dialog/prompted-cli.ts";
import { pastStaleLock, type Batch } from "../dialog/batch.ts";
import { confirmFolder } from "../dialog/confirm-folder.ts";
import type { ConfirmContext, Confirmer, PendingGroup } from "../plan/strategy.ts";
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
import { confirmByControl, type Protocol, type StepsFor } from "./confirm-by-control.ts";
import { withConversation, type ControlProtocol } from "./conversation.ts";
import { keyStamp, movedVerdict } from "../same-folder/check-program.ts";
import type { ControlSteps, Refusal } from "./accept.ts";

/** Lends a confirmer that uses the CLI's control protocol, or its dialog if the protocol is unavailable. */
export const confirmClaude = <T>(
  context: ConfirmContext,
  prompted: PromptedCli,
  use: (confirmer: Confirmer) => Promise<T>,
): Promise<Result<T, Verdict>> =>
  withConversation(
    context,
    prompted,
    {
      protocolFor: ({ args }) => claudeProtocol(args),
      confirmWith: (conversation, batch) => {
        const protocol = { conversation, stepsFor: claudeSteps, brief: claudeBrief };
        return (group) => confirmGroup(group, batch, protocol, context.request.via === "control");
      },
    },
    use,
  );

const confirmGroup = async (
  group: PendingGroup,
  batch: Batch,
  protocol: Protocol<ControlRequest, FolderAnswer>,
  isAllThereIs: boolean,
): Promise<Attempt> => {
  const asked = await confirmByControl(group, batch, protocol);
  if (asked.passedOn === null || isAllThereIs || batch.signal.aborted) return asked;
  const spent = asked.durationMs - asked.timings.lockWaitMs;
  const rest = lessBy(batch.limits, spent);
  // A lock from before the batch has already lengthened the batch's limits.
  const limits = batch.hasStaleLock ? rest : await pastStaleLock(rest, batch);
  const answered = await confirmFolder(group, { ...batch, limits });
  const diagnostics = [...asked.diagnostics, controlNotUsed(asked.passedOn)];
  return repeated({ ...asked, diagnostics }, answered);
};

/** Control protocol and dialog share a folder's time; the dialog keeps at least one phase of it. */
const lessBy = ({ totalMs, phaseMs }: DriveLimits, spentMs: number): DriveLimits => ({
  phaseMs,
  totalMs: Math.max(Math.min(phaseMs, totalMs), totalMs - spentMs),
});

/** The pause after a busy answer, and the longest time to repeat it, ms. */
const busy = { pauseMs: 5, maxMs: 2_000 } as const;

/** Claude Code's control protocol. `args` are the arguments of the protected command. */
const claudeProtocol = (args: readonly string[]): ControlProtocol<ControlRequest, FolderAnswer> => ({
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
const claudeSteps: StepsFor<ControlRequest, FolderAnswer> = (folder, { ask, transcript }) => {
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
const claudeBrief = (message: unknown): unknown => {
  const { type, subtype } = Object(message) as { type?: unknown; subtype?: unknown };
  if (type === "control_request" || readAnswer(message) !== null) return message;
  return { type, ...(subtype === undefined ? {} : { subtype }) };
};
