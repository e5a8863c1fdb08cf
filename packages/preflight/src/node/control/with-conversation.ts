import type { Result, Verdict } from "../../index.ts";
import { recheckKeys } from "../commit/recheck-keys.ts";
import { noRoom, withBatch, type Batch } from "../dialog/batch.ts";
import type { PromptedCli } from "../dialog/prompted-cli.ts";
import type { Confirm, ConfirmContext, Confirmer } from "../plan/strategy.ts";
import { withTempFolder } from "../temp-folder.ts";
import { createConversation, type Conversation, type ControlProtocol } from "./conversation.ts";
import type { ControlChannel } from "./control-channel.ts";

/** The differences between CLIs with a control protocol. */
export type ConversationSetup<Request, Answer> = {
  readonly protocolFor: (batch: Batch) => ControlProtocol<Request, Answer>;
  readonly confirmWith: (
    conversation: Conversation<ControlChannel<Request, Answer>>,
    batch: Batch,
  ) => Confirm;
};

/** Lends a confirmer that has one conversation with its CLI, in an empty folder of ours, and ends the CLI afterwards. */
export const withConversation = async <T, Request, Answer>(
  context: ConfirmContext,
  prompted: PromptedCli,
  { protocolFor, confirmWith }: ConversationSetup<Request, Answer>,
  use: (confirmer: Confirmer) => Promise<T>,
): Promise<Result<T, Verdict>> => {
  const lent = await withTempFolder((neutral) =>
    withBatch(context, prompted, (batch) => {
      const conversation = createConversation({ ...batch, neutral }, protocolFor(batch));
      return use({
        confirm: confirmWith(conversation, batch),
        settle: conversation.close,
        file: batch.file,
        recheckKeys: () => recheckKeys(batch),
      }).finally(conversation.close);
    }),
  );
  return lent.ok ? lent.value : noRoom("temp-not-writable", lent.error.detail, prompted.file);
};
