import { resolve } from "node:path";
import { readPlainFileSync } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";
import type { ReadSettings } from "../arguments/join-arguments.ts";

/** Reads settings files for `joinArguments`. Relative paths begin at `cwd`, the folder in which the runtime starts. */
export const readSettingsIn =
  (cwd: string): ReadSettings =>
  (path) => {
    try {
      return readPlainFileSync(resolve(cwd, path));
    } catch (error) {
      systemCode(error);
      return null;
    }
  };
