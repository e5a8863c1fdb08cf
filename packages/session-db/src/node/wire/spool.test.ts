import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { outbound, start } from "../../testing/contract-case.ts";
import type { AgentEnd, TransportResult } from "../../transport.ts";
import { openSpool } from "./spool.ts";

/** No message here has files. */
const noFiles = { put: (): Promise<never> => expect.fail("a file is put") };

type Work = Parameters<AgentEnd["commit"]>[0];

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

/** A spool, and a host that answers when it is told to. */
const bed = () => {
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
  const end = {
    commit: ({ acknowledgements, messages, now }: Work) => ask({ acknowledgements, messages, now }),
    set: (...kept: unknown[]) => ask(kept),
  } as unknown as AgentEnd;
  const spool = openSpool(folder, noFiles);
  return {
    folder,
    asked,
    end: spool.over(end),
    host: end,
    answer: (result: TransportResult<null> = done) => waiting.shift()?.(result),
  };
};

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => name.endsWith(".json"));

test("what the host does not answer for is done once it is on disk, private, and goes when the host has it", async () => {
  const { folder, end, answer } = bed();
  expect(await end.commit(work("m-1"))).toEqual(done);
  const [file = ""] = filesIn(folder);
  expect((statSync(folder).mode & 0o777).toString(8)).toBe("700");
  expect((statSync(join(folder, file)).mode & 0o777).toString(8)).toBe("600");
  answer();
  await vi.waitFor(() => expect(filesIn(folder)).toEqual([]));
});

test("a host that answers costs no file, and a claim alone is never kept", async () => {
  const { folder, end, answer } = bed();
  const quick = end.commit(work("m-1"));
  answer();
  expect(await quick).toEqual(done);
  const claimed = end.commit(claim);
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(filesIn(folder)).toEqual([]);
  answer();
  expect(await claimed).toEqual(done);
});

test("the next agent hands it over in its order, and what the host has is gone", async () => {
  const { folder, end } = bed();
  await end.set("continuation:echo", "c-1", start);
  await end.commit(work("m-1"));
  await end.set("continuation:echo", undefined, start);
  const next = bed();
  const left = await openSpool(folder, noFiles).left();
  for (const one of left) {
    const handed = one.handOver(next.host);
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

test("what the host refuses for a moment is handed over again", async () => {
  const { folder, end, asked, answer } = bed();
  await end.commit(work("m-1"));
  answer({ ok: false, error: { code: "unwritable", message: "full" } });
  await vi.waitFor(() => expect(asked).toHaveLength(2), { timeout: 5_000 });
  expect(filesIn(folder)).toHaveLength(1);
  answer();
  await vi.waitFor(() => expect(filesIn(folder)).toEqual([]));
});

test("what an agent could not hand over before its end stays for the next", async () => {
  const { folder, end, answer } = bed();
  await end.commit(work("m-1"));
  answer({ ok: false, error: { code: "closed", message: "over" } });
  await new Promise(setImmediate);
  expect(await openSpool(folder, noFiles).left()).toHaveLength(1);
});

test.each([
  { what: "torn", text: '{"type":"commit","id":0,' },
  { what: "something else", text: '{"hello":1}' },
  { what: "half right", text: '{"type":"commit","id":0,"acknowledgements":[],"messages":[{}],"now":"x"}' },
])("a file that is $what is left alone", async ({ text }) => {
  const { folder } = bed();
  writeFileSync(join(folder, "000000000000001-000001-x.json"), text);
  expect(await openSpool(folder, noFiles).left()).toEqual([]);
});

test("in a folder that others may enter nothing is kept, and nothing is believed", async () => {
  const base = mkdtempSync(join(tmpdir(), "spool-"));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  chmodSync(base, 0o755);
  const entry = { type: "commit", id: 0, ...work("m-1") };
  writeFileSync(join(base, "000000000000001-000001-x.json"), JSON.stringify(entry));
  const spool = openSpool(base, noFiles);
  expect(await spool.left()).toEqual([]);
  const { host, answer } = bed();
  const committed = spool.over(host).commit(work("m-2"));
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(readdirSync(base)).toHaveLength(1);
  answer();
  expect(await committed).toEqual(done);
});

test("where nothing can be kept, the host is waited for", async () => {
  const { folder, end, answer } = bed();
  rmSync(folder, { recursive: true });
  const committed = end.commit(work("m-1"));
  await new Promise((resolve) => setTimeout(resolve, 150));
  answer();
  expect(await committed).toEqual(done);
});
