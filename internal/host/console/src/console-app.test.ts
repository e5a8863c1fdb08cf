import { createHash, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { addRow } from "@gatehouse/central-database/testing";
import { member, operator, person } from "@gatehouse/dispatch/testing";
import { describe, expect, test } from "vitest";
import { consoleBed, origin, seenOn, type Browser } from "./browser.fixture.ts";
import { sections } from "./pages/page.ts";

/** A console with a request of an agent, and browsers that are signed in. */
const fixture = async (reason = "I need it") => {
  const made = await consoleBed();
  const { bed, invite, browser } = made;
  const wanted = ["groups", "config", "update", "ag-team", "--model", "opus", "--reason", reason];
  const asked = await bed.ask(member, ...wanted);
  const id = asked.ok ? expect.fail("It was not held") : (asked.approvalId ?? "");
  const signedIn = async (userId: string | null = null): Promise<Browser> => {
    const own = browser();
    await own.signIn(invite(userId));
    return own;
  };
  const status = async (): Promise<unknown> => {
    const rows = bed.central.db.selectFrom("pending_approvals").select("status");
    return (await rows.where("approval_id", "=", id).executeTakeFirstOrThrow()).status;
  };
  return { ...made, id, signedIn, status };
};

describe("a sign-in", () => {
  test("is kept by a cookie that no script and no page elsewhere gets", async () => {
    const { app, invite } = await fixture();
    const answer = await app.request(`${origin}/sign-in`, {
      method: "POST",
      headers: { host: "127.0.0.1:7470", origin },
      body: new URLSearchParams({ code: invite(null) }),
    });
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^gatehouse-7470=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
  });

  test.each([
    { at: "https://console.test:7470", name: "__Host-gatehouse-7470" },
    { at: "https://console.test", name: "__Host-gatehouse-" },
  ])("at $at is kept by a cookie of this host and of TLS alone", async ({ at, name }) => {
    const { app, invite } = await consoleBed([at, "https://other.test:7470"]);
    const headers = { host: new URL(at).host, origin: at };
    const body = new URLSearchParams({ code: invite(null) });
    const answer = await app.request(`${at}/sign-in`, { method: "POST", headers, body });
    const [cookie = ""] = answer.headers.getSetCookie();
    expect(cookie).toMatch(
      new RegExp(`^${name}=[\\w-]{43}; Max-Age=43200; Path=/; HttpOnly; Secure; SameSite=Strict$`),
    );
    const [pair = ""] = cookie.split(";");
    const own = await app.request(`${at}/waiting`, { headers: { ...headers, cookie: pair } });
    const unprefixed = await app.request(`${at}/waiting`, { headers: { ...headers, cookie: pair.slice(7) } });
    expect([own.status, unprefixed.status]).toEqual([200, 303]);
  });

  test.each([
    { what: "a code that was used", code: "used", after: 0 },
    { what: "a code older than a minute", code: "open", after: 60_001 },
    { what: "another code", code: "aaaaa-aaaaa-aaaaa-aaaaa", after: 0 },
    { what: "no code", code: "", after: 0 },
  ])("is refused for $what", async ({ code, after }) => {
    const { invite, browser, later } = await fixture();
    const codes: Record<string, string> = { used: invite(null), open: invite(null) };
    await browser().signIn(codes["used"] ?? "");
    later(after);
    const own = browser();
    expect((await own.signIn(codes[code] ?? code)).status).toBe(403);
    expect((await own.get("/waiting")).text).toContain("Sign in");
  });

  test("takes a code as a person types it", async () => {
    const { invite, browser } = await fixture();
    expect((await browser().signIn(` ${invite(null).toUpperCase().replaceAll("-", " ")} `)).status).toBe(200);
  });

  test.each([
    { wrong: 19, status: 200 },
    { wrong: 20, status: 403 },
  ])("with $wrong wrong codes before it gives $status", async ({ wrong, status }) => {
    const { invite, browser } = await fixture();
    const code = invite(null);
    for (let count = 0; count < wrong; count += 1) await browser().signIn(`wrong${count}`);
    expect((await browser().signIn(code)).status).toBe(status);
  });

  test("ends with the sign-out, also for a copy of its cookie", async () => {
    const { signedIn, browser } = await fixture();
    const own = await signedIn();
    await own.get("/waiting");
    const copy = own.cookie();
    expect((await browser().get("/waiting", { cookie: copy })).text).toContain("1 waiting for you");
    await own.post("/sign-out", {});
    expect((await browser().get("/waiting", { cookie: copy })).text).toContain("<h1>Sign in</h1>");
  });

  test("ends after 12 hours", async () => {
    const { signedIn, later } = await fixture();
    const own = await signedIn();
    later(12 * 60 * 60 * 1000);
    expect((await own.get("/people")).text).toContain("<h1>People</h1>");
    later(1);
    expect((await own.get("/people")).text).toContain("<h1>Sign in</h1>");
  });

  test("makes a new cookie, so that one that was planted before is nobody's", async () => {
    const { invite, browser, app } = await fixture();
    const planted = "gatehouse-7470=planted";
    const answer = await app.request(`${origin}/sign-in`, {
      method: "POST",
      headers: { host: "127.0.0.1:7470", origin, cookie: planted },
      body: new URLSearchParams({ code: invite(null) }),
    });
    expect(answer.headers.getSetCookie()[0]).not.toContain("planted");
    expect((await browser().get("/waiting", { cookie: planted })).text).toContain("Sign in");
  });

  test("of a person ends when the host serves that person no longer", async () => {
    const { bed, signedIn } = await fixture();
    const own = await signedIn("telegram:owner");
    expect((await own.get("/waiting")).text).toContain("1 waiting for you");
    await bed.central.db.insertInto("refused_people").values(refusedOwner).execute();
    expect((await own.get("/waiting")).text).toContain("<h1>Sign in</h1>");
    await bed.central.db.deleteFrom("refused_people").execute();
    expect((await own.get("/waiting")).text).toContain("<h1>Sign in</h1>");
  });
});

const refusedOwner = {
  user_id: "telegram:owner",
  reason: "not in users.yaml",
  refused_at: "2026-11-20T08:00:00.000Z",
} as never;

describe("a request from a page elsewhere", () => {
  test.each([
    { what: "the name of another host", path: "/waiting", over: { host: "evil.example" }, status: 421 },
    { what: "another port", path: "/waiting", over: { host: "127.0.0.1:7471" }, status: 421 },
    { what: "no name", path: "/healthz", over: { host: "" }, status: 421 },
  ])("is not answered for $what", async ({ path, over, status }) => {
    const { signedIn } = await fixture();
    const own = await signedIn();
    expect((await own.get(path)).status).toBe(200);
    const answer = await own.get(path, over);
    expect([answer.status, answer.text.includes("waiting for you")]).toEqual([status, false]);
  });

  test.each([
    { what: "a form of another origin", over: { origin: "https://evil.example" }, form: {}, status: 403 },
    { what: "a form without an origin", over: { origin: null }, form: {}, status: 403 },
    { what: "a form of a page without an origin", over: { origin: "null" }, form: {}, status: 403 },
    { what: "a form without our token", over: {}, form: { form: "" }, status: 403 },
    { what: "a form of another sign-in", over: {}, form: { form: "other" }, status: 403 },
    { what: "our form", over: {}, form: {}, status: 200 },
  ])("answers no card with $what, and ours does", async ({ over, form, status }) => {
    const { signedIn, id, status: statusOf } = await fixture();
    const own = await signedIn();
    const seen = seenOn(await own.get("/waiting"));
    const answer = await own.post(`/waiting/${id}`, { option: "approve", seen, ...form }, over);
    expect(answer.status).toBe(status);
    expect(await statusOf()).toBe(status === 200 ? "approved" : "pending");
  });

  test.each(["/waiting", "/sign-in", "/nowhere", "/healthz", "/groups"])(
    "may not frame, sniff, keep or extend %s",
    async (path) => {
      const { signedIn } = await fixture();
      const { headers } = await (await signedIn()).get(path);
      expect(Object.fromEntries(headers)).toMatchObject({
        "content-security-policy": expect.stringMatching(
          /^default-src 'none'; style-src 'sha256-[^;]+'; script-src 'sha256-[^;]+'; .*frame-ancestors 'none'/,
        ) as string,
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
        "referrer-policy": "same-origin",
      });
    },
  );
});

test("the policy has the hashes of the stylesheet and the script as they are in the page", async () => {
  const { signedIn } = await fixture();
  const { text, headers } = await (await signedIn()).get("/waiting");
  for (const tag of [/<style>([^]*?)<\/style>/, /<script type="module">([^]*?)<\/script>/]) {
    const hash = createHash("sha256")
      .update(tag.exec(text)?.[1] ?? "")
      .digest("base64");
    expect(headers.get("content-security-policy")).toContain(`'sha256-${hash}'`);
  }
});

describe("a card", () => {
  test("shows everything that is asked, and an answer says how it ended", async () => {
    const { signedIn, id, status } = await fixture();
    const own = await signedIn();
    const page = await own.get("/waiting");
    expect(page.text).toContain("<title>(1) Waiting - Gatehouse</title>");
    expect(page.text).toContain("I need it");
    const answered = await own.post(`/waiting/${id}`, { option: "reject", seen: seenOn(page) });
    expect(answered.text).toContain("Rejected by you: ncl groups config update");
    expect(answered.text.match(/--id is its own group &quot;[^&]+&quot;/g)).toHaveLength(2);
    expect(answered.text).toContain("Nothing waits for you");
    expect(await status()).toBe("rejected");
  });

  test("is not answered if it has changed since it was shown", async () => {
    const { bed, signedIn, id, status } = await fixture();
    const own = await signedIn();
    const seen = seenOn(await own.get("/waiting"));
    await bed.central.db.updateTable("pending_approvals").set({ consequence: '["it does more"]' }).execute();
    const answer = await own.post(`/waiting/${id}`, { option: "approve", seen });
    expect([answer.status, await status()]).toEqual([409, "pending"]);
    expect(answer.text).toContain("has changed since it was shown");
    expect(answer.text).toContain("it does more");
  });

  test("is answered once by two people at the same moment", async () => {
    const { signedIn, id, status } = await fixture();
    const [one, other] = [await signedIn("telegram:owner"), await signedIn()];
    const seen = seenOn(await one.get("/waiting"));
    await other.get("/waiting");
    const answers = await Promise.all([
      one.post(`/waiting/${id}`, { option: "approve", seen }),
      other.post(`/waiting/${id}`, { option: "reject", seen }),
    ]);
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([200, 409]);
    expect(answers.find((answer) => answer.status === 409)?.text).toMatch(/was answered already/);
    expect(["approved", "rejected"]).toContain(await status());
  });

  test.each([
    { what: "an option that it lacks", form: { option: "always:9" }, says: "has no option" },
    {
      what: "words for an option that takes none",
      form: { option: "approve", words: "yes" },
      says: "takes no words",
    },
  ])("is not answered by $what", async ({ form, says }) => {
    const { signedIn, id, status } = await fixture();
    const own = await signedIn();
    const answer = await own.post(`/waiting/${id}`, { seen: seenOn(await own.get("/waiting")), ...form });
    expect([answer.status, await status()]).toEqual([409, "pending"]);
    expect(answer.text).toContain(says);
  });

  test.each([
    {
      what: "typed beside another option",
      form: { option: "approve", "words-reject": "not now" },
      status: 409,
    },
    { what: "left empty", form: { option: "approve", "words-reject": " " }, status: 200 },
    { what: "typed beside it", form: { option: "reject", "words-reject": "not now" }, status: 200 },
  ])("is answered with words that were $what: $status", async ({ form, status: expected }) => {
    const { signedIn, id, status } = await fixture();
    const own = await signedIn();
    const answer = await own.post(`/waiting/${id}`, { seen: seenOn(await own.get("/waiting")), ...form });
    expect(answer.status).toBe(expected);
    if (expected === 409) expect(await status()).toBe("pending");
  });

  test("stays folded once it was answered, for those alone who may see it", async () => {
    const { signedIn, id } = await fixture();
    const [owner, nobody] = [await signedIn("telegram:owner"), await signedIn("telegram:nobody")];
    await owner.post(`/waiting/${id}`, { option: "reject", seen: seenOn(await owner.get("/waiting")) });
    const folded = (text: string): string =>
      (/<details class="done"[^]*?<\/details>/.exec(text)?.[0] ?? "").replaceAll(/<[^>]*>|\s+/g, " ");
    expect(folded((await owner.get("/waiting")).text)).toMatch(
      /Rejected +ncl groups config update .*I need it.* by you, .*Asked by team/,
    );
    expect(folded((await (await signedIn()).get("/waiting")).text)).toMatch(
      / by owner, | by telegram:owner, /,
    );
    expect((await nobody.get("/waiting")).text).not.toContain("I need it");
  });

  test("is counted on each page, for those alone who may answer it", async () => {
    const { signedIn } = await fixture();
    const badge = /class="badge">(\d+)</;
    expect(badge.exec((await (await signedIn()).get("/people")).text)?.[1]).toBe("1");
    expect(badge.exec((await (await signedIn("telegram:owner")).get("/talk")).text)?.[1]).toBe("1");
    expect(badge.exec((await (await signedIn("telegram:nobody")).get("/talk")).text)).toBeNull();
  });

  test("is shown to those alone who may answer it, and answered by them alone", async () => {
    const { bed, signedIn, id, status } = await fixture();
    const [owner, nobody] = [await signedIn("telegram:owner"), await signedIn("telegram:nobody")];
    const seen = seenOn(await owner.get("/waiting"));
    expect((await nobody.get("/waiting")).text).toContain("Nothing waits for you");
    expect((await nobody.post(`/waiting/${id}`, { option: "approve", seen })).status).toBe(409);
    expect(await status()).toBe("pending");
    expect(await bed.code(person("nobody"), "approvals", "get", id)).not.toBe("ok");
    expect((await owner.post(`/waiting/${id}`, { option: "approve", seen })).status).toBe(200);
  });
});

describe("a text of an agent", () => {
  const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`;

  test("is text in every page that shows it", async () => {
    const { bed, signedIn } = await fixture(hostile);
    await bed.central.db.updateTable("agent_groups").set({ name: hostile }).execute();
    await bed.central.db.updateTable("users").set({ display_name: hostile }).execute();
    const own = await signedIn();
    await addRow(bed.central.db, "usage", { agent_group_id: "ag-team" });
    const content = JSON.stringify({ text: hostile });
    await addRow(bed.central.db, "session_messages_in", { session_id: "se-team", content, reason: hostile });
    const tables = ["/groups", "/people", "/decisions", "/sessions"];
    const others = ["/waiting", "/groups/ag-team", "/sessions/se-team", "/usage", "/agents", "/health"];
    const searches = ["/usage?by=person", "/usage?by=model", `/search?q=${encodeURIComponent("alert(1)")}`];
    const pages = [...tables, ...others, ...searches];
    for (const path of pages) {
      const { text, status } = await own.get(path);
      expect([path, status]).toEqual([path, 200]);
      expect(text).not.toMatch(/<script>alert|<img/);
    }
    expect((await own.get("/waiting")).text).toContain("&lt;script&gt;alert(1)");
  });

  test("in an address is text, too", async () => {
    const { signedIn } = await fixture();
    const own = await signedIn();
    const { text } = await own.get(`/decisions?actor=${encodeURIComponent(hostile)}`);
    expect(text).not.toMatch(/<script>alert|<img/);
  });
});

test("a person sees of the host only what a command of theirs shows", async () => {
  const { signedIn } = await fixture();
  const own = await signedIn("telegram:owner");
  expect((await own.get("/groups")).text).toContain("not for people on a channel");
});

test.each([
  { who: null, says: "Approvals that wait for a person" },
  { who: "telegram:owner", says: "The operator alone sees this." },
])("the health of the host is for the operator: $who", async ({ who, says }) => {
  const { signedIn } = await fixture();
  expect((await (await signedIn(who)).get("/health")).text).toContain(says);
});

test("the checks are run by the operator alone, and their last result stays on the page of health", async () => {
  const { signedIn } = await fixture();
  const [own, person] = [await signedIn(), await signedIn("telegram:owner")];
  expect((await own.get("/health")).text).toMatch(/1 GB free[^]*not run since the host started/);
  await person.get("/waiting");
  expect((await person.post("/health/doctor", {})).text).toContain("The operator alone sees this.");
  expect((await own.post("/health/doctor", { form: "other" })).status).toBe(403);
  expect((await own.get("/health")).text).toContain("not run since the host started");
  expect((await own.post("/health/doctor", {})).text).toMatch(
    /Not ready[^]*2026-11-20 08:00 UTC[^]*Wrong[^]*no &quot;claude&quot;[^]*npm install/,
  );
});

const startedWith = '{"provider":{"value":"claude","from":"group"},"model":{"value":"opus","from":"group"}}';

describe("the page of", () => {
  const shownOn = async (path: string, change?: (db: Db) => Promise<unknown>) => {
    const { bed, signedIn } = await fixture();
    await change?.(bed.central.db);
    const { text } = await (await signedIn()).get(path);
    const rows = [...text.matchAll(/<tr role="row">([^]*?)<\/tr>/g)].map(([, row = ""]) =>
      row
        .replaceAll(/<[^>]*>/g, " ")
        .replaceAll(/\s+/g, " ")
        .trim(),
    );
    return { text, rows };
  };
  type Db = Awaited<ReturnType<typeof fixture>>["bed"]["central"]["db"];

  test("groups has what each does, what waits, and today's use against its limit", async () => {
    const { rows } = await shownOn("/groups", async (db) => {
      await db.updateTable("container_configs").set({ provider: "claude", model: "opus" }).execute();
      await db
        .updateTable("container_configs")
        .set({ max_requests_per_day: 4 })
        .where("agent_group_id", "=", "ag-team")
        .execute();
      await db
        .updateTable("sessions")
        .set({ container_status: "running" })
        .where("id", "=", "se-team")
        .execute();
      await addRow(db, "usage_days", { agent_group_id: "ag-team", day: "2026-11-20", requests: 3 });
      await addRow(db, "usage", { agent_group_id: "ag-other", input_tokens: 700, output_tokens: 50 });
      await addRow(db, "session_messages_in", {
        session_id: "se-team",
        timestamp: "2026-11-20T07:00:00.000Z",
      });
    });
    expect(rows).toContain("team Running 1 request claude opus 2026-11-20 07:00 UTC 3 of 4 requests");
    expect(rows).toContain("other Asleep nothing claude opus none yet 750 tokens");
  });

  test("sessions has what is at work since when, what it used, and the groups to choose from", async () => {
    const { rows, text } = await shownOn("/sessions", async (db) => {
      await db
        .updateTable("sessions")
        .set({ container_status: "running" })
        .where("id", "=", "se-team")
        .execute();
      const claimed_at = "2026-11-20T07:58:00.000Z";
      await addRow(db, "session_messages_in", { session_id: "se-team", claimed_at });
      await addRow(db, "usage", { session_id: "se-team", input_tokens: 700, output_tokens: 50 });
    });
    expect(rows.find((row) => row.endsWith("se-team"))).toMatch(
      /team At work begun 2026-11-20 07:58 UTC 1 message .* 750 tokens se-team$/,
    );
    expect(text).toMatch(/<select name="agent_group_id">[^]*<option value="ag-team" >team<\/option>/);
  });

  test("agents has those of groups that run beside held ones", async () => {
    const { rows } = await shownOn("/agents", (db) =>
      db
        .updateTable("sessions")
        .set({ container_status: "running", container_agent: startedWith })
        .where("id", "=", "se-team")
        .execute(),
    );
    expect(rows.slice(1)).toEqual([expect.stringMatching(/^team group Running claude opus telegram:-1 /)]);
  });

  test.each([
    { path: "/decisions", shown: false },
    { path: "/decisions?reads=1", shown: true },
  ])("decisions, as $path, has reads: $shown; and changes and denials", async ({ path, shown }) => {
    const decision = { actor: "host", args: "{}", effect: "allow", rule_id: "host", account: null };
    const { rows } = await shownOn(path, async (db) => {
      await addRow(db, "decisions", { ...decision, id: "de-1", command: "groups list" });
      await addRow(db, "decisions", { ...decision, id: "de-2", command: "groups delete" });
      await addRow(db, "decisions", { ...decision, id: "de-3", command: "users list", effect: "deny" });
    });
    const has = (begin: string): boolean => rows.some((row) => row.startsWith(begin));
    expect([has("groups list"), has("groups delete Allowed the operator"), has("users list Denied")]).toEqual(
      [shown, true, true],
    );
  });

  test.each([
    { by: "person", name: "No person" },
    { by: "model", name: "claude-test" },
  ])("usage has it by $by, too", async ({ by, name }) => {
    const { text } = await shownOn(`/usage?by=${by}`, (db) =>
      addRow(db, "usage", {
        agent_group_id: "ag-team",
        user_id: "",
        model: "claude-test",
        input_tokens: 700,
      }),
    );
    expect(text).toMatch(new RegExp(`<h2 id="${by}-0-name">${name}</h2>`));
  });

  test("usage has the limit of a group from its first day", async () => {
    const { text } = await shownOn("/usage", (db) =>
      db
        .updateTable("container_configs")
        .set({ max_tokens_per_day: 1_000 })
        .where("agent_group_id", "=", "ag-team")
        .execute(),
    );
    expect(text).toMatch(/Nothing from .* The limit of a day is 1,000 tokens\.[^]*class="limit"/);
  });
});

describe("the search", () => {
  test("finds messages and decisions for the operator, as text", async () => {
    const { bed, signedIn } = await fixture("needle in a reason");
    const content = JSON.stringify({ text: "a Needle <b>in hay</b>" });
    await addRow(bed.central.db, "session_messages_in", { session_id: "se-team", content });
    await bed.host.flush();
    const { text } = await (await signedIn()).get("/search?q=needle");
    expect(text).toMatch(/to team[^]*a <mark>Needle<\/mark> &lt;b&gt;in hay/);
    expect(text).toMatch(/Decisions<\/h2>[^]*groups config update[^]*needle in a reason/);
  });

  /** A console with open chats, and a person who has one with each of two groups. */
  const talked = async () => {
    const made = await fixture("a needle for the model");
    const { bed, invite, browser } = made;
    await made.openChats();
    for (const group of ["ag-team", "ag-home"])
      await bed.ok(operator, "members", "add", "--user", "telegram:nobody", "--group", group);
    const signedIn = async (userId: string | null) => {
      const own = browser();
      await own.signIn(invite(userId));
      return own;
    };
    const own = await signedIn("telegram:nobody");
    for (const group of ["ag-team", "ag-home"])
      await own.post(`/talk/${group}`, { text: `a needle in ${group}`, id: randomUUID() });
    const found = async (browser: Browser) => {
      const { text } = await browser.get("/search?q=needle");
      return [...text.matchAll(/<p class="text">([^]*?)<\/p>/g)].map(([, one = ""]) =>
        one.replaceAll(/<[^>]*>/g, ""),
      );
    };
    return { ...made, own, signedIn, found };
  };

  test("finds for a person what each of their own chats has, once", async () => {
    const { bed, own, signedIn, found } = await talked();
    expect((await found(own)).toSorted()).toEqual(["a needle in ag-home", "a needle in ag-team"]);
    const { text } = await own.get("/search?q=needle");
    expect(text).toMatch(/href="\/talk\/ag-home\?last=1000">your chat with home/);
    // Neither an admin of the group nor an owner reads a chat of others.
    for (const other of ["telegram:admin", "telegram:owner"])
      expect(await found(await signedIn(other))).toEqual([]);
    await bed.ok(operator, "members", "remove", "--user", "telegram:nobody", "--group", "ag-home");
    expect(await found(own)).toEqual(["a needle in ag-team"]);
  });

  test("finds for a person the requests that they may see: one that waits, and an answered one", async () => {
    const { signedIn, own, id } = await talked();
    const admin = await signedIn("telegram:admin");
    const requests = async (browser: Browser) =>
      /Requests<\/h2>([^]*?)<\/section>/.exec((await browser.get("/search?q=NEEDLE")).text)?.[1] ?? "";
    expect(await requests(admin)).toMatch(new RegExp(`href="/waiting#${id}"[^]*needle for the model`));
    expect(await requests(own)).toContain("No request has this text.");
    const seen = seenOn(await admin.get("/waiting"));
    await admin.post(`/waiting/${id}`, { option: "reject", seen });
    expect(await requests(admin)).toMatch(/Rejected[^]*needle for the model/);
    expect(await requests(own)).toContain("No request has this text.");
  });

  test("finds nothing of others for a person", async () => {
    const { bed, signedIn } = await fixture("needle");
    const content = JSON.stringify({ text: "a needle" });
    await addRow(bed.central.db, "session_messages_in", { session_id: "se-team", content });
    const { text } = await (await signedIn("telegram:owner")).get("/search?q=needle");
    expect(text).toContain("No message has this text.");
    expect(text).not.toContain("Decisions</h2>");
  });
});

/** Sets the prices of a host, in euros. */
const setPrices = (dataDir: string): void =>
  writeFileSync(join(dataDir, "prices.json"), JSON.stringify({ v: 1, currency: "EUR", models: [] }));

describe("the usage", () => {
  const used = async () => {
    const made = await fixture();
    setPrices(made.bed.dataDir);
    const { db } = made.bed.central;
    const priced = { cost: 1_500_000, priced_requests: 1 };
    await addRow(db, "usage", { agent_group_id: "ag-team", input_tokens: 700, output_tokens: 50, ...priced });
    const other = { agent_group_id: "ag-other", day: "2026-11-19", input_tokens: 40, output_tokens: 2 };
    await addRow(db, "usage", other);
    await addRow(db, "usage", { ...other, day: "2026-11-01" });
    await db
      .updateTable("container_configs")
      .set({ max_tokens_per_day: 1_000 })
      .where("agent_group_id", "=", "ag-team")
      .execute();
    return (await made.signedIn()).get("/usage?days=7");
  };

  test("of a day is a bar of its group, with the limit as a line", async () => {
    const { text } = await used();
    const [, team = ""] = /<h2 id="group-0-name">team<\/h2>([^]*?)<\/section>/.exec(text) ?? [];
    expect(team).toContain("The highest is 750 tokens, on 2026-11-20. The limit of a day is 1,000 tokens.");
    expect(team).toContain("Money of team (EUR)");
    expect(team.match(/<rect/g)).toHaveLength(2);
    expect(team).toMatch(/limit 1,000 tokens a day[^]*<path class="limit"/);
  });

  test("without a price has no plot of money, and without a limit no line", async () => {
    const { text } = await used();
    const [, other = ""] = /<h2 id="group-1-name">other<\/h2>([^]*?)<\/section>/.exec(text) ?? [];
    expect(other).toContain("The highest is 42 tokens, on 2026-11-19.");
    expect(other).not.toMatch(/Money|class="limit"/);
  });

  test("is in a table, too, and has the chosen days alone", async () => {
    const { text } = await used();
    const cells = (row: string) =>
      [...row.matchAll(/<td[^>]*>\s*([^<]*?)\s*<\/td>/g)].map(([, cell]) => cell);
    const rows = [...text.matchAll(/<tr[^>]*>([^]*?)<\/tr>/g)].map(([, row = ""]) => cells(row));
    expect(rows.filter(([day]) => day !== undefined)).toEqual([
      ["2026-11-20", "1", "700", "50", "1.50 EUR"],
      ["2026-11-19", "1", "40", "2", "unknown"],
      ["2026-11-20", "1", "700", "50", "1.50 EUR"],
      ["2026-11-19", "1", "40", "2"],
      ["team", "1", "700", "50", "1.50 EUR"],
      ["other", "1", "40", "2", "unknown"],
    ]);
  });

  test("says that nothing was used", async () => {
    const { signedIn } = await fixture();
    expect((await (await signedIn()).get("/usage")).text).toContain("No agent used a model in these days.");
  });
});

test("what is read by a page is no decision in the log, and what is changed or denied is", async () => {
  const { bed, signedIn, id } = await fixture();
  const own = await signedIn();
  const decided = async () => {
    await bed.host.flush();
    const rows = bed.central.db.selectFrom("decisions").select(["command", "effect"]).orderBy("seq");
    return (await rows.execute()).map(({ command, effect }) => `${effect} ${command}`);
  };
  const before = await decided();
  const paths = ["/groups", "/groups/ag-team", "/sessions", "/sessions/se-team", "/people", "/usage"];
  for (const path of [...paths, "/decisions", "/talk"]) await own.get(path);
  expect(await decided()).toEqual(before);
  const seen = seenOn(await own.get("/waiting"));
  await own.post(`/waiting/${id}`, { option: "reject", seen });
  await (await signedIn("telegram:owner")).get("/groups");
  expect((await decided()).slice(before.length).toSorted()).toEqual([
    "allow approvals reject",
    "deny approvals rejected",
    "deny groups list",
  ]);
});

test("the metrics are numbers alone, and need no sign-in", async () => {
  const { browser } = await fixture();
  const { text, headers } = await browser().get("/metrics");
  expect(headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(text).toContain('gatehouse_waiting{kind="approvals"} 1');
  const lines = text
    .trimEnd()
    .split("\n")
    .filter((line) => !line.startsWith("#"));
  expect(
    lines.filter((line) => !/^gatehouse_[a-z_]+(?:\{(?:state|kind)="[a-z_]+"\})? \d+$/.test(line)),
  ).toEqual([]);
});

describe("a restored generation of a group's configuration", () => {
  const changed = async () => {
    const { bed, signedIn } = await fixture();
    const setModel = (model: string): Promise<unknown> =>
      bed.ok({ type: "host" }, "groups", "config", "update", "ag-team", "--model", model);
    const modelOf = async (): Promise<unknown> => {
      const row = bed.central.db.selectFrom("container_configs").select("model");
      return (await row.where("agent_group_id", "=", "ag-team").executeTakeFirstOrThrow()).model;
    };
    const before = await modelOf();
    await setModel("opus");
    const own = await signedIn();
    const seen = seenOn(await own.get("/groups/ag-team"));
    return { own, seen, before, setModel, modelOf };
  };

  test("is in force again", async () => {
    const { own, seen, before, modelOf } = await changed();
    const { status } = await own.post("/groups/ag-team/rollback", { to: "1", seen });
    expect([status, await modelOf()]).toEqual([200, before]);
  });

  test("is refused if another change came after the page was read", async () => {
    const { own, seen, setModel, modelOf } = await changed();
    await setModel("sonnet");
    const { status, text } = await own.post("/groups/ag-team/rollback", { to: "1", seen });
    expect([status, await modelOf()]).toEqual([409, "sonnet"]);
    expect(text).toContain("ag-team is at generation 3, not 2");
  });

  test.each(["", "1.5", "x"])("is refused if the form names %j as what was seen", async (seen) => {
    const { own, modelOf } = await changed();
    expect((await own.post("/groups/ag-team/rollback", { to: "1", seen })).status).toBe(409);
    expect(await modelOf()).toBe("opus");
  });
});

describe("the tasks on a group's page", () => {
  const withTask = async (more: object = {}) => {
    const { bed, signedIn } = await fixture();
    const { db } = bed.central;
    const team = { agent_group_id: "ag-team", messaging_group_id: "mg-team" };
    const text = "Read <b>the</b> news.";
    await addRow(db, "tasks", { ...team, text, next_at: "2126-11-21T08:00:00.000Z", ...more });
    await addRow(db, "task_runs", { outcome: "kept-asleep" });
    const statusOf = async (): Promise<unknown> =>
      (await db.selectFrom("tasks").select("status").executeTakeFirstOrThrow()).status;
    return { own: await signedIn(), statusOf, signedIn };
  };

  test("have their text, their times, the next one, and how the last run ended", async () => {
    const { own } = await withTask();
    const { text } = await own.get("/groups/ag-team");
    const [, part = ""] = /<h2 id="tasks">Tasks<\/h2>([^]*?)<\/section>/.exec(text) ?? [];
    for (const said of [
      "Read &lt;b&gt;the&lt;/b&gt; news.",
      "At 08:00",
      "2126-11-21 08:00",
      "Kept asleep",
      "Active",
    ])
      expect(part).toContain(said);
  });

  test("are paused and resumed there", async () => {
    const { own, statusOf } = await withTask();
    expect((await own.post("/groups/ag-team/tasks/pause", { task: "ta-1" })).text).toContain("Resume");
    expect(await statusOf()).toBe("paused");
    expect((await own.post("/groups/ag-team/tasks/resume", { task: "ta-1" })).text).toContain("Pause");
    expect(await statusOf()).toBe("active");
  });

  test("that have ended have no button, and a form for one is refused with the fix", async () => {
    const { own } = await withTask({ status: "ended", next_at: null });
    expect((await own.get("/groups/ag-team")).text).not.toMatch(/>\s*(?:Pause|Resume)\s*</);
    const { status, text } = await own.post("/groups/ag-team/tasks/pause", { task: "ta-1" });
    expect(status).toBe(409);
    expect(text).toContain("ta-1 has ended");
  });

  test("are not shown or changed for a person without the right", async () => {
    const { signedIn, statusOf } = await withTask();
    const other = await signedIn("telegram:owner");
    await other.post("/groups/ag-team/tasks/pause", { task: "ta-1" });
    expect(await statusOf()).toBe("active");
  });
});

describe("the page of a session", () => {
  const at = (seconds: number): string =>
    new Date(Date.parse("2026-11-20T08:00:00Z") + seconds * 1000).toISOString();
  const stations = async (more: object, answers: readonly object[] = []) => {
    const { bed, signedIn } = await fixture();
    const { db } = bed.central;
    const message = { session_id: "se-team", timestamp: at(0), content: '{"text":"hello"}' };
    await addRow(db, "session_messages_in", { ...message, ...more });
    for (const [index, answer] of answers.entries())
      await addRow(db, "session_messages_out", {
        session_id: "se-team",
        id: `a-${index}`,
        seq: 3 + 2 * index,
        ...answer,
      });
    const { text } = await (await signedIn()).get("/sessions/se-team");
    expect(text).toContain("hello");
    const way = /<ol class="way">([^]*?)<\/ol>/.exec(text)?.[1] ?? "";
    return [...way.matchAll(/<li[^>]*>([^]*?)<\/li>/g)].map(([, one = ""]) =>
      one
        .replaceAll(/<[^>]*>/g, "")
        .replaceAll(/\s+/g, " ")
        .trim(),
    );
  };
  const received = "Received by telegram 2026-11-20 08:00 UTC";

  test.each([
    { what: "waits", row: {}, answers: [], shown: ["Waits for the agent"] },
    {
      what: "is in work",
      row: { claimed_at: at(2), tries: 1 },
      answers: [],
      shown: ["In work, after 1 try without an answer after 2.0 s"],
    },
    {
      what: "was answered",
      row: { status: "completed" },
      answers: [{ timestamp: at(1.5), status: "delivered", settled_at: at(120) }],
      shown: ["Answered after 1.5 s", "Delivered after 2 min"],
    },
    {
      what: "has an answer that waits, and one that was refused",
      row: { status: "completed" },
      answers: [{ timestamp: at(1) }, { timestamp: at(2), status: "failed", settled_at: at(3) }],
      shown: [
        "Answered after 1.0 s",
        "Waits for delivery",
        "Answered after 2.0 s",
        "Not delivered after 3.0 s",
      ],
    },
    {
      what: "failed",
      row: { status: "failed", reason: "It broke." },
      answers: [],
      shown: ["Failed: It broke."],
    },
    {
      what: "ended in silence",
      row: { status: "completed" },
      answers: [],
      shown: ["Ended without an answer"],
    },
  ])("has the way of a message that $what", async ({ row, answers, shown }) => {
    expect(await stations(row, answers)).toEqual([received, ...shown]);
  });

  test("says that there is no such session", async () => {
    const { signedIn } = await fixture();
    expect((await (await signedIn()).get("/sessions/se-none")).text).toContain(
      "There is no &quot;se-none&quot; in sessions.",
    );
  });
});

describe("the page of people", () => {
  test("says what each person may do, the most powerful first", async () => {
    const { bed, signedIn } = await fixture();
    const grant = (...args: readonly string[]) => bed.ok(operator, "roles", "grant", "--user", ...args);
    await grant("telegram:owner", "--role", "admin", "--all-groups");
    await grant("telegram:admin", "--role", "admin", "--group", "ag-other");
    for (const group of ["ag-home", "ag-other"])
      await bed.ok(operator, "members", "add", "--user", "telegram:admin", "--group", group);
    const { text } = await (await signedIn()).get("/people");
    const rolesOf = (id: string): string | undefined =>
      new RegExp(`>${id}</td>\\s*<td[^>]*>\\s*([^<]*?)\\s*</td>`).exec(text)?.[1];
    expect(rolesOf("telegram:owner")).toBe("Owner; Admin of all groups");
    expect(rolesOf("telegram:admin")?.split("; ").toSorted()).toEqual(
      ["Admin of other", "Admin of team", "Member of home", "Member of other"].toSorted(),
    );
    expect(rolesOf("telegram:nobody")).toBe("none");
  });
});

describe("the page of a group", () => {
  test("names the currency of its limit of money", async () => {
    const { bed, signedIn } = await fixture();
    const limit = ["groups", "config", "update", "ag-team", "--max-cost-per-day", "5"];
    await bed.ok(operator, ...limit);
    const page = async () => (await (await signedIn()).get("/groups/ag-team?from=1")).text;
    expect(await page()).toMatch(/<dt>max cost per day<\/dt>/);
    setPrices(bed.dataDir);
    const text = await page();
    expect(text).toMatch(/<dt>max cost per day \(EUR\)<\/dt>/);
    expect(text).toMatch(/<td[^>]*>max cost per day \(EUR\)<\/td>/);
  });

  test("has its members, and the chats in which it answers by their names", async () => {
    const { bed, signedIn } = await fixture();
    await bed.ok(operator, "members", "add", "--user", "telegram:nobody", "--group", "ag-team");
    await bed.ok(operator, "messaging-groups", "update", "mg-team", "--name", "Family");
    const { text } = await (await signedIn()).get("/groups/ag-team");
    expect(text).toMatch(/Members<\/h2>[^]*telegram:nobody[^]*answers<\/h2>[^]*Family[^]*wi-team/);
  });

  test.each([
    { query: "to=2", title: "From the generation before to generation 2", cells: ["model", "-", "opus"] },
    { query: "from=1", title: "From generation 1 to the present one", cells: ["model", "-", "haiku"] },
    { query: "from=2&to=3", title: "From generation 2 to generation 3", cells: ["model", "opus", "haiku"] },
  ])("shows with ?$query what differs", async ({ query, title, cells }) => {
    const { bed, signedIn } = await fixture();
    for (const model of ["opus", "haiku"])
      await bed.ok(operator, "groups", "config", "update", "ag-team", "--model", model);
    const { text } = await (await signedIn()).get(`/groups/ag-team?${query}`);
    const [, diff = ""] = /<section class="card" id="diff"([^]*?)<\/section>/.exec(text) ?? [];
    expect(diff).toContain(title);
    expect([...diff.matchAll(/<td[^>]*>\s*([^<]*?)\s*<\/td>/g)].map(([, cell]) => cell)).toEqual(cells);
  });

  test.each(["to=9", "from=x", "to=-1"])("says why it shows no difference for ?%s", async (query) => {
    const { signedIn } = await fixture();
    const { text, status } = await (await signedIn()).get(`/groups/ag-team?${query}`);
    expect([status, text.includes('class="said refused"')]).toEqual([200, true]);
  });
});

describe("the stream of a browser", () => {
  /** The events of the next chunks, without beats. */
  const opened = async (topics: string) => {
    const made = await fixture();
    const own = await made.signedIn();
    const answer = await made.app.request(`${origin}/events?${topics}`, {
      headers: { host: "127.0.0.1:7470", cookie: own.cookie() },
    });
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    const next = async (): Promise<string> => {
      const { value, done } = await reader.read();
      const event = done ? "end" : new TextDecoder().decode(value);
      return event === "event: beat\ndata: {}\n\n" ? next() : event;
    };
    return { ...made, own, next };
  };
  const changed = (of: string): string => `event: changed\ndata: {"of":"${of}"}\n\n`;

  test("says which topic has changed, once it has happened, and ends with the sign-in", async () => {
    const { own, next, streams, id } = await opened("of=waiting&of=nothing&of=agent:none");
    const seen = seenOn(await own.get("/waiting"));
    expect([await next(), await next()].toSorted()).toEqual([changed("agent:none"), changed("waiting")]);
    streams.nudge();
    await own.post(`/waiting/${id}`, { option: "reject", seen });
    streams.nudge();
    expect(await next()).toBe(changed("waiting"));
    await own.post("/sign-out", {});
    streams.nudge();
    expect(await next()).toBe("end");
  });

  test("without a topic ends with the sign-in, too", async () => {
    const { own, next, streams } = await opened("");
    await own.get("/waiting");
    await own.post("/sign-out", {});
    streams.nudge();
    expect(await next()).toBe("end");
  });
});

test("the page that says why an answer did not count can be read anew", async () => {
  const { signedIn, id } = await fixture();
  const own = await signedIn();
  await own.get("/waiting");
  expect((await own.post(`/waiting/${id}`, { option: "approve", seen: "other" })).status).toBe(409);
  expect((await own.get(`/waiting/${id}`)).text).toContain("1 waiting for you");
});

test("each page has a link in the head of all pages, and each link leads to a page", async () => {
  const { app } = await consoleBed();
  const others = ["/", "/sign-in", "/healthz", "/metrics", "/events", "/talk-file", "/search"];
  const paths = app.routes
    .filter(({ method, path }) => method === "GET" && /^\/[^/:*]*$/u.test(path) && !others.includes(path))
    .map(({ path }) => path);
  expect(new Set(paths)).toEqual(new Set(sections.map(({ path }) => path)));
});
