import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, parseJson, systemCode, type Result } from "@gatehouse/std";
import { limits } from "./limits.ts";

/** What the runner takes from `container.json`, which the host wrote for this session. */
export type ContainerJson = {
  readonly groupId: string;
  /** The agent's name. */
  readonly assistantName: string;
  readonly provider: string;
  readonly maxMessagesPerPrompt: number;
  /** The time zone of the group, IANA; that of the machine if it has none. */
  readonly timezone: string;
};

/**
 * Reads `in/container.json` of a session's folder. A file that is missing, torn or invalid is an error, a
 * sentence: an agent that runs with defaults is another agent than the one that was configured.
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

/** Reads the text of `container.json`. An error is the rest of a sentence about the file. */
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
  if (!isTimezone(timezone)) return fail("has something else than a time zone as timezone.");
  return ok({
    groupId: agentGroupId,
    assistantName,
    provider: provider.toLowerCase(),
    maxMessagesPerPrompt,
    timezone,
  });
};

type Fields = Readonly<
  Partial<
    Record<"agentGroupId" | "assistantName" | "provider" | "maxMessagesPerPrompt" | "timezone", unknown>
  >
>;

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
