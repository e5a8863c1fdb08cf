import { defineCommand, isAccepted, type Command, type Flag, type ResponseFrame } from "@nc/cli-scope";
import { type CommandContext, type ReadContext, done } from "@gatehouse/command-context";
import { access } from "../stored-resource.ts";

type ApprovalFlag = Flag & {
  readonly name: "id";
  readonly type: "string";
  readonly required: true;
};

/** The flag that names an approval. */
export const id: ApprovalFlag = {
  name: "id",
  type: "string",
  description: "The approval.",
  required: true,
  refersTo: "approvals",
};

/** An answer to what a person has read. */
const seen = {
  name: "seen",
  type: "string",
  description:
    "The digest of the card that you have read, from approvals get --json. If the card has changed since, nothing is answered, and you get the new one.",
} as const satisfies Flag;

/** `approvals approve` */
export const approve: Command<CommandContext, ReadContext> = defineCommand({
  words: "approvals approve",
  resource: "approvals",
  ...access.operator,
  description:
    "Run a waiting command as the agent that asked for it. It runs once, and the agent gets its answer. A tool is allowed once, or always with --always. A chat is wired to the group, and the sender becomes a member of it.",
  examples: ["approvals approve ap-1", "approvals approve ap-1 --group ag-1"],
  flags: [
    id,
    {
      name: "group",
      type: "string",
      description:
        "For a chat: the group that is to answer there. You may leave it out if there is only one group.",
      refersTo: "groups",
    },
    {
      name: "always",
      type: "boolean",
      description: "For a tool: allow it with exactly this input in this group from now on.",
    },
    {
      name: "rule",
      type: "integer",
      description:
        "For a tool: allow from now on what the rule of this number says. Its CLI suggests the rule, and decides what it matches.",
      min: 1,
    },
    seen,
  ],
  positional: "id",
  run: async ({ id: approvalId, group, always, rule, seen }, { actor, context }) => {
    const choice = { group, isAlways: always, rule, seen };
    const frame = await context.approvals.approve(approvalId, actor, choice);
    if (!frame.ok) return frame;
    const { value } = frame;
    const isDone = value.ok && isCarriedOut(value.data);
    return done(...replyTo(approvalId, value, `${approvalId} is approved${isDone ? " and done" : ""}.`));
  },
});

/** `approvals answer` */
export const answer: Command<CommandContext, ReadContext> = defineCommand({
  words: "approvals answer",
  resource: "approvals",
  ...access.operator,
  description:
    "Answer a question of an agent, with the numbers of options or in your own words. It gives the agent no permission.",
  examples: ["approvals answer ap-1 --text 2", 'approvals answer ap-1 --text "1,3; none of these"'],
  flags: [
    id,
    {
      name: "text",
      isPrivate: true,
      type: "string",
      description:
        'The answer. Several options have a comma between them, and answers to several questions a ";".',
      required: true,
    },
    seen,
  ],
  positional: "id",
  run: async ({ id: approvalId, text, seen }, { actor, context }) => {
    const frame = await context.approvals.approve(approvalId, actor, { answer: text, seen });
    if (!frame.ok) return frame;
    return done(...replyTo(approvalId, frame.value, `${approvalId} is answered.`));
  },
});

/** The reply about an answered approval; `human` is the line about a success. */
const replyTo = (approvalId: string, result: ResponseFrame, human: string): Parameters<typeof done> => {
  if (result.ok) {
    const said = result.human === undefined ? "" : `\n${result.human}`;
    return [{ id: approvalId, status: "approved", result: result.data }, { human: `${human}${said}` }];
  }
  const { code, message } = result.error;
  return [
    { id: approvalId, status: "failed", error: { code, message } },
    { warnings: [`Approved, but the command failed: ${message}`] },
  ];
};

/** `approvals reject` */
export const reject: Command<CommandContext, ReadContext> = defineCommand({
  words: "approvals reject",
  resource: "approvals",
  ...access.operator,
  description:
    "Refuse a waiting command. The agent gets the refusal, and your reason if you give one. For a stranger or a chat, the host does not ask again.",
  examples: ['approvals reject ap-1 --reason "Not on a Friday"'],
  flags: [id, { name: "reason", type: "string", description: "A sentence for the agent." }, seen],
  positional: "id",
  run: async ({ id: approvalId, reason, seen }, { actor, context }) => {
    const rejected = await context.approvals.reject(approvalId, actor, { reason, seen });
    return rejected.ok ? done({ id: approvalId, status: "rejected" }) : rejected;
  },
});

/** False for an act, which the host carries out later, and for a tool or a plan, which the agent uses itself. */
const isCarriedOut = (data: unknown): boolean =>
  !isAccepted(data) && !(typeof data === "object" && data !== null && ("allowed" in data || "plan" in data));
