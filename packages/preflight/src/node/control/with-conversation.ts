import type { Result, Verdict } from "../../index.ts";
import { lookAgain } from "../commit/look-again.ts";
import { noRoom, withBatch, type Batch } from "../dialog/batch.ts";
import type { PromptedCli } from "../dialog/prompted-cli.ts";
import type { Confirm, ConfirmContext, Confirmer } from "../plan/strategy.ts";
import { withTempFolder } from "../temp-folders/temp-folder.ts";
import { converse, type Conversation, type Speech } from "./conversation.ts";
import type { Door } from "./door.ts";

/** What differs between the CLIs that are asked over a control protocol. */
export type Talking<Request, Answer> = {
  readonly speechFor: (batch: Batch) => Speech<Request, Answer>;
  readonly confirmWith: (conversation: Conversation<Door<Request, Answer>>, batch: Batch) => Confirm;
};

/**
 * Lends a confirmer that has one conversation with its CLI, in an empty folder of ours, and ends it.
 */
export const withConversation = async <T, Request, Answer>(
  context: ConfirmContext,
  prompted: PromptedCli,
  { speechFor, confirmWith }: Talking<Request, Answer>,
  use: (confirmer: Confirmer) => Promise<T>,
): Promise<Result<T, Verdict>> => {
  const lent = await withTempFolder((neutral) =>
    withBatch(context, prompted, (batch) => {
      const conversation = converse({ ...batch, neutral }, speechFor(batch));
      return use({
        confirm: confirmWith(conversation, batch),
        settle: conversation.close,
        file: batch.file,
        lookAgain: () => lookAgain(batch),
      }).finally(conversation.close);
    }),
  );
  return lent.ok ? lent.value : noRoom("temp-not-writable", lent.error.detail, prompted.file);
};
