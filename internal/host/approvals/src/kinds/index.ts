import type { ResponseFrame } from "@nc/cli-scope";
import type { Pending } from "../claim.ts";
import type { ApprovalKind } from "./approval-kind.ts";
import { chatKind } from "./chat-kind.ts";
import { questionKind } from "./question-kind.ts";
import { senderKind } from "./sender-kind.ts";
import { toolKind } from "./tool-kind.ts";

/** The kinds that do not need the command host. */
const hostlessKinds: Readonly<Record<string, ApprovalKind>> = {
  chat: chatKind,
  question: questionKind,
  sender: senderKind,
  tool: toolKind,
};

/** Whether the agent that asked reads the outcome of this kind, as a note. `command` is the kind of a command of `ncl`. */
export const isOfAgent = (kind: string): boolean =>
  !Object.hasOwn(hostlessKinds, kind) || hostlessKinds[kind]!.isOfAgent;

/** Whether the runner of the session waits for the outcome of this kind. */
export const isOfTool = (kind: string): boolean =>
  Object.hasOwn(hostlessKinds, kind) && hostlessKinds[kind]!.isOfTool === true;

/** The kind of an approval. `run` runs a command. Kinds of a newer host, unknown to this one, are refused. */
export const kindOf = (
  { kind }: Pick<Pending, "kind">,
  run: (approval: Pending) => Promise<ResponseFrame>,
): ApprovalKind => {
  if (kind === "command")
    return { isOfAgent: true, run: (_db, approval) => run(approval), refuse: () => Promise.resolve() };
  return (Object.hasOwn(hostlessKinds, kind) ? hostlessKinds[kind] : undefined) ?? unknown;
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
