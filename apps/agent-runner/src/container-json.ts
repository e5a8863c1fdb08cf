import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, parseJson, systemCode, type Result } from "@gatehouse/std";
import { limits } from "./limits.ts";

/** The fields of `container.json` that the runner uses. The host wrote the file for this session. */
export type ContainerJson = {
  readonly groupId: string;
  /** The agent's name. */
  readonly assistantName: string;
  readonly provider: string;
  /** As the provider names it; null for its default. */
  readonly model: string | null;
  readonly effort: string | null;
  readonly mcpServers: Readonly<Record<string, McpServer>>;
  readonly maxMessagesPerPrompt: number;
  /** The time zone of the group, IANA; that of the machine if it has none. */
  readonly timezone: string;
};

/** An MCP server as the configuration has it: a program or an address, with instructions for the agent. */
export type McpServer = {
  readonly command?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Variables whose values are secrets of the host, by the secret's name. */
  readonly secretEnv?: Readonly<Record<string, string>>;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The same for headers. */
  readonly secretHeaders?: Readonly<Record<string, string>>;
  readonly instructions?: string;
};

/**
 * Reads `in/container.json` of a session's folder. Never falls back to defaults: a missing, torn or invalid
 * file is an error, a sentence.
 */
export const readContainerJson = async (folder: string): Promise<Result<ContainerJson, string>> => {
  const file = join(folder, "in", "container.json");
  const text = await readText(file);
  if (!text.ok) return fail(`${file} cannot be read (${text.error}).`);
  const parsed = parseContainerJson(text.value);
  return parsed.ok ? parsed : fail(`${file} ${parsed.error}`);
};

const readText = async (file: string): Promise<Result<string, string>> => {
  try {
    return ok(await readFile(file, "utf8"));
  } catch (error) {
    return fail(systemCode(error));
  }
};

/** Parses the text of `container.json`. An error is the rest of a sentence about the file. */
export const parseContainerJson = (text: string): Result<ContainerJson, string> => {
  const json = parseJson(text);
  if (typeof json !== "object" || json === null || Array.isArray(json)) return fail("is not a JSON object.");
  const {
    agentGroupId,
    assistantName,
    provider,
    maxMessagesPerPrompt = limits.messagesPerPrompt,
  } = json as Fields;
  const { timezone = new Intl.DateTimeFormat().resolvedOptions().timeZone } = json as Fields;
  if (typeof agentGroupId !== "string" || agentGroupId === "") return fail("has no text as agentGroupId.");
  if (typeof provider !== "string" || provider === "") return fail("has no text as provider.");
  if (typeof assistantName !== "string" || assistantName === "") return fail("has no text as assistantName.");
  if (!isCount(maxMessagesPerPrompt))
    return fail("has something else than a whole number above 0 as maxMessagesPerPrompt.");
  const { model = null, effort = null, mcpServers = {} } = json as Fields;
  if (!isTextOrNull(model)) return fail("has something else than a text as model.");
  if (!isTextOrNull(effort)) return fail("has something else than a text as effort.");
  if (!isObject(mcpServers)) return fail("has something else than an object as mcpServers.");
  if (!isTimezone(timezone)) return fail("has something else than a time zone as timezone.");
  return ok({
    groupId: agentGroupId,
    assistantName,
    provider: provider.toLowerCase(),
    ...{ model, effort, maxMessagesPerPrompt, timezone },
    // The host has checked the servers before it saved them.
    mcpServers: mcpServers as ContainerJson["mcpServers"],
  });
};

type Fields = Readonly<
  Partial<
    Record<
      | "agentGroupId"
      | "assistantName"
      | "provider"
      | "model"
      | "effort"
      | "mcpServers"
      | "maxMessagesPerPrompt"
      | "timezone",
      unknown
    >
  >
>;

const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === "string";

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isTimezone = (value: unknown): value is string => {
  if (typeof value !== "string") return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }) instanceof Intl.DateTimeFormat;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 1;
