import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import Libsql from "libsql";
import { expect, inject, onTestFinished, test } from "vitest";
import { pathsOf } from "./paths.ts";
import { answer, at, message, projection } from "./session-messages.fixture.ts";
import { must, session } from "./session.fixture.ts";

type Writer = {
  /** The ids that it said were committed. */
  readonly ids: readonly string[];
  /** Has it write so many more messages. */
  readonly write: (count: number) => void;
  /** Resolves after so many more of them are committed; rejects if it ends before. */
  readonly more: (count: number) => Promise<void>;
  readonly kill: () => Promise<void>;
};

type StartWriter = (folder: string, side: "host" | "agent", name: string) => Writer;

/**
 * Starts writers of this test, which all end with it. A test that timed out runs on for a while: it
 * starts no more of them.
 */
const writersOfTest = (): StartWriter => {
  const children = new Set<ChildProcess>();
  let isOver = false;
  onTestFinished(() => {
    isOver = true;
    for (const child of children) child.kill("SIGKILL");
  });
  return (folder, side, name) => {
    if (isOver) throw new Error("The test is over.");
    const args = [inject("programs")["session-writer"], folder, side, name];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    // One that is killed does not read the rest.
    child.stdin.on("error", () => undefined);
    children.add(child);
    return writerIn(child);
  };
};

const writerIn = (child: ChildProcess & { readonly stdin: Writable; readonly stdout: Readable }): Writer => {
  const ended = once(child, "close");
  const ids: string[] = [];
  const lines = createInterface({ input: child.stdout });
  const wake = new Set<() => void>();
  lines.on("line", (id) => {
    ids.push(id);
    for (const each of wake) each();
  });
  return {
    ids,
    write: (count) => void child.stdin.write(`${count}\n`),
    more: (count) =>
      new Promise((resolve, reject) => {
        const enough = ids.length + count;
        const look = (): void => {
          if (ids.length < enough) return;
          wake.delete(look);
          resolve();
        };
        wake.add(look);
        void ended.then(() => reject(new Error(`The writer ended after ${ids.length} messages.`)));
      }),
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
};

const rowsOf = (file: string, table: string): readonly { readonly id: string; readonly seq: number }[] => {
  const database = new Libsql(file);
  const [check] = database.prepare("pragma integrity_check").all() as { integrity_check: string }[];
  expect(check?.integrity_check).toBe("ok");
  const rows = database.prepare(`select id, seq from ${table} order by seq`).all();
  database.close();
  return rows as { id: string; seq: number }[];
};

test(
  "case 10, F27: kill -9 of a host and two processes of a container that write: all that was committed is there, the host's numbers even, the container's odd, none twice",
  { tags: ["slow"] },
  async () => {
    const { folder, host, agent } = session();
    must(await host().project(projection(1)));
    must(await agent().commit({ acknowledgements: [], messages: [answer("first")], now: at }));
    const sides = ["host", "agent", "agent"] as const;
    const startWriter = writersOfTest();
    const all: Writer[] = [];
    const start = (side: "host" | "agent"): Writer => {
      const writer = startWriter(folder, side, `${side}${all.length}`);
      all.push(writer);
      return writer;
    };
    const running = sides.map(start);
    // More than is waited for: the kill strikes while all three write.
    const burst = 12;
    const kills = Math.max(6, Math.round(60 * inject("shareOfCases")));
    for (let kill = 0; kill < kills; kill += 1) {
      const index = kill % sides.length;
      for (const { write } of running) write(burst);
      await running[index]!.more(3 + (kill % 5));
      await running[index]!.kill();
      running[index] = start(sides[index]!);
    }
    // The host's is the last: the journal that it leaves keeps the others from reading until the next
    // host comes.
    for (const writer of running.toReversed()) {
      writer.write(burst);
      await writer.more(1);
      await writer.kill();
    }
    // The next host and container roll back what the killed ones left unfinished.
    must(await host().send([message("last")]));
    must(await agent().commit({ acknowledgements: [], messages: [answer("last")], now: at }));

    const { inbound, outbound } = pathsOf(folder);
    const rows = { host: rowsOf(inbound, "messages_in"), agent: rowsOf(outbound, "messages_out") };
    for (const side of ["host", "agent"] as const) {
      const there = new Set(rows[side].map(({ id }) => id));
      const lost = all.flatMap(({ ids }) => ids).filter((id) => id.startsWith(side) && !there.has(id));
      expect(lost).toEqual([]);
      expect(rows[side].filter(({ seq }) => seq % 2 !== (side === "host" ? 0 : 1))).toEqual([]);
    }
    const seqs = [...rows.host, ...rows.agent].map(({ seq }) => seq);
    expect(new Set(seqs).size).toBe(seqs.length);
    expect(seqs.length).toBeGreaterThan(kills * 3);
  },
);

test("a writer whose parent is gone ends by itself", async () => {
  const { folder, host } = session();
  must(await host().project(projection(1)));
  const code = `
    const args = process.argv.slice(1);
    const writer = require("node:child_process").spawn(process.execPath, args, { stdio: ["pipe", 1, 2] });
    writer.stdin.write("1\\n");
    console.log(writer.pid);`;
  const writer = [inject("programs")["session-writer"], folder, "host", "left"];
  const parent = spawn(process.execPath, ["-e", code, ...writer], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void parent.kill("SIGKILL"));
  const closed = once(parent, "close");
  const lines = createInterface({ input: parent.stdout });
  const [pid] = (await once(lines, "line")) as [string];
  onTestFinished(() => endIfThere(Number(pid)));
  await once(lines, "line");
  parent.kill("SIGKILL");
  // The writer holds the other end of the pipe.
  await closed;
});

const endIfThere = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    expect(error).toMatchObject({ code: "ESRCH" });
  }
};
