/**
 * One thing that a folder's own files enable once the folder is trusted. `unreadable` means a file, or a part
 * of one, that could not be understood: its grants are not known.
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
  /**
   * A name, never a value: no command, no header, no content of a variable. Printable, at most 100
   * characters.
   */
  readonly name: string;
  /** Absolute path of the file that contains it. */
  readonly file: string;
};

/** A file that exists: its JSON, or the reason why there is none. */
export type GrantFile = { readonly file: string; readonly kind: "settings" | "mcp" } & (
  | { readonly json: unknown }
  | { readonly unreadable: string }
);

type Row = Pick<Grant, "kind" | "name">;
type Fields = Readonly<Record<string, unknown>>;

/** Settings that name a command for Claude Code itself to run (2.1.328). */
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

/**
 * Makes a name safe to print. Names come from untrusted files, so control and direction characters must not
 * reach a terminal.
 */
const printable = (name: string): string => {
  const clean = name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\uFFFD");
  return clean.length > 100 ? `${clean.slice(0, 99)}…` : clean;
};

/** Makes rows from an object's fields. A value that is not an object is reported. */
const fromFields = (
  value: unknown,
  name: string,
  rows: (fields: Fields) => readonly Row[],
): readonly Row[] => {
  if (value === undefined || value === null) return [];
  return isFields(value) ? rows(value) : [unreadable(name)];
};

/** Makes one row for each text of a list. Any other value is reported. */
const fromList = (value: unknown, name: string, row: (text: string) => Row): readonly Row[] => {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return [unreadable(name)];
  return value.map((item: unknown) => (typeof item === "string" ? row(item) : unreadable(name)));
};

/**
 * Shortens a rule to its first word: `Bash(curl -H "Authorization: ...")` holds a command and may contain a
 * secret, so it becomes `Bash(curl …)`.
 */
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

/**
 * Names hooks by event and matcher: `{ "PreToolUse": [{ "matcher": "Bash", "hooks": [...] }] }` gives
 * `PreToolUse(Bash)`.
 */
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

/**
 * Lists what these files enable, in their order. Deny and ask rules only restrict, so they are not grants.
 */
export const grantsFrom = (files: readonly GrantFile[]): readonly Grant[] =>
  files.flatMap((source) =>
    rowsOf(source).map(({ kind, name }) => ({ kind, name: printable(name), file: source.file })),
  );
