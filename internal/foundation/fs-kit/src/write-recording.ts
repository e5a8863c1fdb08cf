import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { systemCode, type Result } from "@gatehouse/std";
import { makeFolder } from "./make-folder.ts";

/**
 * Writes one redacted run to a new file (0600). Its name has provider, folder, time, and a hash to
 * distinguish folders of the same name. Returns its path, or the system's error.
 */
export const writeRecording = async (
  dir: string,
  { provider, workspace }: { readonly provider: string; readonly workspace: string },
  { text, ending }: { readonly text: string; readonly ending: "cast" | "jsonl" },
): Promise<Result<string, string>> => {
  const name = basename(workspace)
    .replace(/[^\w.-]+/g, "_")
    .slice(0, 40);
  const hash = createHash("sha256").update(workspace).digest("hex").slice(0, 6);
  const time = new Date().toISOString().replace(/[-:.]/g, "");
  const path = join(resolve(dir), `${provider}-${name}-${time}-${hash}.${ending}`);
  try {
    await makeFolder(resolve(dir), 0o700);
    await writeFile(path, text, { mode: 0o600, flag: "wx" });
    return { ok: true, value: path };
  } catch (error) {
    return { ok: false, error: `${systemCode(error)}: ${path}` };
  }
};
