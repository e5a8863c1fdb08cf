import { createHash } from "node:crypto";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { canonicalInput, type ToolSuggestion } from "@gatehouse/session-rows/messages";
import { inputHash } from "./tool-request.ts";

type Database = Kysely<CentralTables>;

type Made = { readonly id: (prefix: string) => string; readonly at: string; readonly by: string };

/** Allows a tool with exactly this input in a group from now on. */
export const allowInput = (
  db: Database,
  groupId: string,
  { tool, input }: { readonly tool: string; readonly input: unknown },
  made: Made,
): Promise<void> =>
  insert(db, groupId, made, { tool, input_hash: inputHash(input), input: canonicalInput(input), rule: null });

/** Stores rules of the group's CLI, by which the CLI itself allows tools. */
export const allowRules = async (
  db: Database,
  groupId: string,
  rules: ToolSuggestion,
  made: Made,
): Promise<void> => {
  for (const rule of rules)
    await insert(db, groupId, made, { tool: toolOf(rule), input_hash: ruleHash(rule), input: "", rule });
};

const insert = async (
  db: Database,
  agent_group_id: string,
  { id, at, by }: Made,
  row: { tool: string; input_hash: string; input: string; rule: string | null },
): Promise<void> => {
  await db
    .insertInto("tool_rules")
    .values({ id: id("tr"), agent_group_id, ...row, allowed_by: by, created_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
};

/** The tool that a rule is about: `Bash` of `Bash(npm test *)`. */
const toolOf = (rule: string): string => /^[^(]*/.exec(rule)?.[0] ?? rule;

/** No input has the hash of a rule: the hashed text is not JSON. */
const ruleHash = (rule: string): string => createHash("sha256").update(`rule ${rule}`).digest("hex");

/** Whether a person always allows this tool with exactly this input. */
export const isInputAllowed = async (
  db: Database,
  groupId: string,
  { tool, input }: { readonly tool: string; readonly input: unknown },
): Promise<boolean> => {
  const rule = await db
    .selectFrom("tool_rules")
    .select("id")
    .where("agent_group_id", "=", groupId)
    .where("tool", "=", tool)
    .where("input_hash", "=", inputHash(input))
    .where("rule", "is", null)
    .executeTakeFirst();
  return rule !== undefined;
};

/**
 * The rules that the CLI of a group's agents gets: those that a person has chosen. With the policy `deny` there are
 * none, since the CLI would not ask for what they allow.
 */
export const toolRulesOf = async (db: Database, groupId: string): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom("tool_rules")
    .leftJoin("container_configs", "container_configs.agent_group_id", "tool_rules.agent_group_id")
    .select("rule")
    .where("tool_rules.agent_group_id", "=", groupId)
    .where((eb) => eb.or([eb("tools", "is", null), eb("tools", "!=", "deny")]))
    .orderBy("rule")
    .execute();
  return rows.flatMap(({ rule }) => rule ?? []);
};

/** The tools that only read, which `allow-read` allows: each with the CLI that has it. To add one, add a row. */
const readOnlyTools: Readonly<Record<string, readonly string[]>> = {
  claude: ["Read", "Glob", "Grep", "LS", "NotebookRead"],
};

const readOnly: ReadonlySet<string> = new Set(Object.values(readOnlyTools).flat());

export const isReadOnly = (tool: string): boolean => readOnly.has(tool);
