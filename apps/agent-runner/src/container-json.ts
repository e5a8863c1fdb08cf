import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, parseJson, systemCode, type Result } from "@gatehouse/std";
import * as z from "zod";
import type { InputPlace } from "./acp/tool-calls.ts";
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
  /** The row of a provider that the operator has added; null for a provider of this runner. */
  readonly ownProvider: OwnProvider | null;
  /** The time zone of the group, IANA; that of the machine if it has none. */
  readonly timezone: string;
};

/** A provider as data. `gatehouse providers add` has checked it. */
export type OwnProvider = {
  readonly name: string;
  /** Words and values may have `{url}`, `{key}` and `{model}`. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly mode: string | null;
  readonly inputIn: InputPlace;
  readonly denialEnds: boolean;
  readonly takesServers: boolean;
  readonly errorPrefix: string | null;
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
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    return fail(`${file} cannot be read (${systemCode(error)}).`);
  }
  const parsed = parseContainerJson(text);
  return parsed.ok ? parsed : fail(`${file} ${parsed.error}`);
};

const isTimezone = (timeZone: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone }) instanceof Intl.DateTimeFormat;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
};

/** A message is the object of "has ... as FIELD". */
const [noText, otherText, otherCount, otherTimezone] = [
  ...["no text", "something else than a text"],
  ...["something else than a whole number above 0", "something else than a time zone"],
];
const text = z.string(noText).min(1, noText);
const textOrNull = z.string(otherText).nullable().default(null);

const schema = z.object({
  agentGroupId: text,
  provider: text.toLowerCase(),
  assistantName: text,
  maxMessagesPerPrompt: z.int(otherCount).min(1, otherCount).default(limits.messagesPerPrompt),
  model: textOrNull,
  effort: textOrNull,
  // The host has checked the servers before it saved them.
  mcpServers: z.record(z.string(), z.custom<McpServer>(), "something else than an object").default({}),
  ownProvider: z.custom<OwnProvider>().nullable().default(null),
  timezone: z
    .string(otherTimezone)
    .refine(isTimezone, otherTimezone)
    .default(() => new Intl.DateTimeFormat().resolvedOptions().timeZone),
});

/** Parses the text of `container.json`. An error is the rest of a sentence about the file. */
export const parseContainerJson = (json: string): Result<ContainerJson, string> => {
  const parsed = schema.safeParse(parseJson(json));
  if (parsed.success) {
    const { agentGroupId: groupId, ...rest } = parsed.data;
    return ok({ groupId, ...rest });
  }
  const [{ path: [field] = [], message = "" } = {}] = parsed.error.issues;
  return fail(field === undefined ? "is not a JSON object." : `has ${message} as ${String(field)}.`);
};
