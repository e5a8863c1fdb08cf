import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeCliFolder } from "../files.ts";
import type { ProviderPlace } from "../provider.ts";
import { codexConfig } from "./codex-config.ts";

/** The folder that Codex has as CODEX_HOME: its settings and its threads. */
export const codexHome = (folder: string): string => join(folder, "out", "codex");

/**
 * The folder for temporary files of Codex and its commands. Its sandbox makes empty `.git`, `.codex` and the like in
 * each folder that a command may write, and a killed one leaves them there (0.169.0), so the folder is the workload's.
 */
export const codexTemporary = (folder: string): string => join(folder, "out", "tmp");

/** Threads, their indexes, and the runner's records of turns. */
const kept = /^(?:sessions|turns|thread-writer-locks|installation_id|.+\.sqlite(?:-shm|-wal)?)$/;

/**
 * Writes the files that Codex reads at its start, and makes its temporary folder.
 *
 * The project is untrusted, so Codex does not read its settings and its AGENTS.md (0.169.0); AGENTS.md and the skills
 * come by this folder instead.
 */
export const writeCodexFiles = async (place: ProviderPlace): Promise<void> => {
  const { folder, json, gateway, toolProgram } = place;
  await writeCliFolder(place, {
    path: codexHome(folder),
    kept,
    instructions: "AGENTS.md",
    files: { "config.toml": codexConfig({ ...json, gateway, toolProgram }) },
  });
  await rm(codexTemporary(folder), { recursive: true, force: true });
  await mkdir(codexTemporary(folder), { mode: 0o700 });
};
