import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { measuredVersion } from "../claude/find-cli.ts";

/** The file in an agent's folder whose content a tiny agent prints. */
export const outputFile = "output.txt";

/**
 * Makes a program that replaces Claude Code: it prints its folder's file byte by byte, and stays until its
 * input ends. Returns its path.
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
