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
import { wordsInOrder } from "@gatehouse/std";
import { answer, approve, id, reject } from "./answer-approvals.ts";
import { inOrder, withNames } from "../readable-list.ts";
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
      name: "preview",
      type: "string",
      description: "More about it, as it was when it was asked for.",
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
    "List what waits for a person, and then what was answered. A narrow terminal shows the state, the group and what is asked.",
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
    const groups = shown === "all" ? [null] : shown.filter((id) => (where["agent_group_id"] ?? id) === id);
    const found: Row[] = [];
    for (const group of groups)
      // The pending ones on their own: the limit must not leave out an old one that still waits.
      for (const status of where["status"] === undefined ? ["pending", null] : [null]) {
        const own = group === null ? {} : { agent_group_id: group };
        const state = status === null ? {} : { status };
        const listed = await rows.list({ where: { ...where, ...own, ...state }, limit });
        if (!listed.ok) return listed;
        found.push(...listed.value);
      }
    const each = [...new Map(found.map((row) => [row["id"], row])).values()];
    const listed = await readable(each.toSorted(pendingFirst).slice(0, limit), context);
    return done(await withCards(listed, context));
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
    if (!row.ok) return row;
    const [named = row.value] = await readable([row.value], context);
    const [withCard = named] = await withCards([named], context);
    return done(withCard, inFull(named));
  },
});

/** With the card of each row that waits, as a person is asked in every chat. */
const withCards = async (rows: readonly Row[], { approvals }: CommandContext): Promise<readonly Row[]> => {
  const all: Row[] = [];
  for (const row of rows) {
    const card = row["status"] === "pending" ? await approvals.card(String(row["id"])) : null;
    all.push({ ...row, card });
  }
  return all;
};

/** With the name of the group, and first what a narrow terminal shows: the state, the group, what is asked. */
const readable = async (rows: readonly Row[], context: CommandContext): Promise<readonly Row[]> => {
  const named = await withNames(rows, context);
  return named.map(inOrder(["status", "group", "shown", "created_at", "id", "answered_by", "kind"]));
};

/** The fields, and the lines of the consequence and the preview. Without them the client prints its usual table. */
const inFull = ({ consequence, preview, ...row }: Row): { readonly human?: string } => {
  const blocks = Object.entries({ consequence, preview }).flatMap(([name, lines]) =>
    Array.isArray(lines) ? [`${name}:`, ...lines.map((line) => `  ${line}`)] : [],
  );
  if (blocks.length === 0) return {};
  const widest = Math.max(...Object.keys(row).map(({ length }) => length));
  const fields = Object.entries(row).map(
    ([name, value]) => `${name.padEnd(widest)}  ${String(value ?? "-")}`,
  );
  return { human: [...fields, ...blocks].join("\n") };
};

const shownText = ({ kind, command }: Row, shown: string): string =>
  kind === "tool" || kind === "question"
    ? questionText({ kind, command: String(command), shown }, "")
    : commandLine(String(command), parsedArgs(shown));

const linesIn = (json: unknown): readonly string[] | null =>
  parsedLines(json as string | null)?.map((line) => wordsInOrder(harmless(line))) ?? null;

/** The pending ones first, and the newest of each first. */
const pendingFirst = (one: Row, other: Row): number =>
  keyOf(one) < keyOf(other) ? 1 : keyOf(one) > keyOf(other) ? -1 : 0;

const keyOf = (row: Row): string =>
  `${row["status"] === "pending" ? 1 : 0} ${String(row["created_at"])} ${String(row["id"])}`;

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
    present: ({ approval_id: id, shown, consequence, preview, ...row }) => ({
      id,
      ...row,
      shown: wordsInOrder(shownText(row, String(shown))),
      consequence: linesIn(consequence),
      preview: linesIn(preview),
    }),
  },
});
