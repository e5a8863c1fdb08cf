import { lstatSync } from "node:fs";
import { systemCode } from "@gatehouse/std";

/**
 * True if there is no entry at a path, false if the system reports another error. Most of the places that
 * are looked at are empty, and in Node an error for a missing entry takes ten times as long as the look.
 */
export const isNothingAt = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    systemCode(error);
    return false;
  }
};
