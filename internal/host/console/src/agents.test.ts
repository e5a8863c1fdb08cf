import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { heldPlaces } from "@gatehouse/held-client";
import { processRecords, recordOf } from "@gatehouse/processes/records";
import { expect, onTestFinished, test } from "vitest";
import { consoleBed, origin, seenOn } from "./browser.fixture.ts";

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>\u001b[31m`;

/** A console, and a held agent that asks, behind a holder that keeps the requests. */
const held = async () => {
  const made = await consoleBed();
  const { dataDir } = made.bed;
  const places = heldPlaces(dataDir);
  const id = "0f1e2d3c-0000-4000-8000-000000000001";
  for (const file of [places.stateOf(id), places.socketOf(id)]) mkdirSync(dirname(file), { recursive: true });
  const since = "2026-11-20T07:59:00.000Z";
  const holder = spawn("sleep", ["600"]);
  onTestFinished(() => void holder.kill("SIGKILL"));
  const record = recordOf(holder.pid ?? 0, {
    id,
    account: null,
    token: 1,
    label: { member: "bo", provider: "claude", folder: "/w/shop", since },
  });
  if (record === null) expect.fail("The holder does not run.");
  await processRecords(places.holders).add(record);
  const question = {
    id: "5eed",
    dialog: "claude/mcp",
    code: "consent-needed",
    text: hostile,
    options: ["Yes", "No"],
  };
  const status = {
    v: 1,
    id,
    team: "shop",
    member: "bo",
    provider: "claude",
    folder: "/w/shop",
    pid: 1,
    since,
  };
  writeFileSync(places.stateOf(id), JSON.stringify({ ...status, state: "waiting", question }));
  const requests: object[] = [];
  const server = createServer((socket) => {
    createInterface({ input: socket }).on("line", (line) => {
      const request = JSON.parse(line) as { readonly do: string; readonly text?: string };
      requests.push(request);
      const refused = { ok: false, error: { code: "draft", message: "The composer had another text." } };
      if (request.do === "attach") {
        const drawn = "\u001b[1;1H\u001b[0m\u001b[2K\u001b[31mthe\u001b[0m screen";
        for (const line of [{ v: 1, ok: true, status }, { writer: false }, { paint: drawn }])
          socket.write(`${JSON.stringify(line)}\n`);
        return;
      }
      const reply = request.text === "refuse" ? refused : { ok: true, rows: ["the screen", hostile] };
      socket.write(`${JSON.stringify({ v: 1, ...reply })}\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(places.socketOf(id), resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const own = made.browser();
  await own.signIn(made.invite(null));
  const asked = (): readonly object[] =>
    requests.filter((one) => !["screen", "attach"].includes((one as { do: string }).do));
  return { ...made, id, own, asked };
};

test("an agent has its screen and its question on its page, as text", async () => {
  const { own, id } = await held();
  expect((await own.get("/agents")).text).toMatch(new RegExp(`/agents/${id}">shop/bo`));
  const { text, status } = await own.get(`/agents/${id}`);
  expect(status).toBe(200);
  expect(text).toContain('<span class="c1">the</span> screen');
  expect(text.match(/&lt;script&gt;alert\(1\)/g)).toHaveLength(2);
  expect(text).not.toMatch(/<script>alert|<img|[^\P{Cc}\n]/u);
});

test("an answer names the question that was on the page", async () => {
  const { own, id, asked } = await held();
  const seen = seenOn(await own.get(`/agents/${id}`));
  await own.post(`/agents/${id}/answer`, { option: "Yes", seen });
  expect(asked()).toEqual([
    { v: 1, do: "answer", option: "Yes", question: "5eed", by: "operator (console)" },
  ]);
});

test("a prompt is sent, and the reason is shown if the agent does not take it", async () => {
  const { own, id, asked } = await held();
  await own.get(`/agents/${id}`);
  await own.post(`/agents/${id}/send`, { text: "one\r\ntwo" });
  expect(asked()).toEqual([{ v: 1, do: "send", text: "one\ntwo", by: "operator (console)" }]);
  const refused = await own.post(`/agents/${id}/send`, { text: "refuse" });
  expect([refused.status, refused.text.includes("The composer had another text.")]).toEqual([409, true]);
});

test.each(["answer", "send", "stop"])("%s needs the form of this sign-in", async (act) => {
  const { own, id, asked } = await held();
  await own.get(`/agents/${id}`);
  const form = { text: "x", option: "Yes", seen: "5eed" };
  expect((await own.post(`/agents/${id}/${act}`, { ...form, form: "other" })).status).toBe(403);
  expect(asked()).toEqual([]);
});

test("a person sees no agent, and says nothing to one", async () => {
  const { app, browser, invite, id, asked } = await held();
  const person = browser();
  await person.signIn(invite("telegram:owner"));
  for (const path of ["/agents", `/agents/${id}`, `/agents/${id}/send`]) {
    const { text } = await person.get(path);
    expect(text).toContain("The operator alone sees this.");
    expect(text).not.toContain("shop");
  }
  await person.post(`/agents/${id}/send`, { text: "hello" });
  expect(asked()).toEqual([]);
  const headers = { host: "127.0.0.1:7470", cookie: person.cookie() };
  const stream = await app.request(`${origin}/events?of=agent:${id}&of=waiting`, { headers });
  const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
  const next = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value);
  expect([await next(), await next()]).toEqual([
    "event: beat\ndata: {}\n\n",
    'event: changed\ndata: {"of":"waiting"}\n\n',
  ]);
});

test.each(["no-such-agent", "..%2f..%2fetc"])("there is no page of the agent %s", async (id) => {
  const { own } = await held();
  expect((await own.get(`/agents/${id}`)).status).toBe(404);
});
