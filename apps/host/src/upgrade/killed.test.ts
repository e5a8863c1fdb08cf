// @module-tag soak
import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { centralFile, checkCentral } from "@gatehouse/central-database";
import { later, present, withOneMore } from "@gatehouse/central-database/testing";
import { chatLink } from "@gatehouse/channels/client";
import { openSqlite } from "@gatehouse/sqlite";
import { sql } from "kysely";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { processes } from "../chaos/places.fixture.ts";
import { chancesFrom, points, seed } from "../chaos/random.fixture.ts";

const { gatehouse, "later-gatehouse": laterGatehouse } = inject("programs");
const kills = points ?? 200;
const chances = chancesFrom(seed);

type Kill = { readonly at: number; readonly ms: number | null };

/** Starts a program of a host. `isReady` resolves with true at its first line, with false at its end. */
const start = (
  program: string,
  args: readonly string[],
  { steps, kill }: { steps?: string; kill?: Kill } = {},
) => {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      GATEHOUSE_DATABASE: "",
      ...(steps === undefined ? {} : { GATEHOUSE_STEPS: steps }),
      ...(kill === undefined ? {} : { GATEHOUSE_KILL_AT: String(kill.at) }),
      ...(kill === undefined || kill.ms === null ? {} : { GATEHOUSE_KILL_MS: String(kill.ms) }),
    },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text: unknown) => (stdout += String(text)));
  child.stderr.on("data", (text: unknown) => (stderr += String(text)));
  const ended = once(child, "exit").then(([code, signal]) => String(signal ?? code));
  const isReady = Promise.race([once(child.stdout, "data").then(() => true), ended.then(() => false)]);
  return { child, isReady, ended, stdout: () => stdout, stderr: () => stderr };
};

/** The in-messages, answers and rows by table of a whole database; its version is that of the one program that can open it. */
const readWhole = async (file: string) => {
  const [old, other] = [await checkCentral(file), await checkCentral(file, withOneMore)];
  const isOld = old.ok && old.value.isCurrent;
  if (!isOld) expect({ file, old }).toMatchObject({ old: { ok: false, error: { code: "newer-schema" } } });
  expect({ file, isOld, other }).toMatchObject({ other: { ok: true, value: { isCurrent: !isOld } } });
  const opened = await openSqlite<{
    local_messages: { id: string; direction: string; in_reply_to: string | null };
  }>(file, { readOnly: true });
  if (!opened.ok) expect.fail(JSON.stringify(opened.error));
  const { db, close } = opened.value;
  const rows = await db.selectFrom("local_messages").select(["id", "direction", "in_reply_to"]).execute();
  const counts: Record<string, number> = {};
  for (const { name } of await db.introspection.getTables())
    counts[name] = Number(
      (await sql<{ n: number }>`select count(*) as n from ${sql.table(name)}`.execute(db)).rows[0]?.n,
    );
  await close();
  const answered = rows.flatMap((row) =>
    row.direction === "out" && row.in_reply_to !== null ? [row.in_reply_to] : [],
  );
  return {
    version: isOld ? present : later,
    ids: rows.flatMap(({ id, direction }) => (direction === "in" ? [id] : [])).toSorted(),
    answered: answered.filter((id) => sent.has(id)).toSorted(),
    counts,
  };
};

const sent = new Set<string>();
/** Messages that a host has acknowledged, in the database that is in place. */
let acknowledged = new Set<string>();

const twiceIn = (ids: readonly string[]): readonly string[] =>
  ids.filter((id, index) => ids.indexOf(id) !== index);

const checked = async (dataDir: string, story: object) => {
  const whole = await readWhole(centralFile(dataDir));
  const { ids, answered } = whole;
  expect({
    ...story,
    missing: [...acknowledged].filter((id) => !ids.includes(id)),
    twice: [...twiceIn(ids), ...twiceIn(answered)],
    foreign: ids.filter((id) => !sent.has(id)),
  }).toEqual({ ...story, missing: [], twice: [], foreign: [] });
  return whole;
};

/** Sends messages to a host and kills it, while some of them wait. */
const talkAndKill = async (dataDir: string, host: ReturnType<typeof start>): Promise<void> => {
  const enough = acknowledged.size + 1 + chances.below(15);
  const link = chatLink({
    socketPath: join(dataDir, "chat.sock"),
    group: "ana",
    as: "local:ana",
    reconnectMs: 20_000,
    events: {
      welcome: () => {},
      message: () => {},
      lost: () => {},
      taken: (id) => void acknowledged.add(id),
      refused: (error) => expect.fail(JSON.stringify(error)),
    },
  });
  onTestFinished(link.stop);
  for (let count = 0; count < 20; count += 1) {
    const id = randomUUID();
    sent.add(id);
    link.say({ type: "message", id, text: `message ${sent.size}` });
  }
  await vi.waitFor(() => expect(acknowledged.size).toBeGreaterThanOrEqual(enough), {
    timeout: 60_000,
    interval: 2,
  });
  host.child.kill("SIGKILL");
  expect(await host.ended).toBe("SIGKILL");
  link.stop();
  await link.ended;
};

type Plan = {
  readonly copy: string;
  readonly tables: readonly { readonly table: string; readonly now: number; readonly then: number }[];
};

test(
  `kill -9 at ${kills} steps of an upgrade, its check and the way back (GATEHOUSE_SEED=${seed}): no acknowledged message is missing or twice, and the way back loses exactly what it named`,
  { tags: ["slow"], timeout: 120_000 + kills * 20_000 },
  async () => {
    const begun = performance.now();
    const place = await processes.make({ hosts: 1, database: null });
    const dataDir = join(place.folders[0] ?? "", "data");
    onTestFinished(() => place.end(dataDir));
    const [file, backups, steps] = [
      centralFile(dataDir),
      join(dataDir, "backups"),
      join(dataDir, "../steps"),
    ];
    const owner = ["--name", "ana", "--folder", "ana", "--owner", "local:ana", "--provider", "echo"];
    expect(spawnSync(process.execPath, [gatehouse, "init", ...owner, "--data", dataDir]).status).toBe(0);
    const up = ["up", "--runtime", "process", "--data", dataDir];
    const undo = ["upgrade", "--undo", "--yes", "--data", dataDir];
    const check = ["upgrade", "--check", "--data", dataDir];
    const hits: Record<string, number> = {};
    let [killed, hostKills] = [0, 0];
    /** The number of steps of each act: until it was run once as a whole, none is killed. */
    const lengths = new Map<readonly string[], number>();
    const stepsTaken = (): readonly string[] =>
      existsSync(steps) ? readFileSync(steps, "utf8").split("\n").slice(0, -1) : [];
    /** Runs an act of the later program, with a kill at one of its steps. `isKilled` is false if it came through. */
    const strike = async (act: readonly string[], what: string) => {
      rmSync(steps, { force: true });
      const length = lengths.get(act);
      const kill = {
        at: 1 + chances.below((length ?? 0) + 3),
        ms: chances.below(2) === 0 ? null : chances.below(15),
      };
      const run = start(laterGatehouse, act, length === undefined ? { steps } : { steps, kill });
      const isUp = act === up && (await run.isReady);
      const by = isUp ? null : await run.ended;
      const taken = stepsTaken();
      const isKilled = by === "SIGKILL";
      if (isKilled) {
        killed += 1;
        const phase = `${what}: ${kill.ms === null ? "before" : "after"} ${taken[kill.at - 1]}`;
        hits[phase] = (hits[phase] ?? 0) + 1;
      } else {
        expect({ what, by, stderr: by === "0" || isUp ? "" : run.stderr() }).toEqual({
          what,
          by: isUp ? null : "0",
          stderr: "",
        });
        // The start of a host goes on after its migration.
        const end = taken.lastIndexOf('insert into "schema_version"') + 4;
        lengths.set(act, act === up && end > 3 ? end : taken.length);
      }
      return { run, isKilled, story: { seed, killed, what, kill, taken } };
    };
    const startOld = async (): Promise<void> => {
      const host = start(gatehouse, up);
      expect({ isReady: await host.isReady, stderr: host.stderr() }).toMatchObject({ isReady: true });
      expect(readdirSync(dataDir).filter((name) => name.includes("unfinished"))).toEqual([]);
      await talkAndKill(dataDir, host);
      hostKills += 1;
    };
    for (let round = 0; killed < kills; round += 1) {
      await startOld();
      const before = await checked(dataDir, { seed, round, what: "the old host" });
      expect(before.version).toBe(present);
      for (let tries = 0; tries < 2; tries += 1) {
        const { story } = await strike(check, "check");
        expect({ ...story, ...(await checked(dataDir, story)) }).toEqual({ ...story, ...before });
      }
      const known = new Set(acknowledged);
      let host: ReturnType<typeof start> | null = null;
      while (host === null) {
        const { run, isKilled, story } = await strike(up, "up");
        if (!isKilled) host = run;
        else {
          const { version, ids } = await checked(dataDir, story);
          expect({ ...story, ids }).toEqual({ ...story, ids: before.ids });
          if (version === later) {
            host = start(laterGatehouse, up);
            expect({ ...story, isReady: await host.isReady, stderr: host.stderr() }).toMatchObject({
              isReady: true,
            });
          }
        }
      }
      await talkAndKill(dataDir, host);
      hostKills += 1;
      const after = await checked(dataDir, { seed, round, what: "the later host" });
      expect(after.version).toBe(later);
      const planning = start(laterGatehouse, ["upgrade", "--undo", "--json", "--data", dataDir]);
      expect({ by: await planning.ended, stderr: planning.stderr() }).toEqual({ by: "0", stderr: "" });
      const { copy, tables } = JSON.parse(planning.stdout()) as Plan;
      const then = await readWhole(copy);
      expect({ round, ids: then.ids, counts: then.counts }).toEqual({
        round,
        ids: before.ids,
        counts: before.counts,
      });
      const named = Object.keys(after.counts)
        .filter((table) => !table.startsWith("schema_version"))
        .map((table) => ({ table, now: after.counts[table] ?? 0, then: then.counts[table] ?? 0 }))
        .filter((row) => row.now !== row.then);
      expect(tables.toSorted((a, b) => a.table.localeCompare(b.table))).toEqual(
        named.toSorted((a, b) => a.table.localeCompare(b.table)),
      );
      for (let isBack = false; !isBack;) {
        const { isKilled, story } = await strike(undo, "undo");
        const found = await readWhole(file);
        isBack = found.version === present;
        expect({ ...story, isBack: isKilled ? isBack : true, ...found }).toEqual({
          ...story,
          isBack,
          ...(isBack ? then : after),
        });
        if (!isBack) continue;
        acknowledged = known;
        await checked(dataDir, story);
        const copies = readdirSync(backups).filter((name) => /^gatehouse-v\d+-\w+\.db$/.test(name));
        const newest = copies.toSorted((a, b) => a.slice(-19).localeCompare(b.slice(-19))).at(-1) ?? "";
        expect({ ...story, kept: await readWhole(join(backups, newest)) }).toEqual({ ...story, kept: after });
        for (const name of copies) {
          const { version } = await readWhole(join(backups, name));
          expect(name).toMatch(`gatehouse-v${version}-`);
          expect(statSync(join(backups, name)).ino).not.toBe(statSync(file).ino);
        }
      }
    }
    const last = start(gatehouse, up);
    expect(await last.isReady).toBe(true);
    last.child.kill("SIGTERM");
    expect(await last.ended).toBe("143");
    const seconds = Math.round((performance.now() - begun) / 1_000);
    console.log(
      `upgrade: ${killed} kills and ${hostKills} of hosts at work in ${seconds} s, ${sent.size} messages, seed ${seed}\n${JSON.stringify(hits, null, 1)}`,
    );
  },
);
