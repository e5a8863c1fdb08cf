/**
 * What a backup does with an entry of the data folder: `kept` in it, a `secret` only with the others, `left-out` always.
 */
export type Belonging = "kept" | "secret" | "left-out";

/** The end of the log of decisions, outside of the database. A backup reads it before the database, which then has it. */
export const logHead = "log-head.json";

/**
 * The entries at the top of the data folder that are not simply kept; the first row that fits counts. All other entries are
 * kept, so a new file of the host is in backups unless a row says otherwise. docs/host/data-folder.md has what each file is.
 */
const rows: readonly { readonly names: RegExp; readonly belonging: Exclude<Belonging, "kept"> }[] = [
  // The database comes as a checked copy. Its log, beside a copy, would destroy the copy.
  { names: /^gatehouse\.db(-wal|-shm|-journal)?$/, belonging: "left-out" },
  // Older copies of the database. Each backup would have all of them.
  { names: /^backups$/, belonging: "left-out" },
  // A start makes them anew.
  { names: /^(agent-programs|agent-sockets|containers|disk-reserve)$/, belonging: "left-out" },
  // Processes of this machine. A second host with these records would end the agents of the first.
  { names: /^(processes|sandboxes|held)$/, belonging: "left-out" },
  // The host that runs, the identity of this folder, and the backups that its host made and may remove.
  {
    names: /^(host\.pid|host\.lock|host\.json|agents\.json|folder-id|restored\.json|backup-runs\.json)$/,
    belonging: "left-out",
  },
  // It is in the backup, as it was before the database was copied.
  { names: /^log-head\.json$/, belonging: "left-out" },
  // Sockets, locks, and files that a killed program left half-written.
  { names: /\.(sock|lock|new)$/, belonging: "left-out" },
  // Keys of vendors, secrets of MCP servers, tokens of bots; with `.before` and `.mine-VERSION`, copies of them.
  { names: /^(secrets|mcp-secrets|messengers)\.json/, belonging: "secret" },
  { names: /\.(pem|key)$/, belonging: "secret" },
];

/**
 * What a backup does with an entry, by its path in the data folder. `keyFile` is the path of the key file in the folder,
 * if it is in there.
 */
export const belongingOf = (path: string, keyFile: string | null = null): Belonging => {
  if (path === keyFile) return "secret";
  return path.includes("/") ? "kept" : (rows.find(({ names }) => names.test(path))?.belonging ?? "kept");
};
