import { realpath, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { ok, systemCode, type Result } from "@gatehouse/std";
import type { Provider, ProviderError, ProviderPlace } from "../provider.ts";
import { textIfThere, writeAnew } from "../files.ts";
import { claude } from "../claude/claude.ts";
import { tryClaude } from "./try-claude.ts";

/**
 * Claude Code as a provider that is tried before its first turn: the flags and variables that the driver needs are in
 * no documentation, and a prompt must not reach a program that would lose it or run it twice. A session tries each
 * file once.
 */
export const triedClaude = (place: ProviderPlace): Provider => {
  const provider = claude(place);
  let tried: Promise<Result<null, ProviderError>> | null = null;
  return {
    ...provider,
    start: async (kept) => {
      tried ??= tryOnce(place);
      const trial = await tried;
      if (!trial.ok) {
        // The CLI may be replaced meanwhile.
        tried = null;
        return trial;
      }
      return provider.start(kept);
    },
  };
};

const tryOnce = async ({ folder, env }: ProviderPlace): Promise<Result<null, ProviderError>> => {
  const note = join(folder, "out", "claude-tried");
  const file = await fileOnPath("claude", env["PATH"]);
  if (file !== null && (await textIfThere(note)) === file) return ok(null);
  const trial = await tryClaude({ env, isKilled: false });
  // A machine that is too busy for the trial says nothing about the program.
  if (!trial.ok) return trial.error.code === "unavailable" ? ok(null) : trial;
  if (file !== null) await writeAnew(note, file);
  return ok(null);
};

/** The file that a PATH finds, with its size and time, which change with an update; null if there is none. */
const fileOnPath = async (name: string, path = ""): Promise<string | null> => {
  for (const folder of path.split(delimiter)) {
    const found = await describe(join(folder, name));
    if (found !== null) return found;
  }
  return null;
};

const describe = async (path: string): Promise<string | null> => {
  try {
    const file = await realpath(path);
    const { mtimeMs, size } = await stat(file);
    return `${file} ${mtimeMs} ${size}`;
  } catch (error) {
    systemCode(error);
    return null;
  }
};
