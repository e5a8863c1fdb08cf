import { readFile } from "node:fs/promises";
import { systemCode } from "@gatehouse/std";

/** The text of a file; null if it cannot be read. */
export const textIfThere = (path: string): Promise<string | null> =>
  readFile(path, "utf8").catch((error: unknown) => (systemCode(error), null));
