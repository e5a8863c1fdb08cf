import process from "node:process";
import type { Platform } from "../keys.ts";

/** The platform that this process runs on, in the form that the pure functions of paths take. */
export const thisPlatform: Platform =
  process.platform === "win32" || process.platform === "darwin" ? process.platform : "linux";
