import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import type { FromPerson } from "../channel.ts";
import { chatFixture, filesIn, framesOf, line, messagesOf, welcomed } from "./chat.fixture.ts";
import { chatFiles } from "./chat-files.ts";
import { upload } from "./upload.ts";

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "upload-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

describe.runIf(existsSync("/dev/full"))("an upload", () => {
  test("is refused if the disk is full, and nothing of it is stored", async () => {
    const base = folder();
    const aside = join(base, "aside");
    const beginAside = (): Promise<string> => {
      mkdirSync(aside);
      symlinkSync("/dev/full", join(aside, "0"));
      return Promise.resolve(aside);
    };
    const { db } = (await chatFixture()).central;
    const files = chatFiles({ db, folder: base, now: () => new Date().toISOString() });
    const uploading = upload({ ...files, beginAside });
    const chunk = { type: "chunk", id: "m-1", file: 0, at: 0, data: "YQ==" } as const;
    expect(await uploading.receive(chunk)).toMatchObject({ ok: false, error: { code: "disk-full" } });
    expect(existsSync(aside)).toBe(false);
  });
});

const patience = { timeout: 100_000 };

/** A client that sends one message with one file, as often as the test asks. */
const saying = async (receive: (message: FromPerson) => Promise<void>) => {
  const fixture = await chatFixture();
  const channel = fixture.open();
  await channel.start(receive);
  onTestFinished(() => channel.close());
  const client = await welcomed(fixture, "ana");
  const id = randomUUID();
  return {
    fixture,
    channel,
    client,
    say: (): void => {
      client.say(line({ type: "chunk", id, file: 0, at: 0, data: "YQ==" }));
      client.say(line({ type: "message", id, text: "one", files: [{ name: "a", size: 1 }] }));
    },
    left: () => filesIn(fixture, "chat-in"),
  };
};

describe("files of a message", () => {
  test("stay while it waits for an answer, and are removed with it after a refusal", async () => {
    const { client, say, left, fixture, channel } = await saying(async (message) => {
      if (message.waitsFor === undefined)
        await channel.hold(fixture.central.db, message, { approvalId: "ap-1", most: 21 });
    });
    const { db } = fixture.central;
    await addRow(db, "pending_approvals", { approval_id: "ap-1", session_id: null, agent_group_id: null });
    say();
    const waiting = db.selectFrom("local_messages").select("id").where("waits_for", "is not", null);
    await vi.waitFor(async () => expect(await waiting.execute()).toHaveLength(1), patience);
    say();
    await vi.waitFor(() => expect(framesOf(client, "taken")).toHaveLength(2), patience);
    expect(await left()).toHaveLength(1);
    await db.updateTable("pending_approvals").set({ status: "rejected" }).execute();
    await channel.questionsAnswered();
    await vi.waitFor(async () => expect(await left()).toEqual([]), patience);
    expect(await waiting.execute()).toEqual([]);
  });

  test("are removed if the host's disk is full, and the person is told", async () => {
    const full = new Error("not written", { cause: { code: "ENOSPC" } });
    const { client, say, left, fixture } = await saying(() => Promise.reject(full));
    say();
    await vi.waitFor(
      () =>
        expect(messagesOf(client)[0]).toMatchObject({
          failed: true,
          text: expect.stringContaining("disk is full") as string,
        }),
      patience,
    );
    expect(await left()).toEqual([]);
    expect(fixture.bugs).toHaveLength(5);
  });

  test("are removed if they are sent again after their message was routed", async () => {
    const { client, say, left } = await saying(() => Promise.resolve());
    say();
    await vi.waitFor(() => expect(framesOf(client, "taken")).toHaveLength(1), patience);
    await vi.waitFor(async () => expect(await left()).toEqual([]), patience);
    say();
    await vi.waitFor(() => expect(framesOf(client, "taken")).toHaveLength(2), patience);
    expect(await left()).toEqual([]);
  });
});
