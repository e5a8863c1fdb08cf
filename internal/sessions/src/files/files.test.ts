import { Buffer } from "node:buffer";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { addRow } from "@gatehouse/control-plane/testing";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { attachmentLimits, type Json } from "@nc/session-db";
import { putFiles } from "@nc/session-db/node";
import { describe, expect, test } from "vitest";
import { filesIn } from "./files-in.fixture.ts";
import { talking, toBo } from "../delivery/talking.fixture.ts";
import { attached, fromAna, given, install, said, says, sessionBed, until } from "../session-bed.fixture.ts";
import type { SessionBed } from "../session-bed.fixture.ts";

/** A file that an agent has uploaded for a message. */
const upload = async (
  { central: { rows } }: SessionBed,
  sessionId: string,
  messageId: string,
  files: Readonly<Record<string, string>>,
): Promise<void> => {
  const all = Object.entries(files).map(([name, text]) => ({ name, content: Buffer.from(text) }));
  const place = { sessionId, box: "out", messageId } as const;
  const put = await putFiles(rows, place, all, { now: new Date().toISOString(), most: 2 ** 20 });
  expect(put.ok).toBe(true);
};

const contents = async (bed: SessionBed, sessionId: string): Promise<readonly Json[]> => {
  const wanted = { isFirst: true, limit: 100, now: new Date().toISOString() };
  const received = await bed.agent(sessionId).receive(wanted);
  if (!received.ok) expect.fail(received.error.message);
  return received.value.map(({ content }) => content);
};

describe("files of a person's message", () => {
  test("are in the inbox under safe names before the message names them, once (cases 13, 15)", async () => {
    const bed = await talking();
    const attachments = [attached("../../x", "one"), attached("x", "two")];
    for (let times = 0; times < 2; times += 1)
      await bed.running.take(fromAna("m-2", "look", { attachments }));
    expect(await filesIn(bed, bed.sessionId, "in")).toEqual({ "m-2/x": "one", "m-2/2-x": "two" });
    const named = [
      { name: "x", size: 3 },
      { name: "2-x", size: 3 },
    ];
    expect((await contents(bed, bed.sessionId)).slice(1)).toMatchObject([{ attachments: named }]);
    await bed.running.take(fromAna("a/b", "odd id", { attachments }));
    const [odd] = (await contents(bed, bed.sessionId)).slice(2);
    expect(odd).toMatchObject({
      text: "odd id",
      attachments: [{ problem: expect.stringContaining("unsafe-id") }, {}],
    });
    expect(Object.keys(await filesIn(bed, bed.sessionId, "in"))).toHaveLength(2);
  });

  test("that cannot be read keep their message back: it is whole when it is taken again", async () => {
    const bed = await talking();
    const torn = { ...attached("a", "whole"), size: 6 };
    await expect(bed.running.take(fromAna("m-2", "look", { attachments: [torn] }))).rejects.toThrow(
      /announced size/,
    );
    expect(await given(bed.agent(bed.sessionId))).toEqual(["hello"]);
    await bed.running.take(fromAna("m-2", "look", { attachments: [attached("a", "whole")] }));
    expect(await given(bed.agent(bed.sessionId))).toEqual(["hello", "look"]);
    expect(await filesIn(bed, bed.sessionId, "in")).toEqual({ "m-2/a": "whole" });
  });

  test("that may not be there are left out with the reason, and the message goes on (case 14)", async () => {
    const bed = await talking();
    const huge = { ...attached("huge", ""), size: attachmentLimits.bytes + 1 };
    const many = Array.from({ length: 11 }, (_, index) => attached(`n-${index}`, "x"));
    await bed.running.take(fromAna("m-3", "too much", { attachments: [huge, ...many] }));
    const [, much] = (await contents(bed, bed.sessionId)) as {
      attachments?: { problem?: string }[];
    }[];
    const problems = much?.attachments?.map(({ problem = "" }) => problem);
    expect(problems?.[0]).toMatch(/20971521 bytes, and 20971520 are the most/);
    expect(problems?.filter((problem) => problem !== "")).toHaveLength(3);
    expect(bed.happened("attachment-left-out")).toHaveLength(3);
  });

  test("go to the agent and come back, also in a container that is started anew", async () => {
    const bed = await sessionBed();
    const host = await bed.host();
    const attachments = [attached("a b.txt", "one"), attached("empty", "")];
    await host.take(fromAna("m-1", "/files", { attachments }));
    await until(() => expect(bed.texts()).toEqual(["2 files"]));
    expect(bed.channel.files.get("re-m-1")).toEqual({ "a b.txt": "one", empty: "" });
    const { id } = await bed.session();
    await until(async () => expect(await filesIn(bed, id, "out")).toEqual({}));
    await host.take(fromAna("m-2", "/file /nowhere"));
    await until(() =>
      expect(bed.texts()[1]).toMatch(/^\/nowhere\nThe file \/nowhere was not sent: .*ENOENT/),
    );
    await host.take(fromAna("m-3", "/prompt", { attachments: [attached("a", "x")] }));
    const path = join(bed.folderOf(id), "out", "inbox", "m-3", "a");
    await until(() => expect(bed.texts()[2]).toContain(`<attachment name="a" path="${path}"/>`));
    expect(readFileSync(path, "utf8")).toBe("x");
    expect(bed.texts()[2]).toContain("The file /nowhere was not sent");
    // They are there for as long as the session is.
    await host.carriers.stop({ sessionIds: [id] }, "in-1");
    expect(await filesIn(bed, id, "in")).toEqual({});
    expect(existsSync(path)).toBe(false);
  });

  test("go with the session that is deleted, and so do its log and what was handed in", async () => {
    const bed = await sessionBed();
    const host = await bed.host();
    await host.take(fromAna("m-1", "/files", { attachments: [attached("a", "one")] }));
    await until(() => expect(bed.texts()).toEqual(["1 file"]));
    const { id } = await bed.session();
    await bed.central.db.deleteFrom("sessions").where("id", "=", id).execute();
    await host.carriers.stop({ sessionIds: [id], groupId: "ag-1" }, "in-1");
    expect(existsSync(bed.folderOf(id))).toBe(false);
    expect(await filesIn(bed, id, "in")).toEqual({});
  });
});

describe("files of an agent's message", () => {
  test("that did not come with it are left out, told and logged; the others go (case 16)", async () => {
    const bed = await talking();
    await upload(bed, bed.sessionId, "o-1", { good: "good" });
    await upload(bed, bed.sessionId, "o-9", { other: "of another message" });
    const names = ["good", "other", "../../../secret", "gone", "good"];
    const content = { text: "look", attachments: names.map((name) => ({ name })) };
    await says(bed.agent(bed.sessionId), said("o-1", { content }), said("o-2"));
    await until(() => expect(bed.channel.sent.map(({ id }) => id)).toEqual(["o-1", "o-2"]));
    expect(bed.channel.files.get("o-1")).toEqual({ good: "good" });
    const lines = bed.texts()[0]?.split("\n") ?? [];
    expect(lines[0]).toBe("look");
    expect(lines.slice(1).map((line) => /^The file (\S+) was not sent: /.exec(line)?.[1])).toEqual([
      ...["other", "../../../secret", "gone"],
    ]);
    const [, note] = await given(bed.agent(bed.sessionId));
    expect(note).toBe(lines.slice(1).join("\n"));
    expect(bed.happened("attachment-not-sent")).toHaveLength(1);
    await until(async () =>
      expect(Object.keys(await filesIn(bed, bed.sessionId, "out"))).toEqual(["o-9/other"]),
    );
  });

  test("are told of in a few lines, whatever number of names there is", async () => {
    const bed = await talking();
    const attachments = Array.from({ length: 3000 }, (_, index) => ({ name: `gone-${index}` }));
    await says(bed.agent(bed.sessionId), said("o-1", { content: { text: "look", attachments } }));
    await until(() => expect(bed.texts()).toHaveLength(1));
    const lines = bed.texts()[0]?.split("\n") ?? [];
    expect(lines).toHaveLength(12);
    expect(lines.at(-1)).toBe("And 2990 more files were not sent.");
  });

  test("are sent again with their message, and are gone when it is given up", async () => {
    const bed = await talking();
    const content = { text: "look", attachments: [{ name: "a" }] };
    for (const messageId of ["o-1", "o-2"]) await upload(bed, bed.sessionId, messageId, { a: messageId });
    bed.channel.fails = ({ id }) =>
      id === "o-2" || bed.channel.calls.get(id) === 1
        ? { ok: false, error: { code: "not-reachable", message: "Not now." } }
        : null;
    await says(bed.agent(bed.sessionId), said("o-1", { content }), said("o-2", { content }));
    await until(() => expect(bed.happened("message-failed")).toMatchObject([{ id: "o-2" }]));
    expect(bed.channel.calls.get("o-1")).toBe(2);
    expect([...bed.channel.files]).toEqual([["o-1", { a: "o-1" }]]);
    await until(async () => expect(await filesIn(bed, bed.sessionId, "out")).toEqual({}));
  });

  test("that a killed runner left behind no message are removed when the session is idle", async () => {
    const bed = await sessionBed();
    const fake = fakeRuntime({ install });
    const host = await bed.host({ runtime: fake.runtime, times: { sweepMs: 50, idleMs: 1 } });
    await host.take(fromAna("m-1", "hello"));
    await until(() => expect(fake.containers).toHaveLength(1));
    const { id } = await bed.session();
    await upload(bed, id, "re-m-9", { a: "x" });
    const done = { id: "m-1", status: "completed", reason: null } as const;
    await bed.agent(id).commit({ acknowledgements: [done], messages: [], now: new Date().toISOString() });
    expect(Object.keys(await filesIn(bed, id, "out"))).toEqual(["re-m-9/a"]);
    fake.containers[0]?.end();
    await until(async () => expect(await filesIn(bed, id, "out")).toEqual({}));
    const leases = bed.central.db.selectFrom("session_leases").select("expires_at");
    await until(async () => {
      const [lease] = await leases.where("session_id", "=", id).execute();
      expect(Date.parse(lease?.expires_at ?? "1970-01-01")).toBeLessThanOrEqual(Date.now());
    });
  });

  test("to another agent are copied into its inbox, and so are those of its answer (case 64)", async () => {
    const bed = await talking();
    await addRow(bed.central.db, "agent_destinations", {
      ...{ local_name: "bo", target_type: "agent", target_id: "ag-2" },
    });
    const content = { text: "look", attachments: [{ name: "a" }, { name: "../b" }] };
    await upload(bed, bed.sessionId, "o-1", { a: "for bo" });
    await says(bed.agent(bed.sessionId), said("o-1", { ...toBo, content }));
    const ofBo = bed.central.db.selectFrom("sessions").select("id").where("agent_group_id", "=", "ag-2");
    const { id: bo } = await until(() => ofBo.executeTakeFirstOrThrow());
    await until(async () => expect(Object.values(await filesIn(bed, bo, "in"))).toEqual(["for bo"]));
    await until(async () =>
      expect(await contents(bed, bo)).toMatchObject([
        {
          text: expect.stringMatching(/^look\nThe file \.\.\/b was not sent: /),
          attachments: [{ name: "a", size: 6 }],
        },
      ]),
    );
    const [asked = ""] = Object.keys(await filesIn(bed, bo, "in")).map((path) => path.split("/")[0]);
    await upload(bed, bo, `re-${asked}`, { a: "for ana" });
    const back = { channelType: "agent", platformId: "ag-1", inReplyTo: asked, content };
    await says(bed.agent(bo), said(`re-${asked}`, back));
    const ofAna = async () => Object.values(await filesIn(bed, bed.sessionId, "in"));
    await until(async () => expect(await ofAna()).toEqual(["for ana"]));
    for (const id of [bed.sessionId, bo])
      await until(async () => expect(await filesIn(bed, id, "out")).toEqual({}));
  });
});
