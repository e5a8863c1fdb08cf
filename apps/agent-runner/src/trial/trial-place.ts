import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProviderPlace } from "../provider.ts";

/** The options of every trial. */
export type TrialOptions = {
  /** The environment in which the agent's CLI would be started. */
  readonly env: ProviderPlace["env"];
  /** Maximum time for all of it, ms. */
  readonly limitMs: number;
};

/** Runs a trial in a workload's folder of its own, which is also its HOME, and removes the folder. */
export const inTrialPlace = async <T>(
  provider: string,
  env: ProviderPlace["env"],
  work: (place: ProviderPlace) => Promise<T>,
): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-try-"));
  try {
    const cwd = join(folder, "work");
    await mkdir(join(folder, "in", "skills"), { recursive: true });
    for (const path of [join(folder, "out"), cwd]) await mkdir(path);
    return await work({
      folder,
      cwd,
      env: { ...env, HOME: folder },
      json: plain(provider),
      gateway: null,
      toolProgram: { command: "false", args: [], env: {} },
    });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
};

const plain = (provider: string): ProviderPlace["json"] => ({
  groupId: "ag-try",
  assistantName: "Agent",
  provider,
  model: null,
  effort: null,
  mcpServers: {},
  maxMessagesPerPrompt: 1,
  ownProvider: null,
  timezone: "UTC",
});
