import type { PatchDiagnostic } from "./apply-patches.ts";
import type { ConfigChange } from "./config-change.ts";
import { limits } from "./limits.ts";

/** Why Codex's config.toml or a folder cannot be read. `detail` is the system's code, such as `EACCES`. */
export type ReadError =
  | { readonly code: "config-unreadable"; readonly file: string; readonly detail: string }
  | {
      readonly code: "config-invalid";
      readonly file: string;
      readonly line: number | null;
      readonly column: number | null;
    }
  | { readonly code: "not-a-folder"; readonly folder: string; readonly detail: string }
  /** A `.git`, or a pointer back to it, exists but was not read completely. */
  | { readonly code: "pointer-unreadable"; readonly file: string; readonly detail: string };

/** Everything this package reports by code. */
export type Problem = PatchDiagnostic | ConfigChange | ReadError;

/** The place of a rejected value, such as `config_overrides[3]`. */
const place = (problem: Problem): string =>
  "index" in problem ? `config_overrides[${problem.index}]` : "The override";

/** All messages of this package: what is wrong, where, and what to do. */
export const explain = (problem: Problem): string => {
  switch (problem.code) {
    case "too-many-overrides":
      return `${place(problem)} and the rest of the list are left out: at most ${limits.folders} folders can be trusted at once. Start fewer together.`;
    case "too-many-bytes":
      return `${place(problem)} is left out: all overrides together may have at most ${limits.overrideBytes} bytes. Start fewer folders together.`;
    case "not-text":
      return `${place(problem)} is not a string. Write projects."<absolute path>".trust_level="trusted".`;
    case "not-this-shape":
      return `${place(problem)} is not an override. Write projects."<absolute path>".trust_level="trusted", and escape only quotes and backslashes.`;
    case "duplicate":
      return `${place(problem)} repeats a folder of the list. You need not do anything.`;
    case "folder-too-long":
      return `${place(problem)} names a folder of more than ${limits.folderBytes} bytes, which no system can open. Shorten the path.`;
    case "control-character":
      return `${place(problem)} names a folder with a control character or a line break in it. Rename the folder.`;
    case "ill-formed-text":
      return `${place(problem)} contains half of a surrogate pair, so Codex would read another folder. Pass the path unchanged.`;
    case "relative-path":
      return `${place(problem)} does not name an absolute folder. Pass the path from the root.`;
    case "dot-segment":
      return `${place(problem)} contains "." or "..". Pass its real path.`;
    case "not-normalized":
      return `${place(problem)} is not a normalized path (it has an empty name, a separator at the end, or a name that Windows changes). Pass its real path.`;
    case "root-refused":
      return `${place(problem)} names the root of a disk: everything on it would be trusted. Name a folder.`;
    case "home-refused":
      return `${place(problem)} names the home folder or one above it. Name a folder below home.`;
    case "untrusted-by-user":
      return `${problem.folder} is marked untrusted in config.toml or in the arguments, and stays untrusted. Change it there if you want to trust it.`;
    case "settings-malformed":
      return `The settings do not follow the contract at ${problem.at === "" ? "their root" : problem.at}. Make codex.agent_teams_workspace_trust an object with the list "config_overrides"; its "version" may only be 1.`;
    case "settings-not-inline":
      return "--settings is not an inline JSON object, or is nested too deep, so nothing can be merged into it. Pass the settings themselves, not a file.";
    case "argument-too-long":
      return `The argument would have ${problem.size} of at most ${problem.limit} ${unitsOf(problem.limit)} and cannot be split. Start fewer folders together.`;
    case "configured-projects-too-long":
      return `The argument must repeat the projects of config.toml, and would have ${problem.size} of at most ${problem.limit} ${unitsOf(problem.limit)}. Remove unused entries, or update Codex to 0.72.0 or newer.`;
    case "configured-projects-too-deep":
      return "The argument must repeat the projects of config.toml, and they are nested too deep for that. Correct its projects, or update Codex to 0.72.0 or newer.";
    case "caller-projects-unreadable":
      return "The arguments set projects to a value that is not a plain table of folders, so nothing can be merged with it. Correct that -c.";
    case "codex_trust_settings_surface_unknown":
      return `${problem.patchId} was not applied: these arguments may not reach Codex. Name a surface that does.`;
    case "dialect-refused":
      return `${problem.patchId} was not applied: it is written for another program. Make it for the program that starts.`;
    case "codex_config_changed_during_trust_override":
      return `${problem.file} was changed while Codex ran with trust overrides: ${names(problem)}. Nothing was restored. Check the file.`;
    case "config-changed-elsewhere":
      return `${problem.file} was changed while Codex ran, but not its projects: ${names(problem)}. You need not do anything.`;
    case "config-unreadable":
      return `${problem.file} could not be read (${problem.detail}), so its untrusted folders are not known. Make it a readable file.`;
    case "config-invalid":
      return `${problem.file} is not valid TOML (line ${problem.line}, column ${problem.column}), so its untrusted folders are not known. Correct it.`;
    case "not-a-folder":
      return `Folder ${problem.folder} does not exist (${problem.detail}). Create it first.`;
    case "pointer-unreadable":
      return `${problem.file} could not be read completely (${problem.detail}), so the main checkout of this worktree is not known, nor whether it is untrusted. Repair or remove the file.`;
  }
};

const unitsOf = (limit: number): string => (limit === limits.argumentBytes ? "bytes" : "characters");

const names = ({ code, changed, more }: ConfigChange): string => {
  if (changed.length === 0)
    return code === "config-changed-elsewhere" ? "rewritten with the same content" : "the keys are not known";
  return more === 0 ? changed.join(", ") : `${changed.join(", ")} and ${more} more`;
};
