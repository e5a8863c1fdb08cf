import type { DriveLimits } from "@trust/dialog-engine";
import { controlNotUsed } from "../../explain/control.ts";
import { repeated, type Attempt } from "../../result-of.ts";
import type { Result, Verdict } from "../../index.ts";
import { lookAgain } from "../commit/look-again.ts";
import type { PromptedCli } from "../dialog/prompted-cli.ts";
import { noRoom, withBatch, type Batch } from "../dialog/batch.ts";
import { confirmFolder } from "../dialog/confirm-folder.ts";
import type { ConfirmContext, Confirmer, PendingGroup } from "../plan/strategy.ts";
import { withTempFolder } from "../temp-folders/temp-folder.ts";
import type { FolderAnswer } from "../../control/answer.ts";
import type { ControlRequest } from "../../control/messages.ts";
import { claudeBrief, claudeSpeech, claudeSteps } from "./claude-control.ts";
import { confirmByControl, type Protocol } from "./confirm-by-control.ts";
import { converse } from "./conversation.ts";

/**
 * Lends a confirmer that uses the CLI's control protocol, and its dialog where the protocol is unavailable.
 */
export const confirmClaude = async <T>(
  context: ConfirmContext,
  prompted: PromptedCli,
  use: (confirmer: Confirmer) => Promise<T>,
): Promise<Result<T, Verdict>> => {
  const lent = await withTempFolder((neutral) =>
    withBatch(context, prompted, (batch) => {
      const conversation = converse({ ...batch, neutral }, claudeSpeech(batch.args));
      const protocol = { conversation, stepsFor: claudeSteps, brief: claudeBrief };
      return use({
        confirm: (group) => confirmGroup(group, batch, protocol, context.request.via === "control"),
        settle: conversation.close,
        file: batch.file,
        lookAgain: () => lookAgain(batch),
      }).finally(conversation.close);
    }),
  );
  return lent.ok ? lent.value : noRoom("temp-not-writable", lent.error.detail, prompted.file);
};

const confirmGroup = async (
  group: PendingGroup,
  batch: Batch,
  protocol: Protocol<ControlRequest, FolderAnswer>,
  isAllThereIs: boolean,
): Promise<Attempt> => {
  const asked = await confirmByControl(group, batch, protocol);
  if (asked.passedOn === null || isAllThereIs || batch.signal.aborted) return asked;
  const spent = asked.durationMs - asked.timings.lockWaitMs;
  const answered = await confirmFolder(group, { ...batch, limits: lessBy(batch.limits, spent) });
  const diagnostics = [...asked.diagnostics, controlNotUsed(asked.passedOn)];
  return repeated({ ...asked, diagnostics }, answered);
};

/** Control protocol and dialog share a folder's time; the dialog keeps at least one phase of it. */
const lessBy = ({ totalMs, phaseMs }: DriveLimits, spentMs: number): DriveLimits => ({
  phaseMs,
  totalMs: Math.max(Math.min(phaseMs, totalMs), totalMs - spentMs),
});
