import { constants } from "node:fs";
import { access, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Verdict } from "../../index.ts";
import { systemCode } from "@gatehouse/std";

/** The CLI writes a new file beside the old one, so the folder must be writable. The CLI makes a missing folder. */
export const writableVerdict = async (file: string): Promise<Verdict | null> => {
  const detail = await whyNotWritable(dirname(file));
  if (detail === null) return null;
  return { code: "trust-not-persisted", reason: { type: "state-not-writable", detail }, file };
};

const whyNotWritable = async (folder: string): Promise<string | null> => {
  try {
    await access(folder, constants.W_OK);
    const { blocks, bfree } = await statfs(folder);
    return blocks > 0 && bfree === 0 ? "ENOSPC" : null;
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" ? null : code;
  }
};
