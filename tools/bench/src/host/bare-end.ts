import Libsql from "libsql";
import { watch } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

// node bare-end.ts host|agent FOLDER: one side of a conversation over two SQLite files, each with one writer
// and as durable as a session's. No fencing, no lease, no check of the other side's data: the minimum time
// for the four commits of a message and its answer. The host's side does a round trip for each line that it
// gets.

const [role, folder = ""] = process.argv.slice(2);
const durable = "pragma busy_timeout = 5000; pragma journal_mode = delete; pragma synchronous = full";

const open = (name: "in" | "out"): Libsql.Database => {
  const database = new Libsql(join(folder, name, `${name}.db`));
  database.exec(durable);
  return database;
};

/** Calls back when the other side may have committed: its journal is gone. */
const onCommit = (name: "in" | "out", call: () => void): void => {
  watch(join(folder, name)).on("change", (event, file) => {
    if (event === "rename" && String(file) === `${name}.db-journal`) call();
  });
};

const commit = (database: Libsql.Database, work: () => void): void => {
  database.exec("begin immediate");
  work();
  database.exec("commit");
};

/** Opens the other side's file for each read, like a foreign file. */
const rowsBehind = (name: "in" | "out", table: string, cursor: number): readonly Row[] => {
  const other = open(name);
  const rows = other.prepare(`select seq, content from ${table} where seq > ? order by seq`).all(cursor);
  other.close();
  return rows as readonly Row[];
};

type Row = { readonly seq: number; readonly content: string };

const host = (): void => {
  const [inbound, outbound] = [open("in"), open("out")];
  inbound.exec(`create table messages_in (seq integer primary key, content text not null);
    create table delivered (seq integer primary key, at text not null)`);
  outbound.exec(`create table messages_out (seq integer primary key, content text not null);
    create table processing_ack (seq integer primary key, status text not null)`);
  outbound.close();
  const send = inbound.prepare("insert into messages_in (content) values (?)");
  const end = inbound.prepare("insert into delivered values (?, ?)");
  let cursor = 0;
  onCommit("out", () => {
    for (const { seq, content } of rowsBehind("out", "messages_out", cursor)) {
      cursor = seq;
      process.stdout.write(`${content}\n`);
      commit(inbound, () => end.run(seq, new Date().toISOString()));
    }
  });
  createInterface({ input: process.stdin }).on("line", (line) => commit(inbound, () => send.run(line)));
};

const agent = (): void => {
  const outbound = open("out");
  const claim = outbound.prepare("insert into processing_ack values (?, 'processing')");
  const complete = outbound.prepare("update processing_ack set status = 'completed' where seq = ?");
  const answer = outbound.prepare("insert into messages_out (content) values (?)");
  let cursor = 0;
  onCommit("in", () => {
    for (const { seq, content } of rowsBehind("in", "messages_in", cursor)) {
      cursor = seq;
      commit(outbound, () => claim.run(seq));
      commit(outbound, () => {
        answer.run(content);
        complete.run(seq);
      });
    }
  });
};

if (role === "host") host();
else agent();
process.stdin.on("end", () => process.exit());
process.stdin.resume();
console.log("ready");
