import { randomUUID } from "node:crypto";
import type { ToChat } from "@gatehouse/channels";
import { member } from "@gatehouse/dispatch/testing";
import { describe, expect, test, vi } from "vitest";
import { consoleBed, origin, seenOn, type Page } from "./browser.fixture.ts";

/** A console with open chats. The sole owner talks with the group `team`. */
const talking = async () => {
  const made = await consoleBed();
  const channel = await made.openChats();
  const own = made.browser();
  await own.signIn(made.invite(null));
  const say = (text: string, id: string = randomUUID(), path = "/talk/ag-team"): Promise<Page> =>
    own.post(path, { text, id });
  const send = async (more: Partial<ToChat>): Promise<void> => {
    const chat = { platformId: "telegram:owner", instance: "", threadId: null, inReplyTo: null };
    const sent = await channel.send({ id: randomUUID(), ...chat, from: "team", text: "", ...more });
    expect(sent.ok).toBe(true);
  };
  return { ...made, channel, own, say, send };
};

const fileOf = (name: string, text: string) => ({
  name,
  size: text.length,
  content: async function* () {
    yield new TextEncoder().encode(text);
  },
});

const linkOf = ({ text }: Page): string =>
  (/href="(\/talk-file[^"]*)"/.exec(text)?.[1] ?? "").replaceAll("&amp;", "&");

describe("a chat", () => {
  test("has what both sides said, in their order", async () => {
    const { own, say, send } = await talking();
    expect((await own.get("/talk/ag-team")).text).toContain("Nothing was said here yet.");
    await say("line one\r\nline two");
    await send({ text: "an answer" });
    const { text } = await own.get("/talk/ag-team");
    expect(text).toMatch(/line one\nline two[^]*an answer[^]*<textarea/);
    expect(text).toContain('data-live="talk:ag-team"');
  });

  test("is not opened by a reader who says nothing", async () => {
    const { bed, own } = await talking();
    const page = await own.get("/talk/ag-team");
    expect(page.text).not.toContain('data-live="');
    expect(await bed.central.db.selectFrom("user_dms").selectAll().execute()).toEqual([]);
  });

  test("has no line that begins as an answer to a card does: the agent must not learn the card's code", async () => {
    const { bed, say } = await talking();
    const page = await say("approve f394");
    expect(page.status).toBe(409);
    expect(page.text).toMatch(/Not sent: this begins as an answer[^]*>approve f394<\/textarea>/);
    expect((await say("approve of this plan")).status).toBe(200);
    const lines = await bed.central.db.selectFrom("local_messages").select("text").execute();
    expect(lines).toEqual([{ text: "approve of this plan" }]);
  });

  test("has a message once whose form is sent twice", async () => {
    const { bed, say } = await talking();
    const id = randomUUID();
    expect([(await say("once", id)).status, (await say("once", id)).status]).toEqual([200, 200]);
    const lines = await bed.central.db.selectFrom("local_messages").select("text").execute();
    expect(lines).toEqual([{ text: "once" }]);
  });

  test.each([
    { what: "an empty text", text: "", says: "A message has 1 to" },
    { what: "a NUL", text: "a\0b", says: "no NUL" },
  ])("takes no $what, and keeps what was typed", async ({ text, says }) => {
    const { bed, say } = await talking();
    const page = await say(text);
    expect([page.status, page.text.includes(says)]).toEqual([409, true]);
    expect(await bed.central.db.selectFrom("local_messages").selectAll().execute()).toEqual([]);
  });

  test("is shown to and written by its own person alone", async () => {
    const { bed, say, browser, invite } = await talking();
    await say("a secret");
    const other = browser();
    await other.signIn(invite("telegram:nobody"));
    for (const path of ["/talk/ag-team", "/talk"])
      expect((await other.get(path)).text).not.toContain("a secret");
    const refused = await other.post("/talk/ag-team", { text: "let me in", id: randomUUID() });
    expect([refused.status, refused.text.includes("There is no such chat for telegram:nobody")]).toEqual([
      409,
      true,
    ]);
    // Nothing tells whether there is such a group, and which others there are.
    const addresses = ["/talk/ag-team", "/talk/team", "/talk/tean", "/talk/nowhere", "/talk-file?chat=team"];
    const pages = await Promise.all(addresses.map((address) => other.get(address)));
    expect(pages.map(({ text }) => /<p class="said refused"[^]*?<\/p>/.exec(text)?.[0])).toEqual(
      addresses.map(() => expect.stringContaining("There is no such chat for telegram:nobody.")),
    );
    expect(await bed.central.db.selectFrom("local_messages").select("text").execute()).toHaveLength(1);
  });

  test("has a card that waits with its buttons, and an answer leads back to it", async () => {
    const { bed, own, say } = await talking();
    await say("please");
    const wanted = ["groups", "config", "update", "ag-team", "--model", "opus", "--reason", "I need it"];
    const asked = await bed.ask(member, ...wanted);
    const id = asked.ok ? expect.fail("It was not held") : (asked.approvalId ?? "");
    const page = await own.get("/talk/ag-team");
    expect(page.text).toContain("I need it");
    const back = /name="back" value="([^"]*)"/.exec(page.text)?.[1] ?? "";
    const answered = await own.post(`/waiting/${id}`, { option: "reject", seen: seenOn(page), back });
    expect(answered.text).toContain("please");
    expect(answered.text).not.toContain("I need it");
  });

  test.each(["//evil.example", "https://evil.example", "/talk/../sign-out", "/talk/a?b", "/waiting"])(
    "is the only page to which an answer leads back: not %s",
    async (back) => {
      const { bed, own } = await talking();
      const asked = await bed.ask(member, "groups", "config", "update", "ag-team", "--model", "opus");
      const id = asked.ok ? "" : (asked.approvalId ?? "");
      const seen = seenOn(await own.get("/waiting"));
      const answered = await own.post(`/waiting/${id}`, { option: "reject", seen, back });
      expect(answered.text).toContain("Rejected by you: ncl groups config update");
    },
  );
});

describe("a file of a person", () => {
  const report = (size = 4): File => new File(["x".repeat(size)], "../report.txt");
  const upload = async (files: readonly File[], headers: Readonly<Record<string, string>> = {}) => {
    const made = await talking();
    await made.own.get("/talk/ag-team");
    const form = { text: "read this", id: randomUUID() };
    const page = await made.own.post("/talk/ag-team", form, { headers }, files);
    const rows = await made.bed.central.db.selectFrom("local_messages").select(["text", "files"]).execute();
    const kept = await made.bed.central.db.selectFrom("session_files").select(["box", "bytes"]).execute();
    return { ...made, page, rows, kept };
  };

  test.each([
    { what: "eleven files", files: 11, text: "read these", says: "A message has at most 10 files" },
    { what: "a text of a megabyte", files: 0, text: "x".repeat(2 ** 20), says: "A message has 1 to" },
  ])("is not sent with $what: the page says why", async ({ files, text, says }) => {
    const { own, bed } = await talking();
    await own.get("/talk/ag-team");
    const given = Array.from({ length: files }, (_, index) => new File(["x"], `${index}.txt`));
    const page = await own.post("/talk/ag-team", { text, id: randomUUID() }, {}, given);
    expect([page.status, page.text.includes(`Not sent: ${says}`)]).toEqual([409, true]);
    expect(await bed.central.db.selectFrom("local_messages").selectAll().execute()).toEqual([]);
  });

  test("is stored with its message, and its name is on the page", async () => {
    const { page, rows, kept } = await upload([report(), new File(["y"], "b.txt")]);
    expect(page.status).toBe(200);
    expect(rows).toEqual([
      { text: "read this", files: '[{"name":"../report.txt","size":4},{"name":"b.txt","size":1}]' },
    ]);
    expect(page.text).toContain("b.txt");
    expect(page.text).not.toContain("/talk-file");
    expect(kept.every(({ box }) => box === "chat-in")).toBe(true);
  });

  test("may be left out", async () => {
    const { page, rows } = await upload([new File([], "")]);
    expect([page.status, rows]).toEqual([200, [{ text: "read this", files: null }]]);
  });

  test.each([
    { what: "more than 20 MB", headers: { "content-length": String(21 * 2 ** 20 + 1) } },
    { what: "an unknown length", headers: { "content-length": "" } },
  ])("is not read with $what", async ({ headers }) => {
    const { page, rows } = await upload([report()], headers);
    expect([page.status, rows]).toEqual([413, []]);
  });

  test("is not read before its sender is known, nor by another page", async () => {
    const { own, browser } = await upload([]);
    const large = { headers: { "content-length": String(20 * 2 ** 20) } };
    expect((await browser().post("/talk", {}, large, [report()])).text).toContain("<h1>Sign in</h1>");
    for (const path of ["/sign-in", "/waiting/ap-1", "/sign-out", "/talk/a/b"])
      expect([path, (await own.post(path, {}, large, [report()])).status]).toEqual([path, 413]);
  });

  test("is refused if there are too many", async () => {
    const { page, rows } = await upload(Array.from({ length: 11 }, () => report()));
    expect([page.status, rows]).toEqual([409, []]);
  });
});

describe("a file of an agent", () => {
  test("is saved by the browser, and never shown", async () => {
    const { own, say, send } = await talking();
    await say("a report, please");
    await send({ text: "here", attachments: [fileOf("it's (1).html", "<script>alert(1)</script>")] });
    const { text, headers, status } = await own.get(linkOf(await own.get("/talk/ag-team")));
    expect([status, text]).toEqual([200, "<script>alert(1)</script>"]);
    expect(Object.fromEntries(headers)).toMatchObject({
      "content-disposition": "attachment; filename*=UTF-8''it%27s%20%281%29.html",
      "content-type": "application/octet-stream",
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringContaining("default-src 'none'") as string,
    });
  });

  test.each([
    { what: "a name that leads out of the folder", name: "../report.txt" },
    { what: "an absolute name", name: "/etc/passwd" },
    { what: "an encoded name", name: "%2e%2e%2freport.txt" },
    { what: "another name", name: "other.txt" },
    { what: "no name", name: "" },
  ])("is not found by $what", async ({ name }) => {
    const { own, say, send } = await talking();
    await say("a report, please");
    await send({ id: "m-1", text: "here", attachments: [fileOf("report.txt", "fine")] });
    const at = (named: string): string =>
      `/talk-file?${new URLSearchParams({ chat: "ag-team", message: "m-1", name: named }).toString()}`;
    expect((await own.get(at("report.txt"))).status).toBe(200);
    const { status, text } = await own.get(at(name));
    expect([status, text.includes("has no file")]).toEqual([404, true]);
  });

  test("is for the person of its chat alone", async () => {
    const { bed, own, say, send, browser, invite } = await talking();
    await say("a report, please");
    await send({ text: "here", attachments: [fileOf("report.txt", "a secret")] });
    const link = linkOf(await own.get("/talk/ag-team"));
    const other = browser();
    await other.signIn(invite("telegram:admin"));
    expect((await other.get(link)).status).toBe(404);
    expect((await browser().get(link)).text).toContain("<h1>Sign in</h1>");
    await bed.ok({ type: "host" }, "users", "delete", "telegram:admin");
    expect((await other.get(link)).text).toContain("<h1>Sign in</h1>");
  });
});

test("a text of an agent is text in a chat", async () => {
  const { own, say, send } = await talking();
  const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`;
  await say(hostile);
  await send({ from: hostile, text: hostile, attachments: [fileOf("<img src=x>.txt", "x")] });
  await send({ from: null, text: hostile, failed: true });
  const { text } = await own.get("/talk/ag-team");
  expect(text).not.toMatch(/<script>alert|<img/);
  expect(text.match(/&lt;script&gt;alert\(1\)/g)).toHaveLength(4);
});

test.each(["/talk/", "/talk-file?chat=ag-team&name="])(
  "a text in the address %s is text, too",
  async (address) => {
    const { own, say } = await talking();
    await say("hello");
    const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`;
    const { status, text } = await own.get(`${address}${encodeURIComponent(hostile)}`);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(text).not.toMatch(/<script>alert|<img/);
    expect(text).toContain("&lt;script&gt;");
  },
);

describe("an open page of a chat", () => {
  const changed = 'event: changed\ndata: {"of":"talk:ag-team"}\n\n';

  const opened = async () => {
    const made = await talking();
    await made.say("hello");
    const answer = await made.app.request(`${origin}/events?of=talk:ag-team`, {
      headers: { host: "127.0.0.1:7470", cookie: made.own.cookie() },
    });
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    const next = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value);
    expect(await next()).toBe("event: beat\ndata: {}\n\n");
    expect(await next()).toBe(changed);
    const write = (text: string): void =>
      made.channel.writing?.({
        platformId: "telegram:owner",
        threadId: null,
        from: "team",
        inReplyTo: "m-1",
        text,
      });
    return { ...made, reader, next, write };
  };

  test("is told of what an agent is writing, and of its message", async () => {
    const { next, send, write } = await opened();
    const writing = setInterval(() => write("I th\nink"), 20);
    expect(await next()).toBe(
      `event: writing\ndata: {"of":"talk:ag-team","from":"team","text":"I th\\nink"}\n\n`,
    );
    clearInterval(writing);
    await send({ text: "I think so" });
    await vi.waitFor(async () => expect(await next()).toBe(changed));
  });

  test("is told nothing more after the sign-out", async () => {
    const { own, reader, write } = await opened();
    await own.get("/talk/ag-team");
    await own.post("/sign-out", {});
    const writing = setInterval(() => write("a secret"), 20);
    const { done } = await reader.read();
    clearInterval(writing);
    expect(done).toBe(true);
  });
});
