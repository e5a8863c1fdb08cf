import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { outbound, start } from "@gatehouse/session-rows/testing";
import type { AgentSide, TransportResult } from "@gatehouse/session-rows/messages";
import { openSpool } from "./spool.ts";

/** In these tests no message has files. */
const noFiles = { put: (): Promise<never> => expect.fail("a file is put") };

type Work = Parameters<AgentSide["commit"]>[0];

const done: TransportResult<null> = { ok: true, value: null };
const work = (id: string): Work => ({
  acknowledgements: [{ id, status: "completed", reason: null }],
  messages: [outbound(`re-${id}`)],
  now: start,
});
const claim: Work = {
  acknowledgements: [{ id: "m", status: "processing", reason: null }],
  messages: [],
  now: start,
};

/** A spool, and a host that answers on demand. */
const fixture = () => {
  const base = mkdtempSync(join(tmpdir(), "spool-"));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const folder = join(base, "spool");
  const asked: unknown[] = [];
  const waiting: ((result: TransportResult<null>) => void)[] = [];
  const ask = (what: unknown) =>
    new Promise<TransportResult<null>>((resolve) => {
      asked.push(what);
      waiting.push(resolve);
    });
  const side = {
    commit: ({ acknowledgements, messages, now }: Work) => ask({ acknowledgements, messages, now }),
    set: (...kept: unknown[]) => ask(kept),
  } as unknown as AgentSide;
  const spool = openSpool(folder, noFiles);
  return {
    folder,
    asked,
    side: spool.over(side),
    host: side,
    answer: (result: TransportResult<null> = done) => waiting.shift()?.(result),
  };
};

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => name.endsWith(".json"));

test("work counts as done once it is in a private file, if the host does not answer, and the file goes when the host has it", async () => {
  const { folder, side, answer } = fixture();
  expect(await side.commit(work("m-1"))).toEqual(done);
  const [file = ""] = filesIn(folder);
  expect((statSync(folder).mode & 0o777).toString(8)).toBe("700");
  expect((statSync(join(folder, file)).mode & 0o777).toString(8)).toBe("600");
  answer();
  await vi.waitFor(() => expect(filesIn(folder)).toEqual([]));
});

test("a host that answers needs no file, and a claim alone is never stored", async () => {
  const { folder, side, answer } = fixture();
  const quick = side.commit(work("m-1"));
  answer();
  expect(await quick).toEqual(done);
  const claimed = side.commit(claim);
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(filesIn(folder)).toEqual([]);
  answer();
  expect(await claimed).toEqual(done);
});

test("the next agent sends the work in its order, and removes what the host has", async () => {
  const { folder, side } = fixture();
  await side.set("continuation:echo", "c-1", start);
  await side.commit(work("m-1"));
  await side.set("continuation:echo", undefined, start);
  const next = fixture();
  const left = await openSpool(folder, noFiles).left();
  for (const one of left) {
    const handed = one.replay(next.host);
    next.answer();
    expect(await handed).toEqual(done);
    await one.remove();
  }
  expect(next.asked).toEqual([
    ["continuation:echo", "c-1", start],
    work("m-1"),
    ["continuation:echo", undefined, start],
  ]);
  expect(filesIn(folder)).toEqual([]);
});

test("work that the host refuses temporarily is sent again", async () => {
  const { folder, side, asked, answer } = fixture();
  await side.commit(work("m-1"));
  answer({ ok: false, error: { code: "unwritable", message: "full" } });
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  expect(filesIn(folder)).toHaveLength(1);
  answer();
  await vi.waitFor(() => expect(filesIn(folder)).toEqual([]));
});

test("work that an agent could not send before its exit stays for the next agent", async () => {
  const { folder, side, answer } = fixture();
  await side.commit(work("m-1"));
  answer({ ok: false, error: { code: "closed", message: "over" } });
  await new Promise(setImmediate);
  expect(await openSpool(folder, noFiles).left()).toHaveLength(1);
});

test.each([
  { what: "torn", text: '{"type":"commit","id":0,' },
  { what: "something else", text: '{"hello":1}' },
  { what: "half right", text: '{"type":"commit","id":0,"acknowledgements":[],"messages":[{}],"now":"x"}' },
])("a file that is $what is not sent", async ({ text }) => {
  const { folder } = fixture();
  writeFileSync(join(folder, "000000000000001-000001-x.json"), text);
  expect(await openSpool(folder, noFiles).left()).toEqual([]);
});

test("a folder that other accounts may enter stores nothing, and is not trusted", async () => {
  const base = mkdtempSync(join(tmpdir(), "spool-"));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  chmodSync(base, 0o755);
  const entry = { type: "commit", id: 0, ...work("m-1") };
  writeFileSync(join(base, "000000000000001-000001-x.json"), JSON.stringify(entry));
  const spool = openSpool(base, noFiles);
  expect(await spool.left()).toEqual([]);
  const { host, answer } = fixture();
  const committed = spool.over(host).commit(work("m-2"));
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(readdirSync(base)).toHaveLength(1);
  answer();
  expect(await committed).toEqual(done);
});

test("the host is waited for if nothing can be stored", async () => {
  const { folder, side, answer } = fixture();
  rmSync(folder, { recursive: true });
  const committed = side.commit(work("m-1"));
  await new Promise((resolve) => setTimeout(resolve, 150));
  answer();
  expect(await committed).toEqual(done);
});
