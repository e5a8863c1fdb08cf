import type { ResponseFrame } from "@nc/cli-scope";
import type { Pending } from "../claim.ts";
import type { ApprovalKind } from "./approval-kind.ts";
import { chatKind } from "./chat-kind.ts";
import { senderKind } from "./sender-kind.ts";

/** Every kind that needs nothing of the command host. */
const ownKinds: Readonly<Record<string, ApprovalKind>> = { chat: chatKind, sender: senderKind };

/** Whether an agent asked an approval of this kind. `command` is the kind of a command of `ncl`. */
export const isOfAgent = (kind: string): boolean =>
  !Object.hasOwn(ownKinds, kind) || ownKinds[kind]!.isOfAgent;

/** The kind of an approval. `run` runs a command; what a newer host asked is refused. */
export const kindOf = (
  { kind }: Pick<Pending, "kind">,
  run: (approval: Pending) => Promise<ResponseFrame>,
): ApprovalKind => {
  if (kind === "command")
    return { isOfAgent: true, run: (_db, approval) => run(approval), refuse: () => Promise.resolve() };
  return (Object.hasOwn(ownKinds, kind) ? ownKinds[kind] : undefined) ?? unknown;
};

const unknown: ApprovalKind = {
  isOfAgent: true,
  run: (_db, { approval_id: id, kind }) =>
    Promise.resolve({
      id,
      ok: false,
      error: {
        code: "handler-error",
        message: `This host cannot carry out an approval of the kind "${kind}".`,
      },
    }),
  refuse: () => Promise.resolve(),
};
