import {
  comparable,
  folderProblem,
  withoutTrailingSeparators,
  type FolderContext,
  type FolderProblem,
} from "./folder-rules.ts";
import { utf8Bytes } from "@gatehouse/std";
import { limits } from "./limits.ts";

/**
 * One folder for Codex to trust, in the spelling of the settings contract: the path is a TOML basic string in
 * which only `"` and `\` are escaped. Codex never receives this text, because it splits such a key at every
 * dot (0.20 to 0.169).
 */
export type CodexConfigOverride = `projects."${string}".trust_level="trusted"`;

export type RejectionCode =
  | "too-many-overrides"
  | "too-many-bytes"
  | "not-text"
  | "not-this-shape"
  | "duplicate"
  | FolderProblem;

/** A rejected value, by its index in the list. The value itself is not kept. */
export type Rejection = { readonly code: RejectionCode; readonly index: number };

/** The accepted folders, each with its one spelling, and one row for every rejected value. */
export type Accepted = {
  readonly folders: readonly string[];
  readonly overrides: readonly CodexConfigOverride[];
  readonly rejected: readonly Rejection[];
};

const prefix = 'projects."';
const suffix = '".trust_level="trusted"';
/** The length with every character of a folder escaped, plus prefix and suffix. */
const longestOverride = 2 * limits.folderBytes + prefix.length + suffix.length;

const overrideFor = (folder: string): CodexConfigOverride =>
  `projects."${folder.replace(/["\\]/g, "\\$&")}".trust_level="trusted"`;

const quote = 0x22;
const backslash = 0x5c;

/** True if a text escapes every quote and backslash, and nothing else. It takes one pass over any text. */
const isEscaped = (text: string): boolean => {
  if (!text.includes("\\")) return !text.includes('"');
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit === quote) return false;
    if (unit !== backslash) continue;
    index += 1;
    const escaped = text.charCodeAt(index);
    if (escaped !== quote && escaped !== backslash) return false;
  }
  return true;
};

const unescaped = (text: string): string => (text.includes("\\") ? text.replace(/\\(["\\])/g, "$1") : text);

const isFramed = (text: string): text is CodexConfigOverride =>
  text.length >= prefix.length + suffix.length && text.startsWith(prefix) && text.endsWith(suffix);

/** The result for one value of a list: a folder with its one spelling, or a refusal. */
type Found = { readonly folder: string; readonly override: CodexConfigOverride };
type Verdict = Found | { readonly code: RejectionCode };

const readOverride = (value: unknown): Verdict => {
  if (typeof value !== "string") return { code: "not-text" };
  if (value.length > longestOverride) return { code: "folder-too-long" };
  if (!isFramed(value)) return { code: "not-this-shape" };
  const escaped = value.slice(prefix.length, -suffix.length);
  return isEscaped(escaped) ? { folder: unescaped(escaped), override: value } : { code: "not-this-shape" };
};

const readFolder = (value: unknown, { platform }: FolderContext): Verdict => {
  if (typeof value !== "string") return { code: "not-text" };
  if (value.length > limits.folderBytes) return { code: "folder-too-long" };
  const folder = withoutTrailingSeparators(value, platform);
  return { folder, override: overrideFor(folder) };
};

const judge = (verdict: Verdict, context: FolderContext): Verdict => {
  const problem = "code" in verdict ? null : folderProblem(verdict.folder, context);
  return problem === null ? verdict : { code: problem };
};

/**
 * Collects the results in one pass over at most `limits.folders` verdicts. A longer list gets one row for all
 * the rest.
 */
const accept = (verdicts: readonly Verdict[], context: FolderContext): Accepted => {
  const folders = new Map<string, string>();
  const overrides: CodexConfigOverride[] = [];
  const rejected: Rejection[] = [];
  let bytes = 0;

  const add = ({ folder, override }: Found): RejectionCode | null => {
    const key = comparable(folder, context.platform);
    if (folders.has(key)) return "duplicate";
    const more = utf8Bytes(override);
    if (bytes + more > limits.overrideBytes) return "too-many-bytes";
    bytes += more;
    folders.set(key, folder);
    overrides.push(override);
    return null;
  };

  for (const [index, verdict] of verdicts.slice(0, limits.folders).entries()) {
    const judged = judge(verdict, context);
    const code = "code" in judged ? judged.code : add(judged);
    if (code !== null) rejected.push({ code, index });
  }
  if (verdicts.length > limits.folders) rejected.push({ code: "too-many-overrides", index: limits.folders });
  return { folders: [...folders.values()], overrides, rejected };
};

/** Cuts a list to the values that are read, plus one that shows there are more. */
const bounded = (values: readonly unknown[]): readonly unknown[] => values.slice(0, limits.folders + 1);

/** Builds the overrides for these folders. A separator at the end of a path is ignored. Never throws. */
export const buildOverrides = (folders: readonly string[], context: FolderContext): Accepted =>
  accept(
    bounded(folders).map((folder) => readFolder(folder, context)),
    context,
  );

/**
 * Reads a list from another source, and keeps only the values that `buildOverrides` could have written. Never
 * throws for any input; time and output grow with the input only up to `limits`.
 */
export const readOverrides = (values: readonly unknown[], context: FolderContext): Accepted =>
  accept(bounded(values).map(readOverride), context);
