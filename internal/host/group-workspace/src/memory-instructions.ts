import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "@gatehouse/std";

/**
 * Returns instructions about the memory of the person in whose chat the agent works, as Markdown; empty if the person has
 * no memory. `users add` makes the folders, with the name `folder`: `7`, or `slack-T1-U2`. The host's account cannot read the folders, so the
 * instructions name only their paths.
 */
export const memoryInstructions = async (dataDir: string, folder: string): Promise<string> => {
  if (!/^[A-Za-z0-9-]+$/.test(folder)) return "";
  const [memory, history] = ["memory", "history"].map((name) => join(dataDir, "users", name, folder));
  if (memory === undefined || history === undefined || !(await isFolder(memory))) return "";
  return `## This person's memory

Read \`${join(memory, "MEMORY.md")}\` at the start of each conversation: it says what to remember about the person
you talk to. Keep it up to date as you learn more. Further notes about them go beside it, into \`${memory}\`, and
summaries of past conversations into \`${history}\`. Only this person's agent can read these folders.`;
};

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    systemCode(error);
    return false;
  }
};
