import { runnableProviders } from "@gatehouse/provider-facts/agents";
import { userInfo } from "node:os";
import process from "node:process";
import type { Io } from "@gatehouse/cli-kit";
import { intro, isCancel, select, text } from "@clack/prompts";
import { folderProblem, nameProblem } from "@gatehouse/group-workspace/names";
import { systemCode, userIdProblem, type Environment } from "@gatehouse/std";
import type { InitAnswers } from "./init-answers.ts";

/** Questions go to stderr; stdout is for the result. */
const output = process.stderr;

/**
 * Asks the person for each missing answer, with a proposal. Returns null if the person cancels. Each question gets
 * its own signal: clack 1.9.0 leaves a listener behind on it.
 */
export const askInit = async (
  given: Partial<InitAnswers>,
  { env, signal }: Pick<Io, "env" | "signal">,
): Promise<InitAnswers | null> => {
  intro("The first agent group of this host: its agent may use all of ncl.", { output });
  const options = () => ({ output, signal: AbortSignal.any([signal]) });
  const ask = async (message: string, proposal: string, problem: Problem): Promise<string | null> => {
    const answer = await text({
      message,
      initialValue: proposal,
      ...options(),
      validate: (value) => problem(value ?? "") ?? undefined,
    });
    return isCancel(answer) ? null : answer;
  };
  const name = given.name ?? (await ask("Name of the group", capitalised(accountName()), nameProblem));
  if (name === null) return null;
  const folder = given.folder ?? (await ask("Folder of the group, one word", folderOf(name), folderProblem));
  if (folder === null) return null;
  const owner = given.owner ?? (await ask("The owner, as channel:name", ownerOf(env, folder), userIdProblem));
  if (owner === null) return null;
  if (given.provider !== undefined) return { name, folder, owner, provider: given.provider };
  const provider = await select({
    message: "What answers",
    ...options(),
    options: Object.entries(runnableProviders).map(([value, { hint }]) => ({ value, label: value, hint })),
  });
  return isCancel(provider) ? null : { name, folder, owner, provider };
};

type Problem = (text: string) => string | null;

/** The account's name, or `agent` for a uid without a name, as in some containers. */
const accountName = (): string => {
  try {
    return userInfo().username;
  } catch (error) {
    systemCode(error);
    return "agent";
  }
};

/**
 * Proposes the person at the terminal as the owner, or the group's name if the account's one makes no user who can chat: a
 * local chat refuses ":" and "/".
 */
export const ownerOf = (env: Environment, folder: string): string => {
  const name = env["USER"] || accountName();
  const user = `local:${name}`;
  return userIdProblem(user) === null && !/[:/]/.test(name) ? user : `local:${folder}`;
};

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Proposes a folder for a group: its name's letters and digits, or `agent` if they make no valid name. */
export const folderOf = (name: string): string => {
  const word = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return folderProblem(word) === null ? word : "agent";
};
