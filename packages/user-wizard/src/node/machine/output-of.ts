import type { Ran } from "../../ports.ts";
import { visible } from "@gatehouse/std";

/** The output of a failed program, shortened. It may contain text from a hostile file. */
export const outputOf = ({ stdout, stderr, exitCode }: Ran): string =>
  visible((stderr.trim() || stdout.trim() || `exit code ${exitCode}`).slice(0, 500).replaceAll("\n", " "));
