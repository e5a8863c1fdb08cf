import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { measuredVersion } from "../claude/find-cli.ts";

/** The file in an agent's folder that a tiny agent prints. */
export const outputFile = "output.txt";

/**
 * A program in place of Claude Code: prints its folder's file, each byte as it is, and stays until its input ends.
 * Returns its path.
 */
export const makeTinyAgent = async (root: string): Promise<string> => {
  const path = join(root, "tiny-agent");
  const script = [
    "#!/bin/sh",
    `[ "$1" = --version ] && exec echo "${measuredVersion} (Claude Code)"`,
    "stty -opost -echo",
    `[ -f ${outputFile} ] && cat ${outputFile}`,
    "exec cat > /dev/null",
  ];
  await writeFile(path, `${script.join("\n")}\n`, { mode: 0o755 });
  return path;
};
