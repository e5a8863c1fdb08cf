import type { Grant as ClaudeGrant } from "@trust/claude-state-probe";

/**
 * One feature that a folder's own files enable once the folder is trusted: a name and a file, never a value.
 */
export type Grant = Omit<ClaudeGrant, "kind"> & {
  /** A `setting` is a top-level key of a provider's project configuration. */
  readonly kind: ClaudeGrant["kind"] | "setting";
};

/** One of a project's own configuration files: its content, or why it is unreadable. */
export type ProjectFile = {
  readonly file: string;
  readonly content: { readonly parsed: unknown } | { readonly unreadable: string };
};

type Fields = Readonly<Record<string, unknown>>;
type Row = Pick<Grant, "kind" | "name">;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Names come from untrusted files, so control and direction characters are replaced before they reach a
 * terminal.
 */
const printable = (name: string): string => name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\uFFFD").slice(0, 100);

/** Tables whose keys are free names: in Codex's config.toml, in Gemini's settings.json, and hooks in both. */
const tables: ReadonlyMap<string, Grant["kind"]> = new Map([
  ["mcp_servers", "mcp-server"],
  ["mcpServers", "mcp-server"],
  ["hooks", "hook"],
]);

const rowsOf = ({ content }: ProjectFile): readonly Row[] => {
  if ("unreadable" in content) return [{ kind: "unreadable", name: content.unreadable }];
  if (!isFields(content.parsed)) return [{ kind: "unreadable", name: "not an object" }];
  return Object.entries(content.parsed).flatMap(([key, value]) => {
    const kind = tables.get(key) ?? "setting";
    if (kind === "setting" || !isFields(value)) return [{ kind, name: key }];
    return Object.keys(value).map((name) => ({ kind, name }));
  });
};

/** Lists what a project's own files enable: names, never values. */
export const projectGrants = (files: readonly ProjectFile[]): readonly Grant[] =>
  files.flatMap((file) =>
    rowsOf(file).map(({ kind, name }) => ({ kind, name: printable(name), file: file.file })),
  );

/**
 * Matches a string or a comment. An unclosed one extends to the end of the text, so no part is scanned twice: these
 * files come from untrusted folders.
 */
const stringOrComment = /"(?:[^"\\]|\\[^])*"?|\/\/[^\n]*|\/\*(?:[^]*?\*\/|[^]*)/g;

/** Removes the comments that Gemini's JSON files may have; a `//` inside a string is not a comment. */
export const withoutComments = (text: string): string =>
  text.replace(stringOrComment, (found) => (found.startsWith('"') ? found : " "));
