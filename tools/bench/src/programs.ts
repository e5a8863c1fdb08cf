import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Result } from "@gatehouse/std";

/** The programs' bins, as `npx` starts them. They need a build. */
const bins = {
  gatehouse: "apps/host/bin/gatehouse.js",
  ncl: "apps/ncl/bin/ncl.cjs",
  "workspace-trust": "apps/workspace-trust/bin/workspace-trust.js",
  "orchestrator-adapter": "apps/orchestrator-adapter/bin/orchestrator-adapter.js",
};

export type BuiltProgram = keyof typeof bins;

/** The root of this repository: the folder above this one that has pnpm-workspace.yaml. */
const rootAbove = (folder: string): string =>
  existsSync(join(folder, "pnpm-workspace.yaml")) ? folder : rootAbove(dirname(folder));

/**
 * The file of each program of this checkout, or of another one; an error for a person if one is not built.
 */
export const builtPrograms = (
  root: string = rootAbove(dirname(fileURLToPath(import.meta.url))),
): Result<Readonly<Record<BuiltProgram, string>>, string> => {
  const missing = Object.values(bins).find((bin) => !existsSync(join(root, dirname(bin), "../dist")));
  if (missing !== undefined) return { ok: false, error: `${missing} is not built: npm run build` };
  const files = Object.entries(bins).map(([program, bin]) => [program, join(root, bin)]);
  return { ok: true, value: Object.fromEntries(files) };
};
