import type { WorkspacePaths } from "@trust/claude-state-probe";
import type { ProjectFile } from "../../grants.ts";
import { readProjectFiles } from "./read-project-files.ts";
import { upwards } from "./upwards.ts";

/**
 * The Codex files of a folder and its parents, up to the root of its repository. `.codex` in the home folder
 * is the user's configuration, not a project's.
 */
export const codexFiles = ({ real, gitRoot, home }: WorkspacePaths): readonly ProjectFile[] => {
  const root = gitRoot ?? real;
  const inside = upwards(real).filter((folder) => folder.length >= root.length && folder !== home);
  return readProjectFiles(inside, [".codex/config.toml", ".codex/hooks.json"]);
};
