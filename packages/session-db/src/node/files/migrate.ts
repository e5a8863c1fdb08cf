import { schemaTexts, versionTable, type FileSchema } from "../../schema/schema.ts";
import type { Connection } from "./connection.ts";

/** How a file's tables compare with ours. */
export type SchemaState = "ours" | "newer" | "foreign";

/**
 * Brings a file to the last step of its schema, in the caller's transaction. Tables without a version are those
 * of nanoclaw, in any of its shapes: each is made anew by our text, and takes over the columns that both have.
 */
export const migrate = (db: Connection, schema: FileSchema): SchemaState => {
  const there = textsIn(db);
  const version = there.includes(versionTable) ? versionOf(db) : null;
  if (version !== null && version > schema.steps.length) return "newer";
  if (version === null) {
    const old = renameLegacy(db);
    db.exec(versionTable);
    takeSteps(db, schema, 0);
    for (const table of old) takeOver(db, table);
    return "ours";
  }
  if (!isSame(there, schemaTexts(schema, version))) return "foreign";
  takeSteps(db, schema, version);
  return "ours";
};

const takeSteps = (db: Connection, { steps }: FileSchema, from: number): void => {
  if (from === steps.length) return;
  for (const sql of steps.slice(from).flat()) db.exec(sql);
  db.run(
    "insert into schema_version values (1, ?) on conflict (id) do update set version = excluded.version",
    steps.length,
  );
};

const isSame = (there: readonly string[], expected: readonly string[]): boolean =>
  JSON.stringify(there.toSorted()) === JSON.stringify(expected.toSorted());

/** Read as bytes: libsql ends the process on a text that is not UTF-8. */
const textsIn = (db: Connection): readonly string[] =>
  db
    .all<{ text: ArrayBuffer }>("select cast(sql as blob) as text from sqlite_schema where sql is not null")
    .map(({ text }) => new TextDecoder().decode(text));

const versionOf = (db: Connection): number =>
  db.all<{ version: number }>("select version from schema_version")[0]?.version ?? 0;

const namesOf = (db: Connection, type: string): readonly string[] =>
  db
    .all<{ name: string }>(
      "select name from sqlite_schema where type = ? and sql is not null and name not like 'sqlite_%'",
      type,
    )
    .map(({ name }) => name);

/** Gives the tables that are to be taken over. Their indices would keep names that ours need. */
const renameLegacy = (db: Connection): readonly string[] => {
  for (const index of namesOf(db, "index")) db.exec(`drop index ${quoted(index)}`);
  const tables = namesOf(db, "table");
  for (const table of tables) db.exec(`alter table ${quoted(table)} rename to ${quoted(`legacy_${table}`)}`);
  return tables;
};

const takeOver = (db: Connection, table: string): void => {
  const legacy = `legacy_${table}`;
  const before = columnsOf(db, legacy);
  const common = columnsOf(db, table).filter((column) => before.includes(column));
  if (common.length > 0) {
    const columns = common.map(quoted);
    const filled = common.map(valueOf);
    const change =
      table === "processing_ack" ? { name: ", change", value: ", rowid" } : { name: "", value: "" };
    db.exec(
      `insert into ${quoted(table)} (${columns.join(", ")}${change.name}) ` +
        `select ${filled.join(", ")}${change.value} from ${quoted(legacy)}`,
    );
  }
  db.exec(`drop table ${quoted(legacy)}`);
};

/** Columns with a time. A row that is to wait has one of the first two; without a time that can be read it is due. */
const dueTimes: readonly string[] = ["process_after", "deliver_after"];
const times: readonly string[] = [
  "timestamp",
  "status_changed",
  "delivered_at",
  "updated_at",
  "tool_started_at",
];

/**
 * What a row of nanoclaw gets in a column of ours. It wrote some times as SQLite does, in UTC without saying so:
 * as texts they do not compare with ours, and elsewhere they would be read as local times.
 */
const valueOf = (column: string): string => {
  const name = quoted(column);
  const utc = `strftime('%Y-%m-%dT%H:%M:%fZ', ${name})`;
  if (dueTimes.includes(column)) return utc;
  if (times.includes(column)) return `coalesce(${utc}, ${name})`;
  return column === "trigger" ? "coalesce(trigger, 1)" : name;
};

const columnsOf = (db: Connection, table: string): readonly string[] =>
  db.all<{ name: string }>("select name from pragma_table_info(?)", table).map(({ name }) => name);

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
