import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Result } from "../../index.ts";
import { sweepTempFolders } from "./sweep-temp-folders.ts";
import { systemCode } from "@gatehouse/std";
import { thisProcess } from "@gatehouse/processes";
import { ownerFile, tempPrefix } from "./owner-file.ts";

/**
 * Lends a folder (0700) while `use` runs, and always removes it, even if a bug ends the process. Also removes
 * the folders of killed processes.
 */
export const withTempFolder = async <T>(
  use: (folder: string) => Promise<T>,
): Promise<Result<T, { readonly detail: string }>> => {
  const made = makeOwned();
  if (!made.ok) return made;
  const removeNow = (): void => rmSync(made.value, { recursive: true, force: true });
  process.once("exit", removeNow);
  try {
    const [value] = await Promise.all([use(made.value), sweepTempFolders(tmpdir())]);
    return { ok: true, value };
  } finally {
    process.off("exit", removeNow);
    removeNow();
  }
};

/** Synchronous: the process should not end before the folder has its owner file. */
const makeOwned = (): Result<string, { readonly detail: string }> => {
  const problem = (error: unknown, path: string): Result<never, { readonly detail: string }> => ({
    ok: false,
    error: { detail: `${systemCode(error)}: ${path}` },
  });
  let folder: string;
  try {
    folder = mkdtempSync(join(tmpdir(), tempPrefix));
  } catch (error) {
    return problem(error, tmpdir());
  }
  try {
    writeFileSync(join(folder, ownerFile), JSON.stringify(thisProcess()), { mode: 0o600, flag: "wx" });
    return { ok: true, value: folder };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    return problem(error, folder);
  }
};
