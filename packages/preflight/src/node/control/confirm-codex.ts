import type { Result, Verdict } from "../../index.ts";
import { lookAgain } from "../commit/look-again.ts";
import { noRoom, withBatch } from "../dialog/batch.ts";
import type { ConfirmContext, Confirmer } from "../plan/strategy.ts";
import { withTempFolder } from "../temp-folders/temp-folder.ts";
import { codexSpeech, codexSteps, codexBrief } from "./codex-control.ts";
import { codexRecord } from "./codex-record.ts";
import { confirmByControl } from "./confirm-by-control.ts";
import { converse } from "./conversation.ts";

/** Lends a confirmer that has `codex app-server` write trust to config.toml. There is no other way. */
export const confirmCodex = async <T>(
  context: ConfirmContext,
  use: (confirmer: Confirmer) => Promise<T>,
): Promise<Result<T, Verdict>> => {
  const record = codexRecord(context);
  const lent = await withTempFolder((neutral) =>
    withBatch(context, record, (batch) => {
      const conversation = converse({ ...batch, neutral }, codexSpeech);
      const protocol = { conversation, stepsFor: codexSteps, brief: codexBrief };
      return use({
        confirm: (group) => confirmByControl(group, batch, protocol),
        settle: conversation.close,
        file: batch.file,
        lookAgain: () => lookAgain(batch),
      }).finally(conversation.close);
    }),
  );
  return lent.ok ? lent.value : noRoom("temp-not-writable", lent.error.detail, record.file);
};
