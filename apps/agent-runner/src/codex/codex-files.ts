import { mkdir, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "@gatehouse/fs-kit";
import { textIfThere } from "../files.ts";
import { codexConfig, type CodexSettings } from "./codex-config.ts";

/** The folder that Codex has as CODEX_HOME: its settings and its threads. */
export const codexHome = (folder: string): string => join(folder, "out", "codex");

/**
 * The folder for temporary files of Codex and its commands. Its sandbox makes empty `.git`, `.codex` and the like in
 * each folder that a command may write, and a killed one leaves them there (0.169.0), so the folder is the workload's.
 */
export const codexTemporary = (folder: string): string => join(folder, "out", "tmp");

/** Threads, their indexes, and the runner's records of turns. Everything else is written anew. */
const kept = /^(?:sessions|turns|thread-writer-locks|installation_id|.+\.sqlite(?:-shm|-wal)?)$/;

/** The inputs of the folder. */
export type CodexFilesOptions = {
  /** The workload's folder. */
  readonly folder: string;
  /** The agent's working folder, with the group's instructions. */
  readonly cwd: string;
  readonly settings: CodexSettings;
};

/**
 * Writes the files that Codex reads at its start. They are written anew each time: an agent could have allowed itself
 * commands in them, also by `rules` and `hooks`.
 *
 * The project is untrusted, so Codex does not read its settings and its AGENTS.md (0.169.0); AGENTS.md and the skills
 * come by this folder instead.
 */
export const writeCodexFiles = async ({ folder, cwd, settings }: CodexFilesOptions): Promise<void> => {
  const home = codexHome(folder);
  await mkdir(home, { recursive: true, mode: 0o700 });
  await rm(codexTemporary(folder), { recursive: true, force: true });
  await mkdir(codexTemporary(folder), { mode: 0o700 });
  for (const name of await readdir(home))
    if (!kept.test(name)) await rm(join(home, name), { recursive: true, force: true });
  const instructions = (await textIfThere(join(cwd, "AGENTS.md"))) ?? "";
  await Promise.all([
    replaceFile(join(home, "config.toml"), codexConfig(settings)),
    replaceFile(join(home, "AGENTS.md"), instructions),
    symlink(join(folder, "in", "skills"), join(home, "skills")),
  ]);
};
