import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Box } from "./box.ts";
import type { OnRecord } from "../scenarios/answered-scenario.ts";
import { textOf } from "./state.ts";

/**
 * Reads a CLI's trust records; `stateFolder` is the folder of its state, relative to HOME. Throws on torn
 * JSON.
 */
export type OnRecordReader = (box: Box, stateFolder?: string) => OnRecord;

const relativeTo = ({ home }: Box, folder: string): string =>
  folder.startsWith(`${home}/`) ? folder.slice(home.length + 1) : folder;

const byName = (box: Box, rows: readonly (readonly [string, string])[]): OnRecord =>
  Object.fromEntries(
    rows
      .map(([folder, level]) => [relativeTo(box, folder), level] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Copilot's config.json begins with two lines of comment. */
const copilot: OnRecordReader = (box, stateFolder = ".copilot") => {
  const text = (textOf(join(box.path(stateFolder), "config.json")) ?? "{}").replaceAll(/^\/\/.*$/gm, "");
  const { trustedFolders = [] } = JSON.parse(text) as { trustedFolders?: readonly string[] };
  return byName(
    box,
    trustedFolders.map((folder) => [folder, "trusted"]),
  );
};

/** Gemini and Qwen have one file of the same form. */
const inTrustedFolders =
  (usual: string): OnRecordReader =>
  (box, stateFolder = usual) => {
    const text = textOf(join(box.path(stateFolder), "trustedFolders.json")) ?? "{}";
    return byName(box, Object.entries(JSON.parse(text) as Record<string, string>));
  };

/** Kimi has one file for each folder and finds it by its name. It ignores a file of any other name. */
const kimi: OnRecordReader = (box, stateFolder = ".kimi-code") => {
  const folder = join(box.path(stateFolder), "workspace-trust");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return byName(
    box,
    names.map((name) => {
      const { root } = JSON.parse(textOf(join(folder, name)) ?? "{}") as { root: string };
      const hash = createHash("sha256").update(root).digest("hex").slice(0, 12);
      return [root, name.endsWith(`_${hash}`) ? "trusted" : `not found as ${name}`];
    }),
  );
};

/** Codex writes one table for each folder. */
const codex: OnRecordReader = (box, stateFolder = ".codex") => {
  const text = textOf(join(box.path(stateFolder), "config.toml")) ?? "";
  const tables = text.matchAll(/^\[projects\.(".*")\]\ntrust_level = "(\w+)"$/gm);
  return byName(
    box,
    [...tables].map(([, key, level]) => [JSON.parse(key ?? '""') as string, level ?? ""]),
  );
};

/** pi has one file: true, or false, for each folder. */
const pi: OnRecordReader = (box, stateFolder = ".pi/agent") => {
  const text = textOf(join(box.path(stateFolder), "trust.json")) ?? "{}";
  const rows = Object.entries(JSON.parse(text) as Record<string, boolean>);
  return byName(
    box,
    rows.map(([folder, isTrusted]) => [folder, isTrusted ? "trusted" : "untrusted"]),
  );
};

/** The readers by provider. They share no code with preflight. */
export const onRecord: {
  readonly [P in "codex" | "gemini" | "copilot" | "qwen" | "kimi" | "pi"]: OnRecordReader;
} = {
  codex,
  gemini: inTrustedFolders(".gemini"),
  copilot,
  qwen: inTrustedFolders(".qwen"),
  kimi,
  pi,
};
