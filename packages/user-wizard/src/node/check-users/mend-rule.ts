import { shellCommand } from "../../user-check.ts";
import { sudoersStaging } from "../../plan/plan-steps.ts";

/** A command that writes a sudo rule as root. visudo checks the text before the file gets its name. */
export const mendRule = (path: string, text: string): readonly string[] => {
  const staging = sudoersStaging(path);
  const write = shellCommand(["printf", String.raw`%s\n`, ...text.trimEnd().split("\n")]);
  const check = shellCommand(["visudo", "-cf", staging]);
  return [
    "sh",
    "-c",
    `umask 0337; ${write} > ${shellCommand([staging])} && ${check} && ${shellCommand(["mv", staging, path])}`,
  ];
};
