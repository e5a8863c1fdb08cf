import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Mount } from "@nc/container-config";
import type { MountRule } from "@nc/container-config/node";
import { readPlainFile } from "@gatehouse/fs-kit";
import { systemCode, type Result } from "@gatehouse/std";

/** The path of nanoclaw's list, below the HOME of nanoclaw's account. */
const place = join(".config", "nanoclaw", "mount-allowlist.json");

/**
 * Reads the list of folders that nanoclaw may mount. Without a readable list nanoclaw mounts none, and so does this
 * host: a group gets no more mounts than it had.
 */
export const readMountRule = async (home: string): Promise<MountRule> => {
  const text = await textOf(join(home, place));
  if (text === null)
    return () => refused(`is on no list: without a readable ~/${place} nanoclaw mounted nothing`);
  const list = listIn(text);
  if (list === null) return () => refused(`is on no list: ~/${place} is broken, so nanoclaw mounted nothing`);
  const roots: Root[] = [];
  for (const { path, mayWrite } of list.roots) {
    const real = await realPath(path.replace(/^~(?=\/|$)/, () => home));
    if (real !== null) roots.push({ path: real, mayWrite });
  }
  return (mount) => ruled(mount, roots, list.blocked);
};

type Root = { readonly path: string; readonly mayWrite: boolean };

const ruled = (mount: Mount, roots: readonly Root[], blocked: readonly string[]): Result<Mount, string> => {
  const { hostPath, readonly = true } = mount;
  const part = blocked.find((name) => hostPath.includes(name));
  if (part !== undefined) return refused(`has ${JSON.stringify(part)} in it, which ~/${place} blocks`);
  const root = roots.find(({ path }) => `${hostPath}/`.startsWith(path === "/" ? "/" : `${path}/`));
  if (root === undefined) return refused(`is in no folder that ~/${place} allows`);
  return { ok: true, value: { ...mount, readonly: readonly || !root.mayWrite } };
};

const refused = (why: string): { readonly ok: false; readonly error: string } => ({
  ok: false,
  error: `${why}; to mount it all the same: ncl groups config add-mount`,
});

type List = { readonly roots: readonly Root[]; readonly blocked: readonly string[] };

/** Parses a list; null for a list that nanoclaw would refuse too. */
const listIn = (text: string): List | null => {
  const list = objectIn(text);
  const { allowedRoots, blockedPatterns } = list ?? {};
  if (!Array.isArray(allowedRoots) || !Array.isArray(blockedPatterns)) return null;
  return {
    roots: allowedRoots.flatMap((root) => (isObject(root) ? rootIn(root) : [])),
    blocked: blockedPatterns.filter((part) => typeof part === "string" && part !== ""),
  };
};

/** An entry of the list. Older lists have `readOnly`. A folder without either field is read-only. */
const rootIn = ({ path, allowReadWrite, readOnly }: Fields): readonly Root[] => {
  if (typeof path !== "string" || path === "") return [];
  return [{ path, mayWrite: typeof allowReadWrite === "boolean" ? allowReadWrite : readOnly === false }];
};

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null;

const objectIn = (text: string): Fields | null => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};

const textOf = async (file: string): Promise<string | null> => {
  try {
    return await readPlainFile(file);
  } catch (error) {
    systemCode(error);
    return null;
  }
};

/** The real path of a listed folder; null if it is missing, which nanoclaw ignores. */
const realPath = async (path: string): Promise<string | null> => {
  try {
    return await realpath(path);
  } catch (error) {
    systemCode(error);
    return null;
  }
};
