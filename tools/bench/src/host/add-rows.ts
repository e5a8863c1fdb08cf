import type Database from "libsql";

/** Adds copies of the newest row that fits, each with an id of its own, and a higher number in `rising`. */
export const addRows = (
  db: Database.Database,
  table: string,
  {
    count,
    own,
    rising = "",
    where,
  }: { count: number; own: readonly string[]; rising?: string; where: string },
): void => {
  const columns = (db.pragma(`table_info(${table})`) as { readonly name: string }[]).map(({ name }) => name);
  const value = (name: string): string => {
    if (own.includes(name)) return `coalesce(row.${name}, '') || '-' || n`;
    return name === rising ? `row.${name} + n` : `row.${name}`;
  };
  const added = db
    .prepare(
      `with recursive count(n) as (select 1 union all select n + 1 from count where n < ${count}),
         row as (select * from ${table} where ${where} order by rowid desc limit 1)
       insert into ${table} (${columns.join(", ")}) select ${columns.map(value).join(", ")} from count, row`,
    )
    .run().changes;
  if (added !== count) throw new Error(`No row of ${table} fits: ${where}.`);
};
