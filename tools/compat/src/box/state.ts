import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Box } from "./box.ts";
import type { Scenario } from "../scenarios/scenario.ts";

/** The state file's text; null if there is none. */
export const readState = (box: Box, { stateFolder = "" }: Pick<Scenario, "stateFolder">): string | null => {
  const file = join(box.path(stateFolder), ".claude.json");
  return existsSync(file) ? readFileSync(file, "utf8") : null;
};

type State = { readonly projects?: Readonly<Record<string, { readonly hasTrustDialogAccepted?: boolean }>> };

/** Keys that are trusted in the state, sorted. Throws on torn JSON. */
export const trustedKeys = (state: string | null): string[] => {
  const { projects = {} } = JSON.parse(state ?? "{}") as State;
  return Object.keys(projects)
    .filter((key) => projects[key]?.hasTrustDialogAccepted === true)
    .sort();
};

/** Every name below the work folders, without git's own files. */
export const filesOfUser = (box: Box): string[] =>
  existsSync(box.path("w"))
    ? (readdirSync(box.path("w"), { recursive: true }) as string[])
        .filter((name) => !name.split("/").includes(".git"))
        .sort()
    : [];
