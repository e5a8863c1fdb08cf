import type { Ran } from "../../ports.ts";
import { visible } from "@gatehouse/std";

/** What a program said when it failed, as much of it as helps. It may have read a file of somebody's who wants to harm. */
export const saidBy = ({ stdout, stderr, exitCode }: Ran): string =>
  visible((stderr.trim() || stdout.trim() || `exit code ${exitCode}`).slice(0, 500).replaceAll("\n", " "));
