// bare-side.mjs host|agent FOLDER, started with an IPC channel: one side of a conversation over two SQLite
// files, each with one writer. It has no lease, and checks nothing that the other side writes: it only does
// the four durable commits of a message and its answer. Plain Node, since a loader would use the channel too.
import { watch } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import Libsql from "libsql";

const [role, folder] = process.argv.slice(2);

const open = (side) => {
  const database = new Libsql(join(folder, side, `${side}.db`));
  database.exec("pragma busy_timeout = 5000; pragma journal_mode = delete; pragma synchronous = full");
  return database;
};

const commit = (database, work) => {
  database.exec("begin immediate");
  work();
  database.exec("commit");
};

/** Calls back for each new row of the other side. A journal that is gone may mean a commit. */
const onRow = (side, table, call) => {
  let cursor = 0;
  watch(join(folder, side)).on("change", (event, file) => {
    if (event !== "rename" || String(file) !== `${side}.db-journal`) return;
    const other = open(side);
    const rows = other.prepare(`select seq, content from ${table} where seq > ? order by seq`).all(cursor);
    other.close();
    for (const row of rows) {
      cursor = row.seq;
      call(row);
    }
  });
};

/** Writes each message of the parent process, and sends it the answer before the delivery is recorded. */
const host = () => {
  const [inbound, outbound] = [open("in"), open("out")];
  inbound.exec(`create table messages_in (seq integer primary key, content text not null);
    create table delivered (seq integer primary key, at text not null)`);
  outbound.exec(`create table messages_out (seq integer primary key, content text not null);
    create table processing_ack (seq integer primary key, status text not null)`);
  outbound.close();
  const message = inbound.prepare("insert into messages_in (content) values (?)");
  const delivered = inbound.prepare("insert into delivered values (?, ?)");
  onRow("out", "messages_out", ({ seq, content }) => {
    process.send(content);
    commit(inbound, () => delivered.run(seq, new Date().toISOString()));
  });
  process.on("message", (text) => commit(inbound, () => message.run(text)));
};

/** Claims each message, then answers and completes it. */
const agent = () => {
  const outbound = open("out");
  const claim = outbound.prepare("insert into processing_ack values (?, 'processing')");
  const complete = outbound.prepare("update processing_ack set status = 'completed' where seq = ?");
  const answer = outbound.prepare("insert into messages_out (content) values (?)");
  onRow("in", "messages_in", ({ seq, content }) => {
    commit(outbound, () => claim.run(seq));
    commit(outbound, () => {
      answer.run(content);
      complete.run(seq);
    });
  });
};

if (role === "host") host();
else agent();
process.on("disconnect", () => process.exit());
process.send("ready");
