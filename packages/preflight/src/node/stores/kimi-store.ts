import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readConfiguration, readProjectFiles } from "../plan/project-files.ts";
import { systemCode } from "@gatehouse/std";
import type { TrustStore } from "./trust-store.ts";

/** Kimi's folder with one file per trusted folder; trust does not extend to folders below (2.1.0). */
export const kimiStore: TrustStore = {
  file: ({ env, home }) => join(env["KIMI_CODE_HOME"] || join(home, ".kimi-code"), "workspace-trust"),
  read: (context) => {
    const folder = kimiStore.file(context);
    const roots = rootsIn(folder);
    return ({ real }) => {
      if (typeof roots === "string") {
        const why = `It cannot be read (${roots}).`;
        return { key: real, verdict: { code: "state-unreadable", file: folder, why } };
      }
      const why = `${real} is trusted in ${folder}.`;
      return roots.has(real) ? { key: real, verdict: { code: "already-trusted", why } } : null;
    };
  },
  trustedKeys: (context) => {
    const roots = rootsIn(kimiStore.file(context));
    return typeof roots === "string" ? { ok: false, error: roots } : { ok: true, value: [...roots] };
  },
  keyOf: ({ real }) => real,
  // Trust starts the servers of these two files: the repository's and the folder's own (2.1.0).
  projectFiles: ({ real, gitRoot }) => [
    ...readProjectFiles([gitRoot ?? real], [".mcp.json"]),
    ...readProjectFiles([real], [".kimi-code/mcp.json"]),
  ],
  pack: async () => (await import("@trust/dialog-engine/packs")).kimiPack,
};

/** The trusted folders, or the system's error. A torn file is skipped. */
const rootsIn = (folder: string): ReadonlySet<string> | string => {
  try {
    const names = readdirSync(folder).filter(isKimiEntry);
    const contents = names.map((name) => readConfiguration(join(folder, name))?.content);
    const roots = contents.map((content) =>
      content !== undefined && "parsed" in content ? kimiRoot(content.parsed) : null,
    );
    return new Set(roots.filter((root) => root !== null));
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" ? new Set() : code;
  }
};

/**
 * True if Kimi reads a file of this name: `wd_`, the folder's own name in plain letters, `_`, and twelve digits of its
 * path's hash. Kimi first writes `<name>.tmp.<pid>.<hex>`, which is complete before it is synced to disk. If Kimi is
 * ended at that point, it has recorded nothing and asks again (2.1.0).
 */
export const isKimiEntry = (name: string): boolean => /^wd_.+_[0-9a-f]{12}$/.test(name);

/** The trusted folder of one parsed record; null if it is not such a record. */
export const kimiRoot = (parsed: unknown): string | null => {
  if (typeof parsed !== "object" || parsed === null || !("root" in parsed)) return null;
  return typeof parsed.root === "string" ? parsed.root : null;
};
