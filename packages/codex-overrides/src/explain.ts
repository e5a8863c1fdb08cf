import type { PatchDiagnostic } from "./apply-patches.ts";
import type { ConfigChange } from "./config-change.ts";
import { limits } from "./limits.ts";

/** What reading Codex's config.toml or a folder can fail with. `detail` is the system's code, such as `EACCES`. */
export type ReadError =
  | { readonly code: "config-unreadable"; readonly file: string; readonly detail: string }
  | {
      readonly code: "config-invalid";
      readonly file: string;
      readonly line: number | null;
      readonly column: number | null;
    }
  | { readonly code: "not-a-folder"; readonly folder: string; readonly detail: string }
  /** A `.git`, or the way back to it, that is there and was not read whole. */
  | { readonly code: "pointer-unreadable"; readonly file: string; readonly detail: string };

/** Everything this package reports by code. */
export type Problem = PatchDiagnostic | ConfigChange | ReadError;

/** `config_overrides[3]`: where a rejected value stood. */
const place = (problem: Problem): string =>
  "index" in problem ? `config_overrides[${problem.index}]` : "The override";

/** All prose of this package: what is wrong, where, and what to do. */
export const explain = (problem: Problem): string => {
  switch (problem.code) {
    case "too-many-overrides":
      return `${place(problem)} and what follows is left out: at most ${limits.folders} folders can be trusted at once. Start fewer together.`;
    case "too-many-bytes":
      return `${place(problem)} is left out: all overrides together may have ${limits.overrideBytes} bytes. Start fewer folders together.`;
    case "not-text":
      return `${place(problem)} is no text. Write projects."<absolute path>".trust_level="trusted".`;
    case "not-this-shape":
      return `${place(problem)} is no override. Write projects."<absolute path>".trust_level="trusted", with nothing escaped but quotes and backslashes.`;
    case "duplicate":
      return `${place(problem)} names a folder that is in the list already. Nothing to do.`;
    case "folder-too-long":
      return `${place(problem)} names a folder of more than ${limits.folderBytes} bytes, which no system opens. Shorten the path.`;
    case "control-character":
      return `${place(problem)} names a folder with a control character or a line break in it. Rename the folder.`;
    case "ill-formed-text":
      return `${place(problem)} holds half of a surrogate pair, which would become another folder. Pass the path as it is.`;
    case "relative-path":
      return `${place(problem)} names no absolute folder. Pass the path from the root.`;
    case "dot-segment":
      return `${place(problem)} names a folder by way of "." or "..". Pass its real path.`;
    case "not-normalized":
      return `${place(problem)} does not spell its folder plainly (an empty name, a separator at the end, or a name that Windows takes for another). Pass its real path.`;
    case "root-refused":
      return `${place(problem)} names the root of a disk, which would trust everything on it. Name a folder.`;
    case "home-refused":
      return `${place(problem)} names the home folder or one above it. Name a folder below home.`;
    case "untrusted-by-user":
      return `${problem.folder} is called untrusted in config.toml or in the arguments, which is respected. Change it there if that is no longer meant.`;
    case "settings-malformed":
      return `The settings do not keep to the contract at ${problem.at === "" ? "their root" : problem.at}. At codex.agent_teams_workspace_trust stands an object with "config_overrides", a list, and no "version" but 1.`;
    case "settings-not-inline":
      return "--settings is no inline JSON object of usual depth, so nothing can be merged into it. Pass the settings themselves and not a file.";
    case "argument-too-long":
      return `The argument would have ${problem.size} of at most ${problem.limit} ${unitsOf(problem.limit)} and cannot be split. Start fewer folders together.`;
    case "configured-projects-too-long":
      return `What config.toml says of folders has to be repeated in the argument, which would have ${problem.size} of at most ${problem.limit} ${unitsOf(problem.limit)}. Remove entries that are no longer used, or update Codex to 0.72.0 or newer.`;
    case "configured-projects-too-deep":
      return "What config.toml says of folders has to be repeated in the argument, and is nested too deep for that. Correct its projects, or update Codex to 0.72.0 or newer.";
    case "caller-projects-unreadable":
      return "The arguments set projects to something that is no plain table of folders, so nothing can be merged with it. Correct that -c.";
    case "codex_trust_settings_surface_unknown":
      return `${problem.patchId} was not applied: it is not known whether these arguments reach Codex. Name a surface that does.`;
    case "dialect-refused":
      return `${problem.patchId} was not applied: it is in another program's words. Make it for the program that starts.`;
    case "codex_config_changed_during_trust_override":
      return `${problem.file} was changed while Codex ran with trust overrides: ${names(problem)}. Nothing was restored; look at it.`;
    case "config-changed-elsewhere":
      return `${problem.file} was changed while Codex ran, but not its projects: ${names(problem)}. Nothing to do.`;
    case "config-unreadable":
      return `${problem.file} could not be read (${problem.detail}), so it is not known what it calls untrusted. Make it a readable file.`;
    case "config-invalid":
      return `${problem.file} is no TOML (line ${problem.line}, column ${problem.column}), so it is not known what it calls untrusted. Correct it.`;
    case "not-a-folder":
      return `There is no folder ${problem.folder} (${problem.detail}). Create it first.`;
    case "pointer-unreadable":
      return `${problem.file} could not be read whole (${problem.detail}), so it is not known whose worktree the folder is and whether that is called untrusted. Look at it, and repair or remove it.`;
  }
};

const unitsOf = (limit: number): string => (limit === limits.argumentBytes ? "bytes" : "characters");

const names = ({ code, changed, more }: ConfigChange): string => {
  if (changed.length === 0)
    return code === "config-changed-elsewhere"
      ? "written again with the same content"
      : "which keys cannot be told";
  return more === 0 ? changed.join(", ") : `${changed.join(", ")} and ${more} more`;
};
