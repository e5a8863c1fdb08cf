import type { DriveLimits } from "@trust/dialog-engine";
import { controlNotUsed } from "../../explain/diagnostics.ts";
import { repeated, type Attempt } from "../../result-of.ts";
import type { Result, Verdict } from "../../index.ts";
import type { PromptedCli } from "../dialog/prompted-cli.ts";
import { pastStaleLock, type Batch } from "../dialog/batch.ts";
import { confirmFolder } from "../dialog/confirm-folder.ts";
import type { ConfirmContext, Confirmer, PendingGroup } from "../plan/strategy.ts";
import type { FolderAnswer, ControlRequest } from "../../control/claude-protocol.ts";
import { claudeBrief, claudeProtocol, claudeSteps } from "./claude-control.ts";
import { confirmByControl, type Protocol } from "./confirm-by-control.ts";
import { withConversation } from "./with-conversation.ts";

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
