import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Box } from "./box.ts";
import type { Scenario } from "../scenarios/scenario.ts";

/** The text of a file; null if it does not exist. */
export const textOf = (file: string): string | null => (existsSync(file) ? readFileSync(file, "utf8") : null);

/** The text of Claude Code's state; null if there is none. */
export const readState = (box: Box, { stateFolder = "" }: Pick<Scenario, "stateFolder">): string | null =>
  textOf(join(box.path(stateFolder), ".claude.json"));

type Project = { readonly hasTrustDialogAccepted?: boolean };
type State = { readonly projects?: Readonly<Record<string, Project>> };

/** Keys that are trusted in the state, sorted. Throws on torn JSON. */
export const trustedKeys = (state: string | null): string[] => {
  const { projects = {} } = JSON.parse(state ?? "{}") as State;
  return Object.keys(projects)
    .filter((key) => projects[key]?.hasTrustDialogAccepted === true)
    .sort();
};

/** The fields of a trusted entry, other than its trust, that have a value; each with its key. */
export const moreThanTrust = (state: string | null): string[] => {
  const { projects = {} } = JSON.parse(state ?? "{}") as State;
  const isEmpty = (value: unknown): boolean =>
    typeof value === "object" && value !== null ? Object.keys(value).length === 0 : !value;
  return trustedKeys(state).flatMap((key) =>
    Object.entries(projects[key] ?? {})
      .filter(([name, value]) => name !== "hasTrustDialogAccepted" && !isEmpty(value))
      .map(([name]) => `${key}: ${name}`),
  );
};

type LedgerLine = {
  readonly provider?: string;
  readonly event?: string;
  readonly code?: string;
  readonly key?: string;
  readonly via?: string;
};

/** The lines of our own ledger; empty if there is none. */
export const readLedger = (box: Box): readonly LedgerLine[] => {
  const lines = (textOf(join(box.data, "consents.jsonl")) ?? "").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as LedgerLine);
};

/**
 * The paths below a folder, relative to it; empty if there is none. Links are not followed: a recursive `readdir` follows
 * them (Node 20 without entries, Node 26 with them), and a crafted tree has a link to itself.
 */
export const namesBelow = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).flatMap((entry) => [
        entry.name,
        ...(entry.isDirectory()
          ? namesBelow(join(folder, entry.name)).map((name) => join(entry.name, name))
          : []),
      ])
    : [];

/** Every name below the work folders, without git's own files. */
export const filesOfUser = (box: Box): string[] =>
  namesBelow(box.path("w"))
    .filter((name) => !name.split("/").includes(".git"))
    .sort();
