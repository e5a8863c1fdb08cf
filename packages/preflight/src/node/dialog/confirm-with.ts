import type { Result, Verdict } from "../../index.ts";
import type { PromptedCli } from "./prompted-cli.ts";
import { withBatch } from "./batch.ts";
import { confirmAlone } from "./confirm-alone.ts";
import { confirmFolder } from "./confirm-folder.ts";
import { recheckKeys } from "../commit/recheck-keys.ts";
import type { ConfirmContext, Confirmer } from "../plan/strategy.ts";

/** Lends a confirmer that answers the dialog of this CLI. */
export const confirmWith = <T>(
  context: ConfirmContext,
  prompted: PromptedCli,
  use: (confirmer: Confirmer) => Promise<T>,
): Promise<Result<T, Verdict>> =>
  withBatch(context, prompted, (batch) => {
    const confirm = batch.runsAlone ? confirmAlone : confirmFolder;
    return use({
      confirm: (group) => confirm(group, batch),
      file: batch.file,
      recheckKeys: () => recheckKeys(batch),
    });
  });
