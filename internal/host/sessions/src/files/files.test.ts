import { Buffer } from "node:buffer";
import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addRow } from "@gatehouse/central-database/testing";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { attachmentLimits, type Json } from "@gatehouse/session-rows/messages";
import { putFiles } from "@gatehouse/session-rows";
import { describe, expect, test } from "vitest";
import { filesIn } from "./files-in.fixture.ts";
import { talking, toBo } from "../delivery/talking.fixture.ts";
import {
  aboutSessions,
  attached,
  fromAna,
  given,
  install,
  said,
  says,
  type SessionFixture,
  sessionFixture,
  until,
} from "../session.fixture.ts";

/** A file that an agent has uploaded for a message. */
const upload = async (
  { central: { loop } }: SessionFixture,
  sessionId: string,
  messageId: string,
  files: Readonly<Record<string, string>>,
): Promise<void> => {
  const all = Object.entries(files).map(([name, text]) => ({ name, content: Buffer.from(text) }));
  const place = { sessionId, box: "out", messageId } as const;
  const put = await putFiles(loop, place, all, { now: new Date().toISOString(), most: 2 ** 20 });
  expect(put.ok).toBe(true);
};

const contents = async (fixture: SessionFixture, sessionId: string): Promise<readonly Json[]> => {
  const wanted = { isFirst: true, limit: 100, now: new Date().toISOString() };
  const received = await fixture.agent(sessionId).receive(wanted);
  if (!received.ok) expect.fail(received.error.message);
  return received.value.map(({ content }) => content);
};

describe("files of a person's message", () => {
  test("files of a person are stored once, under safe names, before their message names them", async () => {
    const fixture = await talking();
    const attachments = [attached("../../x", "one"), attached("x", "two")];
    for (let times = 0; times < 2; times += 1)
      await fixture.running.receive(fromAna("m-2", "look", { attachments }));
    expect(await filesIn(fixture, fixture.sessionId, "in")).toEqual({ "m-2/x": "one", "m-2/2-x": "two" });
    const named = [
      { name: "x", size: 3 },
      { name: "2-x", size: 3 },
    ];
    expect((await contents(fixture, fixture.sessionId)).slice(1)).toMatchObject([{ attachments: named }]);
    await fixture.running.receive(fromAna("a/b", "odd id", { attachments }));
    const [odd] = (await contents(fixture, fixture.sessionId)).slice(2);
    expect(odd).toMatchObject({
      text: "odd id",
      attachments: [{ problem: expect.stringContaining("unsafe-id") }, {}],
    });
    expect(Object.keys(await filesIn(fixture, fixture.sessionId, "in"))).toHaveLength(2);
  });

  test("a message whose files cannot be read is not stored, and is complete when it is received again", async () => {
    const fixture = await talking();
    const torn = { ...attached("a", "whole"), size: 6 };
    await expect(fixture.running.receive(fromAna("m-2", "look", { attachments: [torn] }))).rejects.toThrow(
      /announced size/,
    );
    expect(await given(fixture.agent(fixture.sessionId))).toEqual(["hello"]);
    await fixture.running.receive(fromAna("m-2", "look", { attachments: [attached("a", "whole")] }));
    expect(await given(fixture.agent(fixture.sessionId))).toEqual(["hello", "look"]);
    expect(await filesIn(fixture, fixture.sessionId, "in")).toEqual({ "m-2/a": "whole" });
  });

  test("files beyond the limits are left out with the reason, and the message is stored", async () => {
    const fixture = await talking();
    const huge = { ...attached("huge", ""), size: attachmentLimits.bytes + 1 };
    const many = Array.from({ length: 11 }, (_, index) => attached(`n-${index}`, "x"));
    await fixture.running.receive(fromAna("m-3", "too much", { attachments: [huge, ...many] }));
    const [, much] = (await contents(fixture, fixture.sessionId)) as {
      attachments?: { problem?: string }[];
    }[];
    const problems = much?.attachments?.map(({ problem = "" }) => problem);
    expect(problems?.[0]).toMatch(/20971521 bytes, and 20971520 are the most/);
    expect(problems?.filter((problem) => problem !== "")).toHaveLength(3);
    expect(fixture.happened("attachment-left-out")).toHaveLength(3);
  });

  test("files of a person reach the agent, and files of the agent reach the chat", async () => {
    const fixture = await sessionFixture();
    const host = await fixture.host();
    const attachments = [attached("a b.txt", "one"), attached("empty", "")];
    await host.receive(fromAna("m-1", "/files", { attachments }));
    await until(() => expect(fixture.texts()).toEqual(["2 files"]));
    expect(fixture.channel.files.get("re-m-1")).toEqual({ "a b.txt": "one", empty: "" });
    expect(fixture.channel.sent[0]?.senderGroupId).toBe("ag-1");
    const { id } = await fixture.session();
    await until(async () => expect(await filesIn(fixture, id, "out")).toEqual({}));
    await host.receive(fromAna("m-2", "/file /proc/nowhere"));
    await until(() =>
      expect(fixture.texts()[1]).toMatch(/^\/proc\/nowhere\nThe file \/proc\/nowhere was not sent: .*ENOENT/),
    );
    await host.receive(fromAna("m-3", "/prompt", { attachments: [attached("a", "x")] }));
    const path = join(fixture.folderOf(id), "out", "inbox", "m-3", "a");
    await until(() => expect(fixture.texts()[2]).toContain(`<attachment name="a" path="${path}"/>`));
    expect(readFileSync(path, "utf8")).toBe("x");
    expect(fixture.texts()[2]).toContain("The file /proc/nowhere was not sent");
    // The files stay as long as the session.
    await host.handlers.stop(aboutSessions(id), "in-1");
    expect(await filesIn(fixture, id, "in")).toEqual({});
    expect(existsSync(path)).toBe(false);
  });

  test.for(["out", "out/inbox"])(
    "the end of a session removes nothing behind a link that its agent put at %s",
    async (at) => {
      const fixture = await sessionFixture();
      const host = await fixture.host();
      await host.receive(fromAna("m-1", "/files", { attachments: [attached("a", "one")] }));
      await until(() => expect(fixture.texts()).toEqual(["1 file"]));
      const { id } = await fixture.session();
      const other = join(fixture.folderOf(id), "..", "se-other");
      mkdirSync(join(other, "out", "inbox"), { recursive: true });
      writeFileSync(join(other, "out", "inbox", "kept"), "of another session");
      const path = join(fixture.folderOf(id), at);
      renameSync(path, `${path}-before`);
      symlinkSync(join(other, at), path);
      await host.handlers.stop(aboutSessions(id), "in-1");
      expect(readFileSync(join(other, "out", "inbox", "kept"), "utf8")).toBe("of another session");
    },
  );

  test("a deleted session loses its files, its log and its input files", async () => {
    const fixture = await sessionFixture();
    const host = await fixture.host();
    await host.receive(fromAna("m-1", "/files", { attachments: [attached("a", "one")] }));
    await until(() => expect(fixture.texts()).toEqual(["1 file"]));
    const { id } = await fixture.session();
    await fixture.central.db.deleteFrom("sessions").where("id", "=", id).execute();
    await host.handlers.stop(aboutSessions(id), "in-1");
    expect(existsSync(fixture.folderOf(id))).toBe(false);
    expect(await filesIn(fixture, id, "in")).toEqual({});
  });
});

describe("files of an agent's message", () => {
  test("a file that the host did not keep, because the group's kept files leave no room, is told to both", async () => {
    const fixture = await talking();
    await addRow(fixture.central.db, "session_files", {
      session_id: "",
      box: "chat-out",
      bytes: 2_097_152_000,
      sender_group_id: "ag-1",
    });
    await says(
      fixture.agent(fixture.sessionId),
      said("o-1", { content: { text: "look", attachments: [{ name: "a" }] } }),
    );
    await until(() =>
      expect(fixture.texts()).toEqual([
        "look\nThe file a was not sent: the host keeps 2097 MB of files that this group sent, and takes no more until some are removed.",
      ]),
    );
  });

  test("missing files of a message are reported and logged, and the other files are sent", async () => {
    const fixture = await talking();
    await upload(fixture, fixture.sessionId, "o-1", { good: "good" });
    await upload(fixture, fixture.sessionId, "o-9", { other: "of another message" });
    const names = ["good", "other", "../../../secret", "gone", "good"];
    const content = { text: "look", attachments: names.map((name) => ({ name })) };
    await says(fixture.agent(fixture.sessionId), said("o-1", { content }), said("o-2"));
    await until(() => expect(fixture.channel.sent.map(({ id }) => id)).toEqual(["o-1", "o-2"]));
    expect(fixture.channel.files.get("o-1")).toEqual({ good: "good" });
    const lines = fixture.texts()[0]?.split("\n") ?? [];
    expect(lines[0]).toBe("look");
    expect(lines.slice(1).map((line) => /^The file (\S+) was not sent: /.exec(line)?.[1])).toEqual([
      ...["other", "../../../secret", "gone"],
    ]);
    const [, note] = await given(fixture.agent(fixture.sessionId));
    expect(note).toBe(lines.slice(1).join("\n"));
    expect(fixture.happened("attachment-not-sent")).toHaveLength(1);
    await until(async () =>
      expect(Object.keys(await filesIn(fixture, fixture.sessionId, "out"))).toEqual(["o-9/other"]),
    );
  });

  test("any number of missing files is reported in a few lines", async () => {
    const fixture = await talking();
    const attachments = Array.from({ length: 3000 }, (_, index) => ({ name: `gone-${index}` }));
    await says(fixture.agent(fixture.sessionId), said("o-1", { content: { text: "look", attachments } }));
    await until(() => expect(fixture.texts()).toHaveLength(1));
    const lines = fixture.texts()[0]?.split("\n") ?? [];
    expect(lines).toHaveLength(12);
    expect(lines.at(-1)).toBe("And 2990 more files were not sent.");
  });

  test("files are sent again with their message, and removed when the message is given up", async () => {
    const fixture = await talking();
    const content = { text: "look", attachments: [{ name: "a" }] };
    for (const messageId of ["o-1", "o-2"])
      await upload(fixture, fixture.sessionId, messageId, { a: messageId });
    fixture.channel.fails = ({ id }) =>
      id === "o-2" || fixture.channel.calls.get(id) === 1
        ? { ok: false, error: { code: "not-reachable", message: "Not now." } }
        : null;
    await says(fixture.agent(fixture.sessionId), said("o-1", { content }), said("o-2", { content }));
    await until(() => expect(fixture.happened("message-failed")).toMatchObject([{ id: "o-2" }]));
    expect(fixture.channel.calls.get("o-1")).toBe(2);
    expect([...fixture.channel.files]).toEqual([["o-1", { a: "o-1" }]]);
    await until(async () => expect(await filesIn(fixture, fixture.sessionId, "out")).toEqual({}));
  });

  test("files that a killed runner left without a message are removed when the session is idle", async () => {
    const fixture = await sessionFixture();
    const fake = fakeRuntime({ install });
    const host = await fixture.host({ runtime: fake.runtime, times: { sweepMs: 50, idleMs: 1 } });
    await host.receive(fromAna("m-1", "hello"));
    await until(() => expect(fake.containers).toHaveLength(1));
    const { id } = await fixture.session();
    await upload(fixture, id, "re-m-9", { a: "x" });
    const done = { id: "m-1", status: "completed", reason: null } as const;
    await fixture.agent(id).commit({ acknowledgements: [done], messages: [], now: new Date().toISOString() });
    expect(Object.keys(await filesIn(fixture, id, "out"))).toEqual(["re-m-9/a"]);
    fake.containers[0]?.end();
    await until(async () => expect(await filesIn(fixture, id, "out")).toEqual({}));
    const leases = fixture.central.db.selectFrom("leases").select("expires_at");
    await until(async () => {
      const [lease] = await leases.where("session_id", "=", id).execute();
      expect(Date.parse(lease?.expires_at ?? "1970-01-01")).toBeLessThanOrEqual(Date.now());
    });
  });

  test("files of a message between agents are copied into the other agent's inbox, in both directions", async () => {
    const fixture = await talking();
    await addRow(fixture.central.db, "agent_destinations", {
      local_name: "bo",
      target_type: "agent",
      target_id: "ag-2",
    });
    const content = { text: "look", attachments: [{ name: "a" }, { name: "../b" }] };
    await upload(fixture, fixture.sessionId, "o-1", { a: "for bo" });
    await says(fixture.agent(fixture.sessionId), said("o-1", { ...toBo, content }));
    const ofBo = fixture.central.db.selectFrom("sessions").select("id").where("agent_group_id", "=", "ag-2");
    const { id: bo } = await until(() => ofBo.executeTakeFirstOrThrow());
    await until(async () => expect(Object.values(await filesIn(fixture, bo, "in"))).toEqual(["for bo"]));
    await until(async () =>
      expect(await contents(fixture, bo)).toMatchObject([
        {
          text: expect.stringMatching(/^look\nThe file \.\.\/b was not sent: /),
          attachments: [{ name: "a", size: 6 }],
        },
      ]),
    );
    const kept = fixture.central.db
      .selectFrom("session_files")
      .select("sender_group_id")
      .where("box", "=", "in");
    expect(await kept.execute()).toEqual([{ sender_group_id: "ag-1" }]);
    const [asked = ""] = Object.keys(await filesIn(fixture, bo, "in")).map((path) => path.split("/")[0]);
    await upload(fixture, bo, `re-${asked}`, { a: "for ana" });
    const back = { channelType: "agent", platformId: "ag-1", inReplyTo: asked, content };
    await says(fixture.agent(bo), said(`re-${asked}`, back));
    const ofAna = async () => Object.values(await filesIn(fixture, fixture.sessionId, "in"));
    await until(async () => expect(await ofAna()).toEqual(["for ana"]));
    for (const id of [fixture.sessionId, bo])
      await until(async () => expect(await filesIn(fixture, id, "out")).toEqual({}));
  });
});
