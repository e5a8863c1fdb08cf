import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import type { Platform, WorkspacePaths } from "@trust/claude-state-probe";
import { thisPlatform } from "@trust/claude-state-probe/node";
import {
  geminiRules,
  decidingRule,
  geminiTrustVariable,
  type PlacedRule,
} from "../../providers/gemini-trust.ts";
import type { Result, Verdict, Environment } from "../../index.ts";
import { readConfiguration, readProjectFiles } from "../plan/project-files.ts";
import { systemCode } from "@gatehouse/std";
import type { TrustEntry, TrustStore, StateContext } from "./trust-store.ts";
import { asksForTrust, qwenDecidingRule } from "../../providers/qwen-trust.ts";

/** Picks the entry that decides about a real path; null if no entry does. */
type Decide = (rules: readonly PlacedRule[], real: string, platform: Platform) => PlacedRule | null;

/** Reads a trustedFolders.json of Gemini or Qwen once. The returned function looks up a folder in it. */
const folderRules = (
  file: string,
  decide: Decide,
): ((paths: Pick<WorkspacePaths, "real">) => TrustEntry | null) => {
  const rules = readRules(file);
  return ({ real }) => {
    if (!rules.ok) return { key: real, verdict: { code: "state-unreadable", file, why: rules.error } };
    const rule = decide(rules.value, real, thisPlatform);
    return rule === null ? null : { key: rule.key, verdict: settledBy(rule, file) };
  };
};

/** The folders that a trustedFolders.json trusts; for `TRUST_PARENT` that is the folder above the key. */
const trustedFolders = (file: string): Result<readonly string[], string> => {
  const rules = readRules(file);
  if (!rules.ok) return rules;
  return {
    ok: true,
    value: rules.value.filter(({ level }) => level !== "DO_NOT_TRUST").map(({ covers }) => covers),
  };
};

const readRules = (file: string): Result<readonly PlacedRule[], string> => {
  const read = readConfiguration(file);
  if (read === null) return { ok: true, value: [] };
  if ("unreadable" in read.content)
    return { ok: false, error: `It cannot be read (${read.content.unreadable}).` };
  const rules = geminiRules(read.content.parsed);
  if (!rules.ok) return rules;
  return { ok: true, value: rules.value.map((rule) => ({ ...rule, covers: placeOf(rule) })) };
};

const placeOf = ({ key, level }: Pick<PlacedRule, "key" | "level">): string => {
  const folder = level === "TRUST_PARENT" ? dirname(key) : key;
  try {
    return realpathSync.native(folder);
  } catch (error) {
    systemCode(error);
    return folder;
  }
};

const settledBy = ({ key, level, covers }: PlacedRule, file: string): Verdict => {
  if (level === "DO_NOT_TRUST") return { code: "untrusted-by-user", key, file };
  return { code: "already-trusted", why: `${covers} is trusted in ${file}.` };
};

/** Gemini's trustedFolders.json, at the path where 0.61.0 reads it. */
export const geminiStore: TrustStore = {
  file: ({ env, home }) =>
    env["GEMINI_CLI_TRUSTED_FOLDERS_PATH"] ||
    join(env["GEMINI_CLI_HOME"] || home, ".gemini", "trustedFolders.json"),
  read: (context) => {
    const entryOf = folderRules(geminiStore.file(context), decidingRule);
    return (paths) => {
      const entry = entryOf(paths);
      if (entry?.verdict.code === "state-unreadable") return entry;
      return geminiRestricted(context.env, entry?.key ?? paths.real) ?? entry;
    };
  },
  trustedKeys: (context) => trustedFolders(geminiStore.file(context)),
  keyOf: ({ real }) => real,
  projectFiles: ({ real }) => readProjectFiles([real], [".gemini/settings.json"]),
  pack: async () => (await import("@trust/dialog-engine/packs")).geminiPack,
};

/** The verdict if the caller's own environment rules out trust: Gemini checks these variables first (0.61.0). */
const geminiRestricted = (env: Environment, key: string): TrustEntry | null => {
  const isOff = env["GEMINI_RESTRICTED_MODE"] === "true";
  if (!isOff && env[geminiTrustVariable] !== "false") return null;
  const file = isOff ? "GEMINI_RESTRICTED_MODE" : geminiTrustVariable;
  return { key, verdict: { code: "untrusted-by-user", key, file } };
};

const qwenProjectFile = ".qwen/settings.json";

/** Qwen's trustedFolders.json, at the path where 0.15.10 and 0.24.4 read it, and the setting that makes Qwen ask. */
export const qwenStore: TrustStore = {
  file: (context) =>
    context.env["QWEN_CODE_TRUSTED_FOLDERS_PATH"] || join(qwenFolder(context), "trustedFolders.json"),
  read: (context) => {
    const [weaker, user, system] = qwenSettings(context);
    const entryOf = folderRules(qwenStore.file(context), qwenDecidingRule);
    return (paths) => {
      const files = [weaker, user, join(paths.real, qwenProjectFile), system];
      const contents = files.map((file) => readConfiguration(file)?.content ?? { parsed: {} });
      const settings = contents.map((content) => ("parsed" in content ? content.parsed : alwaysAsks));
      if (asksForTrust(settings)) return entryOf(paths);
      const why = `Qwen Code asks only where security.folderTrust.enabled is true in ${user}.`;
      return { key: paths.real, verdict: { code: "not-asked", why } };
    };
  },
  trustedKeys: (context) => trustedFolders(qwenStore.file(context)),
  keyOf: ({ real }) => real,
  projectFiles: ({ real }) => readProjectFiles([real], [qwenProjectFile]),
  // 0.15.10 writes back all folders that it read at start: two preflights at once lost 3 of 12. 0.24.4 reads them again.
  runsAlone: true,
  pack: async () => (await import("@trust/dialog-engine/packs")).qwenPack,
};

/** Unreadable settings may enable the dialog, so we do not claim that Qwen does not ask. */
const alwaysAsks = { security: { folderTrust: { enabled: true } } };

const qwenFolder = ({ env, home }: StateContext): string => env["QWEN_HOME"] || join(home, ".qwen");

/**
 * Settings outside the project: the system's defaults, the user's, and the system's own, which override all
 * others.
 */
const qwenSettings = (context: StateContext): readonly [string, string, string] => {
  const system = context.env["QWEN_CODE_SYSTEM_SETTINGS_PATH"] || qwenSystemFile;
  const defaults =
    context.env["QWEN_CODE_SYSTEM_DEFAULTS_PATH"] || join(dirname(system), "system-defaults.json");
  return [defaults, join(qwenFolder(context), "settings.json"), system];
};

const qwenSystemFile =
  process.platform === "darwin"
    ? "/Library/Application Support/QwenCode/settings.json"
    : "/etc/qwen-code/settings.json";
