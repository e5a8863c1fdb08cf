import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "@gatehouse/std";
import type { ProviderError, ProviderPlace } from "../provider.ts";
import { foldersOf, isOwn, realPathOf } from "../real-path.ts";

/** Entries that are looked at. More of them count as one with a link. */
const mostEntries = 20_000;

/**
 * Why an agent may not work in its folder that reads these files and folders there itself, and unasked; null if it may. They
 * may have no link that leads out of the agent's folders. `names` are relative to the working folder.
 */
export const linkOutRefusal = async (
  title: string,
  { folder, cwd }: Pick<ProviderPlace, "folder" | "cwd">,
  names: readonly string[],
): Promise<ProviderError | null> => {
  const folders = await foldersOf(folder, cwd);
  const left = names.map((name) => join(cwd, name));
  const seen = new Set<string>();
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    const real = await realPathOf(path);
    if (seen.has(real)) continue;
    seen.add(real);
    const found = await lstat(real).catch((error: unknown) => (systemCode(error), null));
    if (found === null) continue;
    if (!isOwn(real, folders) || seen.size > mostEntries) return refusal(title, path);
    if (!found.isDirectory()) continue;
    const entries = await readdir(real).catch((error: unknown) => (systemCode(error), []));
    for (const name of entries) left.push(join(real, name));
  }
  return null;
};

const refusal = (title: string, path: string): ProviderError => ({
  code: "failed",
  message: `${title} would read ${path}, which leads out of the group's folder, and ask nobody. Remove that link, or give the group another provider: ncl groups config update GROUP --provider claude, then ncl groups restart GROUP`,
});
