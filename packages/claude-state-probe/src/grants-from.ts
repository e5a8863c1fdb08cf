/**
 * One thing that a folder's own files switch on once the folder is trusted. `unreadable` stands for a file, or a part of
 * one, that could not be understood: what it grants is not known.
 */
export type Grant = {
  readonly kind:
    | "permission"
    | "directory"
    | "hook"
    | "mcp-server"
    | "env"
    | "helper"
    | "default-mode"
    | "plugin"
    | "unreadable";
  /** A name, never a value: no command, no header, no content of a variable. Printable, at most 100 characters. */
  readonly name: string;
  /** Absolute path of the file that says so. */
  readonly file: string;
};

/** A file that was there: its JSON, or the reason why there is none. */
export type GrantFile = { readonly file: string; readonly kind: "settings" | "mcp" } & (
  { readonly json: unknown } | { readonly unreadable: string }
);

type Row = Pick<Grant, "kind" | "name">;
type Fields = Readonly<Record<string, unknown>>;

/** Settings that name a command which Claude Code runs for itself (2.1.328). */
const helperSettings = [
  "apiKeyHelper",
  "awsAuthRefresh",
  "awsCredentialExport",
  "gcpAuthRefresh",
  "otelHeadersHelper",
  "proxyAuthHelper",
  "statusLine",
  "subagentStatusLine",
  "fileSuggestion",
];

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const unreadable = (name: string): Row => ({ kind: "unreadable", name });

/** Names come from files nobody has vouched for: no control or direction characters reach a terminal. */
const printable = (name: string): string => {
  const clean = name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\uFFFD");
  return clean.length > 100 ? `${clean.slice(0, 99)}…` : clean;
};

/** Rows from an object's fields; a value that is no object is reported. */
const fromFields = (
  value: unknown,
  name: string,
  rows: (fields: Fields) => readonly Row[],
): readonly Row[] => {
  if (value === undefined || value === null) return [];
  return isFields(value) ? rows(value) : [unreadable(name)];
};

/** One row for each text of a list; anything else is reported. */
const fromList = (value: unknown, name: string, row: (text: string) => Row): readonly Row[] => {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return [unreadable(name)];
  return value.map((item: unknown) => (typeof item === "string" ? row(item) : unreadable(name)));
};

/** `Bash(curl -H "Authorization: ...")` holds a command and may hold a secret: its first word stays, `Bash(curl …)`. */
const ruleName = (rule: string): string =>
  rule.replace(/^([^(]*\()([^\s=`'"$]*)([^]*?)(\)?)$/u, (whole, tool: string, word: string, rest: string) =>
    rest === "" ? whole : `${tool}${word} …)`,
  );

const permissionRows = (fields: Fields): readonly Row[] => [
  ...fromList(fields["allow"], "permissions.allow", (rule) => ({ kind: "permission", name: ruleName(rule) })),
  ...fromList(fields["additionalDirectories"], "permissions.additionalDirectories", (name) => ({
    kind: "directory",
    name,
  })),
  ...defaultModeRows(fields["defaultMode"]),
];

const defaultModeRows = (mode: unknown): readonly Row[] => {
  if (mode === undefined || mode === null || mode === "default") return [];
  return typeof mode === "string"
    ? [{ kind: "default-mode", name: mode }]
    : [unreadable("permissions.defaultMode")];
};

/** `{ "PreToolUse": [{ "matcher": "Bash", "hooks": [...] }] }` gives `PreToolUse(Bash)`. */
const hookRows = (events: Fields): readonly Row[] =>
  Object.entries(events).flatMap(([event, entries]) => {
    if (!Array.isArray(entries)) return [unreadable(`hooks.${event}`)];
    return entries.map((entry: unknown): Row => {
      if (!isFields(entry)) return unreadable(`hooks.${event}`);
      const matcher = entry["matcher"];
      return {
        kind: "hook",
        name: typeof matcher === "string" && matcher !== "" ? `${event}(${matcher})` : event,
      };
    });
  });

const namesOf =
  (kind: Grant["kind"]) =>
  (fields: Fields): readonly Row[] =>
    Object.keys(fields).map((name) => ({ kind, name }));

const settingsRows = (settings: Fields): readonly Row[] => [
  ...fromFields(settings["permissions"], "permissions", permissionRows),
  ...fromFields(settings["hooks"], "hooks", hookRows),
  ...fromFields(settings["env"], "env", namesOf("env")),
  ...fromFields(settings["enabledPlugins"], "enabledPlugins", (plugins) =>
    namesOf("plugin")(Object.fromEntries(Object.entries(plugins).filter(([, on]) => on !== false))),
  ),
  ...fromFields(settings["extraKnownMarketplaces"], "extraKnownMarketplaces", namesOf("plugin")),
  ...helperSettings.filter((name) => settings[name] != null).map((name): Row => ({ kind: "helper", name })),
  ...(settings["enableAllProjectMcpServers"] === true ? [{ kind: "mcp-server", name: "*" } as const] : []),
  ...fromList(settings["enabledMcpjsonServers"], "enabledMcpjsonServers", (name) => ({
    kind: "mcp-server",
    name,
  })),
];

const mcpRows = (json: Fields): readonly Row[] =>
  fromFields(json["mcpServers"], "mcpServers", (servers) =>
    Object.entries(servers).flatMap(([name, server]): readonly Row[] => [
      { kind: "mcp-server", name },
      ...(isFields(server) && server["headersHelper"] != null
        ? [{ kind: "helper", name: `${name}.headersHelper` } as const]
        : []),
    ]),
  );

const rowsOf = (source: GrantFile): readonly Row[] => {
  if ("unreadable" in source) return [unreadable(source.unreadable)];
  if (!isFields(source.json)) return [unreadable("not a JSON object")];
  return source.kind === "mcp" ? mcpRows(source.json) : settingsRows(source.json);
};

/** What these files switch on, in their order. Deny and ask rules take away, so they are no grants. */
export const grantsFrom = (files: readonly GrantFile[]): readonly Grant[] =>
  files.flatMap((source) =>
    rowsOf(source).map(({ kind, name }) => ({ kind, name: printable(name), file: source.file })),
  );
