import { dirname } from "node:path";
import type { WorkspacePaths } from "@trust/claude-state-probe";
import type { ProjectFile } from "../../grants/project-grants.ts";
import { readProjectFiles } from "./read-project-files.ts";

/**
 * The Codex files of a folder and its parents, up to the root of its repository. `.codex` in the home folder
 * is the user's configuration, not a project's.
 */
export const codexFiles = ({ real, gitRoot, home }: WorkspacePaths): readonly ProjectFile[] =>
  readProjectFiles(
    upTo(real, gitRoot ?? real).filter((folder) => folder !== home),
    [".codex/config.toml", ".codex/hooks.json"],
  );

const upTo = (folder: string, last: string): readonly string[] =>
  folder === last || dirname(folder) === folder ? [folder] : [folder, ...upTo(dirname(folder), last)];
