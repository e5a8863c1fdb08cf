import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { expect, test } from "vitest";
import { keepUpstreams, readUpstreams } from "./kept-upstreams.ts";
import { defaultUpstreams, parseUpstream, type Upstreams } from "./rules/vendors.ts";

const upstream = (text: string): Partial<Upstreams> => {
  const parsed = parseUpstream(text);
  return typeof parsed === "string" ? expect.fail(parsed) : parsed;
};

test("an address stays for the next starts, until the vendor's own takes it back", async () => {
  const dataDir = temporaryFolder();
  expect(await keepUpstreams(dataDir, {})).toEqual({ ok: true, value: {} });
  const [anthropic, openai] = [upstream("anthropic=https://a.example/x"), upstream("openai=http://[::1]:80")];
  await keepUpstreams(dataDir, anthropic);
  expect(await keepUpstreams(dataDir, openai)).toEqual({ ok: true, value: { ...anthropic, ...openai } });
  expect(await readUpstreams(dataDir)).toEqual({ ok: true, value: { ...anthropic, ...openai } });
  expect(statSync(join(dataDir, "upstreams.json")).mode & 0o777).toBe(0o600);
  const own = { anthropic: defaultUpstreams.anthropic };
  expect(await keepUpstreams(dataDir, own)).toEqual({ ok: true, value: openai });
  expect(await keepUpstreams(dataDir, {})).toEqual({ ok: true, value: openai });
});

test.for([
  '{"anthropic":"https://a.ex',
  "[]x",
  '"x"',
  '{"anthropic":"http://a.example"}',
  '{"mistral":"https://m.example"}',
])("%s is refused, until all addresses are set anew", async (text) => {
  const dataDir = temporaryFolder();
  writeFileSync(join(dataDir, "upstreams.json"), text);
  const refused = { ok: false, error: { code: "upstreams-unreadable" } };
  expect(await readUpstreams(dataDir)).toMatchObject(refused);
  expect(await keepUpstreams(dataDir, upstream("anthropic=https://a.example"))).toMatchObject(refused);
  expect(await keepUpstreams(dataDir, defaultUpstreams)).toEqual({ ok: true, value: {} });
  expect(await readUpstreams(dataDir)).toEqual({ ok: true, value: {} });
});
