import { createHash } from "node:crypto";
import { lstatSync } from "node:fs";
import { readPlainFile } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";

/** A file of a service manager: `ours` as we wrote it, `changed` since, or `foreign`: never written by us. */
export type ServiceFile =
  | { readonly is: "missing" }
  | { readonly is: "foreign" }
  | { readonly is: "ours" | "changed"; readonly text: string };

const mark = "Written by gatehouse service install. Do not edit: ";

/** The text with a comment that has its hash, by which we know it again. Of XML the comment is the second line. */
export const marked = (text: string, kind: "unit" | "xml"): string => {
  const line = `${mark}${hashOf(text)}`;
  return kind === "unit" ? `# ${line}\n${text}` : text.replace("\n", `\n<!-- ${line} -->\n`);
};

/** Reads what is at the path. A link is foreign: `systemctl mask` makes one, and a person may have. */
export const readServiceFile = async (path: string): Promise<ServiceFile> => {
  let text: string;
  try {
    if (!lstatSync(path).isFile()) return { is: "foreign" };
    text = await readPlainFile(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return { is: "missing" };
    throw error;
  }
  const [comment, hash] = new RegExp(`^(?:# |<!-- )${mark}([0-9a-f]{64})(?: -->)?\n`, "m").exec(text) ?? [];
  if (comment === undefined) return { is: "foreign" };
  return { is: hashOf(text.replace(comment, "")) === hash ? "ours" : "changed", text };
};

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");
