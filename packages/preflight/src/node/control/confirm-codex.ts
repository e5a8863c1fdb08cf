import type { Result, Verdict } from "../../index.ts";
import type { ConfirmContext, Confirmer } from "../plan/strategy.ts";
import { codexBrief, codexProtocol, codexSteps } from "./codex-control.ts";
import { codexRecord } from "./codex-record.ts";
import { confirmByControl } from "./confirm-by-control.ts";
import { withConversation } from "./with-conversation.ts";

/** Lends a confirmer that makes `codex app-server` write trust to config.toml. Codex has no other way. */
export const confirmCodex = <T>(
  context: ConfirmContext,
  use: (confirmer: Confirmer) => Promise<T>,
): Promise<Result<T, Verdict>> =>
  withConversation(
    context,
    codexRecord(context),
    {
      protocolFor: () => codexProtocol,
      confirmWith: (conversation, batch) => {
        const protocol = { conversation, stepsFor: codexSteps, brief: codexBrief };
        return (group) => confirmByControl(group, batch, protocol);
      },
    },
    use,
  );
