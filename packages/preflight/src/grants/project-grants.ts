import type { Grant } from "./grant.ts";

/** One of a project's own configuration files: what it holds, or why that is not known. */
export type ProjectFile = {
  readonly file: string;
  readonly content: { readonly parsed: unknown } | { readonly unreadable: string };
};

type Fields = Readonly<Record<string, unknown>>;
type Row = Pick<Grant, "kind" | "name">;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Names come from files nobody has vouched for: no control or direction characters reach a terminal. */
const printable = (name: string): string => name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\uFFFD").slice(0, 100);

/** Tables whose keys are names of their own: of Codex's config.toml, of Gemini's settings.json, and hooks of either. */
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

/** What a project's own files switch on: names, never values. */
export const projectGrants = (files: readonly ProjectFile[]): readonly Grant[] =>
  files.flatMap((file) =>
    rowsOf(file).map(({ kind, name }) => ({ kind, name: printable(name), file: file.file })),
  );
