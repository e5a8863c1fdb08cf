import type { Platform, WorkspacePaths } from "@trust/claude-state-probe";
import { isWithin } from "./gemini-trust.ts";

/** The folders of a parsed config.json: `trustedFolders` at least since 1.0.102, `trusted_folders` in 1.0.0. */
export const copilotFolders = (parsed: unknown): readonly string[] => {
  if (typeof parsed !== "object" || parsed === null) return [];
  return ["trustedFolders", "trusted_folders"].flatMap((name) => {
    const value: unknown = Reflect.get(parsed, name);
    return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
  });
};

type Places = Pick<WorkspacePaths, "real" | "gitRoot" | "mainRoot">;

/**
 * The key of an answer: the folder itself. For the root of a linked worktree it is the root of the main
 * checkout, although the dialog names the worktree (1.0.102).
 */
export const copilotKey = ({ real, gitRoot, mainRoot }: Places): string =>
  real === gitRoot ? (mainRoot ?? real) : real;

/**
 * The trusted folder that covers a workspace: it is, or is above, the workspace, its checkout, or its main checkout. In
 * 1.0.102 a worktree is covered by its own entry and by the entry of its main checkout; its own entry does not cover
 * the main checkout.
 */
export const coveringFolder = (
  folders: readonly string[],
  { real, gitRoot, mainRoot }: Places,
  platform: Platform,
): string | null => {
  const places = [real, gitRoot, mainRoot].filter((place) => place !== null);
  return folders.find((folder) => places.some((place) => isWithin(place, folder, platform))) ?? null;
};
