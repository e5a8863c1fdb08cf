import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { FromPerson } from "../channel.ts";
import { chatBed, filesIn, framesOf, line, messagesOf, welcomed } from "./chat.fixture.ts";
import { chatFiles } from "./chat-files.ts";
import { upload } from "./upload.ts";

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "upload-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

describe.runIf(existsSync("/dev/full"))("an upload", () => {
  test("that the disk has no room for is refused, and nothing of it is kept", async () => {
    const base = folder();
    const aside = join(base, "aside");
    const beginAside = (): Promise<string> => {
      mkdirSync(aside);
      symlinkSync("/dev/full", join(aside, "0"));
      return Promise.resolve(aside);
    };
    const { db } = (await chatBed()).central;
    const files = chatFiles({ db, folder: base, now: () => new Date().toISOString() });
    const uploading = upload({ ...files, beginAside });
    const chunk = { type: "chunk", id: "m-1", file: 0, at: 0, data: "YQ==" } as const;
    expect(await uploading.take(chunk)).toMatchObject({ ok: false, error: { code: "disk-full" } });
    expect(existsSync(aside)).toBe(false);
  });
});

const patience = { timeout: 30_000 };

/** A client that says one message with one file, as often as it is asked to. */
const saying = async (take: (message: FromPerson) => Promise<void>) => {
  const bed = await chatBed();
  const channel = bed.open();
  await channel.start(take);
  onTestFinished(() => channel.close());
  const client = await welcomed(bed, "ana");
  const id = randomUUID();
  return {
    ...{ bed, client },
    say: (): void => {
      client.say(line({ type: "chunk", id, file: 0, at: 0, data: "YQ==" }));
      client.say(line({ type: "message", id, text: "one", files: [{ name: "a", size: 1 }] }));
    },
    left: () => filesIn(bed, "chat-in"),
  };
};

describe("files of a message", () => {
  test("that the host has no room for are removed, and the person is told that the disk is full", async () => {
    const full = new Error("not written", { cause: { code: "ENOSPC" } });
    const { client, say, left, bed } = await saying(() => Promise.reject(full));
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
    expect(bed.bugs).toHaveLength(5);
  });

  test("that are sent again after it was routed do not stay", async () => {
    const { client, say, left } = await saying(() => Promise.resolve());
    say();
    await vi.waitFor(() => expect(framesOf(client, "taken")).toHaveLength(1), patience);
    await vi.waitFor(async () => expect(await left()).toEqual([]), patience);
    say();
    await vi.waitFor(() => expect(framesOf(client, "taken")).toHaveLength(2), patience);
    expect(await left()).toEqual([]);
  });
});
