import { defineCommand, isAccepted, type Command, type Flag, type Row } from "@nc/cli-scope";
import { commandLine, harmless } from "../approvals/command-line.ts";
import { parsedArgs, parsedLines } from "../approvals/parsed-args.ts";
import { ifShown, notAnApprover } from "../approvals/shown-to.ts";
import type { ResourceOf } from "../world/stored-table.ts";
import type { CommandContext, ReadContext } from "../world/command-context.ts";
import { done } from "../world/reply.ts";
import { access, storedResource, type StoredResource } from "./stored-resource.ts";

const id = {
  name: "id",
  type: "string",
  description: "The approval.",
  required: true,
  refersTo: "approvals",
} as const satisfies Flag;

/** Left out: the arguments, which may hold secrets, and the digest that protects the row. */
const resource: ResourceOf<"pending_approvals"> = {
  name: "approval",
  plural: "approvals",
  description: "What waits for a person: commands of agents, strangers, chats that no group answers in.",
  id: { description: "The approval." },
  columns: [
    { name: "approval_id", type: "string", description: "ap-<uuid>", generated: true },
    { name: "session_id", type: "string", description: "The session that asked.", refersTo: "sessions" },
    {
      name: "agent_group_id",
      alias: "group",
      type: "string",
      description: "The agent group that asked.",
      refersTo: "groups",
    },
    {
      name: "kind",
      type: "string",
      description: "A command of an agent, a stranger's message, or a chat that no group answers in.",
      values: ["command", "sender", "chat"],
    },
    { name: "command", type: "string", description: "The words of the command." },
    {
      name: "shown",
      type: "string",
      description: "The command as a person reads it, without secrets.",
      generated: true,
    },
    {
      name: "consequence",
      type: "string",
      description: "What it would have done when it was asked for.",
      generated: true,
    },
    {
      name: "scope",
      type: "string",
      description: "The CLI scope of the agent when it asked.",
      generated: true,
    },
    {
      name: "status",
      type: "string",
      description: "Whether it waits, or how it ended.",
      values: ["pending", "approved", "rejected", "expired", "failed"],
    },
    { name: "created_at", type: "string", description: "When it was asked for.", generated: true },
    { name: "expires_at", type: "string", description: "Until when it can be answered.", generated: true },
    { name: "answered_by", type: "string", description: "Who answered." },
    { name: "answered_at", type: "string", description: "When it was answered.", generated: true },
  ],
  verbs: {},
};

/** `list` filters by these columns. */
const selecting: readonly Flag[] = resource.columns.filter(({ generated }) => generated !== true);

const list: Command<CommandContext, ReadContext> = {
  words: "approvals list",
  resource: "approvals",
  ...access.readAcrossGroups,
  description:
    "List commands of agents that wait for a person, and those that were answered. Values of secrets are hidden.",
  examples: ["approvals list --status pending"],
  flags: [
    ...selecting,
    { name: "limit", type: "integer", description: "How many rows at most.", min: 1, max: 1000 },
  ],
  run: async ({ limit: most = 200, ...where }, { actor, context }) => {
    const limit = Number(most);
    const shown = await context.approvals.shownTo(actor);
    if (shown.length === 0) return notAnApprover;
    const rows = context.rows("approvals");
    if (shown === "all") {
      const all = await rows.list({ where, limit });
      return all.ok ? done(all.value) : all;
    }
    const found: Row[] = [];
    for (const group of shown) {
      if ((where["agent_group_id"] ?? group) !== group) continue;
      const own = await rows.list({ where: { ...where, agent_group_id: group }, limit });
      if (!own.ok) return own;
      found.push(...own.value);
    }
    return done(found.toSorted(newestFirst).slice(0, limit));
  },
};

const get: Command<CommandContext, ReadContext> = defineCommand({
  words: "approvals get",
  resource: "approvals",
  ...access.readAcrossGroups,
  description: "Show one command of an agent in full. Values of secrets are hidden.",
  examples: ["approvals get ap-1"],
  flags: [id],
  positional: "id",
  run: async ({ id }, { actor, context }) => {
    const found = await context.rows("approvals").get(id);
    if (!found.ok) return found;
    const row = ifShown(await context.approvals.shownTo(actor), id, found.value);
    return row.ok ? done(row.value, inFull(row.value)) : row;
  },
});

const approve: Command<CommandContext, ReadContext> = defineCommand({
  words: "approvals approve",
  resource: "approvals",
  ...access.operator,
  description:
    "Run a waiting command as the agent that asked for it. It runs once, and the agent gets its answer. A chat is wired to the group, and the sender becomes a member of it.",
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
  ],
  positional: "id",
  run: async ({ id: approvalId, group }, { actor, context }) => {
    const frame = await context.approvals.approve(approvalId, actor, group);
    if (!frame.ok) return frame;
    const result = frame.value;
    if (result.ok) {
      const said = result.human === undefined ? "" : `\n${result.human}`;
      return done(
        { approval_id: approvalId, status: "approved", result: result.data },
        { human: `${approvalId} is approved${isAccepted(result.data) ? "" : " and done"}.${said}` },
      );
    }
    const { code, message } = result.error;
    return done(
      { approval_id: approvalId, status: "failed", error: { code, message } },
      { warnings: [`Approved, but the command failed: ${message}`] },
    );
  },
});

const reject: Command<CommandContext, ReadContext> = defineCommand({
  words: "approvals reject",
  resource: "approvals",
  ...access.operator,
  description:
    "Refuse a waiting command. The agent gets the refusal, and your reason if you give one. For a stranger or a chat, the host asks nobody again.",
  examples: ['approvals reject ap-1 --reason "Not on a Friday"'],
  flags: [id, { name: "reason", type: "string", description: "A sentence for the agent." }],
  positional: "id",
  run: async ({ id: approvalId, reason }, { actor, context }) => {
    const rejected = await context.approvals.reject(approvalId, actor, reason);
    return rejected.ok ? done({ approval_id: approvalId, status: "rejected" }) : rejected;
  },
});

/** The fields and the lines of the consequence. Without a consequence the usual table is enough. */
const inFull = ({ consequence, ...row }: Row): { readonly human?: string } => {
  if (!Array.isArray(consequence)) return {};
  const widest = Math.max(...Object.keys(row).map(({ length }) => length));
  const fields = Object.entries(row).map(
    ([name, value]) => `${name.padEnd(widest)}  ${String(value ?? "-")}`,
  );
  return { human: [...fields, "consequence:", ...consequence.map((line) => `  ${line}`)].join("\n") };
};

const newestFirst = (one: Row, other: Row): number =>
  keyOf(one) < keyOf(other) ? 1 : keyOf(one) > keyOf(other) ? -1 : 0;

const keyOf = (row: Row): string => `${String(row["created_at"])} ${String(row["approval_id"])}`;

export const approvals: StoredResource = storedResource({
  resource,
  commands: [list, get, approve, reject],
  stored: {
    table: "pending_approvals",
    id: "approval_id",
    idPrefix: "ap",
    label: "command",
    isOwnOnly: true,
    group: "agent_group_id",
    stamp: "created_at",
    newestFirst: ["created_at", "approval_id"],
    present: ({ shown, consequence, ...row }) => ({
      ...row,
      shown: commandLine(String(row["command"]), parsedArgs(String(shown))),
      consequence: parsedLines(consequence as string | null)?.map(harmless) ?? null,
    }),
  },
});
