import { realpathSync } from "node:fs";
import { dirname } from "node:path";
import type { Platform, WorkspacePaths } from "@trust/claude-state-probe";
import { thisPlatform } from "@trust/claude-state-probe/node";
import { geminiRules, type PlacedRule } from "../../providers/gemini-trust.ts";
import type { Result, Verdict } from "../../index.ts";
import { readConfiguration } from "../plan/read-project-files.ts";
import { systemCode } from "@gatehouse/std";
import type { TrustEntry } from "./trust-store.ts";

/** Picks the entry that decides about a real path; null if no entry does. */
type Decide = (rules: readonly PlacedRule[], real: string, platform: Platform) => PlacedRule | null;

/** Reads a trustedFolders.json of Gemini or Qwen once. The returned function looks up a folder in it. */
export const folderRules = (
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
export const trustedFolders = (file: string): Result<readonly string[], string> => {
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
