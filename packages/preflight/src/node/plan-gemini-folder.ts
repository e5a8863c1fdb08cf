import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  decidingRule,
  geminiLaunch,
  geminiRules,
  geminiTrustVariable,
  type PlacedRule,
} from "../gemini-trust.ts";
import type { Environment, Result, Verdict } from "../index.ts";
import { projectGrants } from "../project-grants.ts";
import { planLaunchFolder } from "./plan-launch-folder.ts";
import { readConfiguration, readProjectFiles } from "./read-project-files.ts";
import type { PlanContext, PlanFolder } from "./strategy.ts";
import { systemCode } from "./system-code.ts";

/** Where Gemini keeps its answers, as 0.61.0 looks for it. */
export const geminiStateFile = ({ env, home }: Pick<PlanContext, "env" | "home">): string =>
  env["GEMINI_CLI_TRUSTED_FOLDERS_PATH"] ||
  join(env["GEMINI_CLI_HOME"] || home, ".gemini", "trustedFolders.json");

/** Judges folders by trustedFolders.json, which is read once, and never written. */
export const geminiPlanner = (context: PlanContext): PlanFolder => {
  const file = geminiStateFile(context);
  const rules = readRules(file);
  const launch = geminiLaunch(context.cli?.version ?? null);
  return (workspace) =>
    planLaunchFolder(workspace, context, ({ real }) => {
      const rule = rules.ok ? decidingRule(rules.value, real) : null;
      return {
        trustKey: rule?.key ?? real,
        grants: projectGrants(readProjectFiles([real], [".gemini/settings.json"])),
        settled: rules.ok
          ? (restricted(context.env, real) ?? settledBy(rule, file))
          : { code: "state-unreadable", file, why: rules.error },
        launch: { code: "passed-at-launch", key: real, launch },
      };
    });
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

/** What the caller's own environment rules out: Gemini looks there first (0.61.0). */
const restricted = (env: Environment, key: string): Verdict | null => {
  if (env["GEMINI_RESTRICTED_MODE"] === "true")
    return { code: "untrusted-by-user", key, file: "GEMINI_RESTRICTED_MODE" };
  return env[geminiTrustVariable] === "false"
    ? { code: "untrusted-by-user", key, file: geminiTrustVariable }
    : null;
};

const settledBy = (rule: PlacedRule | null, file: string): Verdict | null => {
  if (rule === null) return null;
  const { key, level, covers } = rule;
  if (level === "DO_NOT_TRUST") return { code: "untrusted-by-user", key, file };
  return { code: "already-trusted", why: `${covers} is trusted in ${file}.` };
};
