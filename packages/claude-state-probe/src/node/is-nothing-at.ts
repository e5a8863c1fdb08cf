import { lstatSync } from "node:fs";
import { systemCode } from "@gatehouse/std";

/**
 * Whether there is no entry at a path. Of many places most are empty, and an error that says so takes Node ten times as
 * long to make as the look itself. False where the system does not tell.
 */
export const isNothingAt = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    systemCode(error);
    return false;
  }
};
