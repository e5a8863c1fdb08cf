import { createHash } from "node:crypto";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { ToolRequest, ToolSuggestion } from "@gatehouse/session-rows/messages";
import { fieldsOf } from "./approval-row.ts";
import { type AskedOf, knownTool } from "./known-tools.ts";
import { inputHash, inputText } from "./tool-request.ts";

type Database = Kysely<CentralTables>;

type Made = { readonly id: (prefix: string) => string; readonly at: string; readonly by: string };

/** Allows a tool with exactly this input in a group from now on. */
export const allowInput = (db: Database, groupId: string, asked: AskedOf, made: Made): Promise<void> => {
  const exact = exactly(asked);
  const row = { tool: asked.tool, input_hash: inputHash(exact), input: inputText(exact), rule: null };
  return insert(db, groupId, made, row);
};

/** The part of a request that decides what runs. An agent words the rest anew each time. */
const exactly = ({ provider, tool, input, realPaths }: AskedOf): Pick<AskedOf, "input" | "realPaths"> => {
  const words = knownTool(provider, tool)?.words ?? [];
  if (typeof input !== "object" || input === null || Array.isArray(input)) return { input, realPaths };
  const fields = Object.entries(input).filter(([name]) => !words.includes(name));
  return { input: Object.fromEntries(fields), realPaths };
};

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

/** The rule by which a person always allows this tool with exactly this input; null without one. */
export const ruleAllowing = async (db: Database, groupId: string, asked: AskedOf): Promise<string | null> => {
  const rule = await db
    .selectFrom("tool_rules")
    .select("id")
    .where("agent_group_id", "=", groupId)
    .where("tool", "=", asked.tool)
    .where("input_hash", "=", inputHash(exactly(asked)))
    .where("rule", "is", null)
    .executeTakeFirst();
  return rule?.id ?? null;
};

/** The fields that say what a tool does and where. Others hold contents and words, of which only the length is recorded. */
const recordedFields: ReadonlySet<string> = new Set([
  ...["command", "cmd", "cwd", "path", "file_path", "filePath", "notebook_path"],
  ...["pattern", "patterns", "glob", "url", "query", "skill", "subagent_type"],
]);

/** The input of a tool for the decision log. */
export const recordedInput = (input: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(fieldsOf(input))
      .slice(0, 20)
      .map(([name, value]) => {
        const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
        return [name.slice(0, 60), recordedFields.has(name) ? text : `(${text.length} characters)`];
      }),
  );

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

/** True for a tool that `allow-read` allows. */
export const isReadOnly = ({ tool, isInside }: ToolRequest, provider: string): boolean =>
  isInside === true && knownTool(provider, tool)?.reads === true;
