import { defineCommand, type Command, type Flag, type Row } from "@nc/cli-scope";
import {
  commandLine,
  harmless,
  parsedArgs,
  parsedLines,
  ifShown,
  notAnApprover,
  questionText,
} from "@gatehouse/approvals";
import { type ResourceOf, type CommandContext, type ReadContext, done } from "@gatehouse/command-context";
import { answer, approve, id, reject } from "./answer-approvals.ts";
import { access, storedResource, type StoredResource } from "../stored-resource.ts";

/** The shown columns. They leave out the arguments, which `shown` has, and the digest that protects the row. */
const resource: ResourceOf<"pending_approvals"> = {
  name: "approval",
  plural: "approvals",
  description:
    "Questions that wait for a person: commands, tools and questions of agents, strangers, chats that no group answers in.",
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
      description:
        "A command of an agent, a stranger's message, a chat that no group answers in, a tool, or a question of an agent.",
      values: ["command", "sender", "chat", "tool", "question"],
    },
    { name: "command", type: "string", description: "The words of the command." },
    {
      name: "shown",
      type: "string",
      description: "The command as a person reads it: everything that the agent typed.",
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
  description: "List commands of agents that wait for a person, and those that were answered.",
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
  description: "Show everything that an agent asks for, in full.",
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

/** The fields and the lines of the consequence. Without a consequence the client prints its usual table. */
const inFull = ({ consequence, ...row }: Row): { readonly human?: string } => {
  if (!Array.isArray(consequence)) return {};
  const widest = Math.max(...Object.keys(row).map(({ length }) => length));
  const fields = Object.entries(row).map(
    ([name, value]) => `${name.padEnd(widest)}  ${String(value ?? "-")}`,
  );
  return { human: [...fields, "consequence:", ...consequence.map((line) => `  ${line}`)].join("\n") };
};

const shownText = ({ kind, command }: Row, shown: string): string =>
  kind === "tool" || kind === "question"
    ? questionText({ kind, command: String(command), shown }, "")
    : commandLine(String(command), parsedArgs(shown));

const newestFirst = (one: Row, other: Row): number =>
  keyOf(one) < keyOf(other) ? 1 : keyOf(one) > keyOf(other) ? -1 : 0;

const keyOf = (row: Row): string => `${String(row["created_at"])} ${String(row["approval_id"])}`;

export const approvals: StoredResource = storedResource({
  resource,
  commands: [list, get, approve, answer, reject],
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
      shown: shownText(row, String(shown)),
      consequence: parsedLines(consequence as string | null)?.map(harmless) ?? null,
    }),
  },
});
