import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { formatCast, type Cast } from "@trust/dialog-engine";
import type { PendingFolder, Result } from "../../index.ts";
import { makeFolder } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";

/**
 * Writes one run, redacted already, as an asciicast v2 file (0600) that no earlier one is lost to: provider, folder, time, and a hash that
 * tells folders of one name apart. Returns its path, or what the system said.
 */
export const writeRecording = async (
  dir: string,
  { provider, workspace }: PendingFolder,
  cast: Cast,
): Promise<Result<string, string>> => {
  const name = basename(workspace)
    .replace(/[^\w.-]+/g, "_")
    .slice(0, 40);
  const hash = createHash("sha256").update(workspace).digest("hex").slice(0, 6);
  const time = new Date().toISOString().replace(/[-:.]/g, "");
  const path = join(resolve(dir), `${provider}-${name}-${time}-${hash}.cast`);
  try {
    await makeFolder(resolve(dir), 0o700);
    await writeFile(path, formatCast(cast), { mode: 0o600, flag: "wx" });
    return { ok: true, value: path };
  } catch (error) {
    return { ok: false, error: `${systemCode(error)}: ${path}` };
  }
};
