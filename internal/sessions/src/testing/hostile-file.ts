import { spawnSync } from "node:child_process";
import { copyFileSync, symlinkSync, truncateSync, openSync, writeSync, closeSync, statSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import Libsql from "libsql";

/** Something that an agent puts in the place of its outbound.db. */
export type HostileFile = {
  readonly name: string;
  /** Makes it at `path`, of a copy of the file that was there. Returns what ends it, where it goes on. */
  readonly put: (path: string, good: string) => (() => Promise<void>) | undefined;
};

/** A copy in which statements were run. `{n}` is a number that no row has had. */
const changed =
  (...statements: readonly string[]): HostileFile["put"] =>
  (path, good) => {
    copyFileSync(good, path);
    const database = new Libsql(path);
    database.exec("pragma synchronous = off");
    const fresh = String(2 * Date.now() + 1);
    for (const statement of statements) database.exec(statement.replaceAll("{n}", fresh));
    database.close();
    return undefined;
  };

const row = (content: string): string =>
  `insert into messages_out (id, seq, timestamp, kind, content)
    values ('o-{n}', {n}, '2026-01-01T00:00:00.000Z', 'chat', ${content})`;

const fifo: HostileFile["put"] = (path) => {
  const { status } = spawnSync("mkfifo", [path]);
  if (status !== 0) throw new Error("mkfifo failed");
  return undefined;
};

/** Every page but the first is noise. */
const corrupt: HostileFile["put"] = (path, good) => {
  copyFileSync(good, path);
  const file = openSync(path, "r+");
  const noise = Buffer.alloc(statSync(path).size - 4096, 0xa5);
  writeSync(file, noise, 0, noise.length, 4096);
  closeSync(file);
  return undefined;
};

const growing: HostileFile["put"] = (path, good) => {
  copyFileSync(good, path);
  let isOver = false;
  const grow = async (): Promise<void> => {
    for (const chunk = Buffer.alloc(65_536); !isOver;) await appendFile(path, chunk);
  };
  const grown = grow();
  return () => {
    isOver = true;
    return grown;
  };
};

const endless = `create view messages_out as with recursive n(x) as (select 1 union all select x + 1 from n)
  select x as id, x as seq, null as in_reply_to, '' as timestamp, null as deliver_after, 'chat' as kind,
    null as platform_id, null as channel_type, null as thread_id, '{}' as content from n`;

/** 5,000 messages of 10 kB. */
const many = `with recursive n(x) as (select 1 union all select x + 1 from n where x < 5000)
    insert into messages_out (id, seq, timestamp, kind, content) select 'o-{n}-' || x, {n} + 2 * x,
      '2026-01-01T00:00:00.000Z', 'chat', '{"text":"' || printf('%.*c', 10000, 'x') || '"}' from n`;

export const hostileFiles: readonly HostileFile[] = [
  { name: "text that is not UTF-8", put: changed(row("cast(x'fffe7b7d' as text)")) },
  {
    name: "4 GB, sparse",
    put: (path, good) => {
      copyFileSync(good, path);
      truncateSync(path, 4 * 2 ** 30);
      return undefined;
    },
  },
  {
    name: "a link",
    put: (path, good) => {
      symlinkSync(good, path);
      return undefined;
    },
  },
  { name: "a pipe", put: fifo },
  { name: "another schema", put: changed("drop table messages_out", "create table messages_out (id, seq)") },
  { name: "an endless view for a table", put: changed("drop table messages_out", endless) },
  { name: "corrupt pages", put: corrupt },
  { name: "a row of 100 MB", put: changed(row("printf('%.*c', 100000000, 'x')")) },
  { name: "many rows, 50 MB", put: changed(many) },
  { name: "a file that grows", put: growing },
];
