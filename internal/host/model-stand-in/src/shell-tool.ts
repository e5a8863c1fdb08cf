import { fieldsOf, listOf, textOf, type Fields } from "@gatehouse/std";
import type { ModelReply, OfferedTool } from "./model-apis.ts";

/** A call of the tool with which an agent runs commands; null if it offers none. */
export const shellCall = (
  tools: readonly OfferedTool[],
  command: string,
): Extract<ModelReply, { readonly type: "call" }> | null => {
  const tool = tools.find(isShell) ?? tools.find(isCodeMode);
  if (tool === undefined) return null;
  return { type: "call", tool, input: isCodeMode(tool) ? codeFor(command) : shellInput(tool, command) };
};

/** True for the one tool by which newer models of OpenAI use all others: it runs JavaScript (Codex 0.171.0, gpt-6.2-sol). */
const isCodeMode = ({ type, name }: OfferedTool): boolean => type === "custom" && name === "exec";

/** The JavaScript that runs a command there. */
export const codeFor = (cmd: string): string => `text(await tools.exec_command(${JSON.stringify({ cmd })}));`;

/** The fields in which a tool that runs commands takes its command. */
const commandFields = ["command", "cmd", "script"];

const commandField = ({ schema }: OfferedTool): string | undefined =>
  commandFields.find((field) => field in fieldsOf(schema["properties"]));

/** True for the tool with which an agent runs commands, by its name and its input. */
const isShell = (tool: OfferedTool): boolean =>
  /bash|shell|exec|terminal|command|run/i.test(tool.name) && commandField(tool) !== undefined;

/** The input with which a tool runs a command: each required field has the plainest value of its type. */
const shellInput = (tool: OfferedTool, command: string): Fields => {
  const properties = fieldsOf(tool.schema["properties"]);
  const required = Array.isArray(tool.schema["required"]) ? (tool.schema["required"] as unknown[]) : [];
  const field = commandField(tool) ?? "command";
  const isList = typeOf(properties[field]) === "array";
  const others = required
    .map(textOf)
    .filter((name) => name !== field)
    .map((name) => [name, plainValue(fieldsOf(properties[name]))] as const);
  return { ...Object.fromEntries(others), [field]: isList ? ["sh", "-c", command] : command };
};

/** A type, in lower case: Google's API has capitals. */
const typeOf = (schema: unknown): string => textOf(fieldsOf(schema)["type"]).toLowerCase();

/** Milliseconds for a required time limit, and the number of every other required field. */
const plainNumber = 60_000;

const plainValue = (schema: Fields): unknown => {
  const [first] = Array.isArray(schema["enum"]) ? (schema["enum"] as unknown[]) : [];
  if (first !== undefined) return first;
  const values: Fields = {
    boolean: false,
    integer: plainNumber,
    number: plainNumber,
    array: [],
    object: {},
  };
  const type = typeOf(schema) || typeOf(listOf(schema["anyOf"])[0]);
  return Object.hasOwn(values, type) ? values[type] : "Runs it";
};
