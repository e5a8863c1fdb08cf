import type { Grant } from "./grant.ts";

/** One of a project's own Codex files: what it holds, or why that is not known. */
export type CodexProjectFile = {
  readonly file: string;
  readonly kind: "config" | "hooks";
  readonly content: { readonly parsed: unknown } | { readonly unreadable: string };
};

type Fields = Readonly<Record<string, unknown>>;
type Row = Pick<Grant, "kind" | "name">;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Names come from files nobody has vouched for: no control or direction characters reach a terminal. */
const printable = (name: string): string => name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\uFFFD").slice(0, 100);

/** A table whose keys are names of their own; anything else is named by its key alone. */
const namesIn = (kind: Grant["kind"], key: string, value: unknown): readonly Row[] =>
  isFields(value) ? Object.keys(value).map((name) => ({ kind, name })) : [{ kind, name: key }];

/** Top-level keys of a `.codex/config.toml`; servers and hooks by their own names. */
const configRows = (config: Fields): readonly Row[] =>
  Object.entries(config).flatMap(([key, value]) => {
    if (key === "mcp_servers") return namesIn("mcp-server", key, value);
    if (key === "hooks") return namesIn("hook", key, value);
    return [{ kind: "setting" as const, name: key }];
  });

/** Events of a `.codex/hooks.json`. */
const hookRows = ({ hooks }: Fields): readonly Row[] => namesIn("hook", "hooks", hooks);

const rowsOf = ({ kind, content }: CodexProjectFile): readonly Row[] => {
  if ("unreadable" in content) return [{ kind: "unreadable", name: content.unreadable }];
  if (!isFields(content.parsed)) return [{ kind: "unreadable", name: "not an object" }];
  return kind === "config" ? configRows(content.parsed) : hookRows(content.parsed);
};

/** What a project's own Codex files switch on: names, never values. */
export const codexGrants = (files: readonly CodexProjectFile[]): readonly Grant[] =>
  files.flatMap((file) =>
    rowsOf(file).map(({ kind, name }) => ({ kind, name: printable(name), file: file.file })),
  );
