import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { attachmentLimits } from "@gatehouse/session-rows/messages";
import { putFiles } from "@gatehouse/session-rows";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Attachment, Channel, FromPerson } from "@gatehouse/channels";
import {
  chatFixture,
  fetchedIn,
  filesIn,
  framesOf,
  line,
  welcomed,
  type ChatFixture,
} from "@gatehouse/channels/testing";
import { startedChat, type ChatOptions, type StartedChat } from "./started-chat.fixture.ts";

type Heard = { readonly text: string; readonly files: readonly { name: string; bytes: Buffer }[] };

/** A host whose agent sends every file back. */
const returning = async (fixture: ChatFixture, fails = 0): Promise<{ channel: Channel; heard: Heard[] }> => {
  // A failed message waits until its host is closed.
  const channel = fixture.open({ retryMs: 60_000 });
  const heard: Heard[] = [];
  let left = fails;
  await channel.start(async (message) => {
    if ((left -= 1) >= 0) throw new Error("not now");
    const { attachments = [] } = message;
    heard.push({ text: message.text, files: await Promise.all(attachments.map(read)) });
    await answer(channel, message, attachments);
  });
  onTestFinished(() => channel.close());
  return { channel, heard };
};

const answer = async (
  channel: Channel,
  { id, platformId, text }: FromPerson,
  attachments: readonly Attachment[],
): Promise<void> => {
  const where = { platformId, instance: "", threadId: null, from: "Ana" };
  const sent = await channel.send({
    id: `re-${id}`,
    inReplyTo: id,
    text: `echo ${text}`,
    ...where,
    attachments,
  });
  if (!sent.ok) throw new Error(sent.error.message);
};

const read = async ({ name, content }: Attachment): Promise<{ name: string; bytes: Buffer }> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content()) chunks.push(chunk);
  return { name, bytes: Buffer.concat(chunks) };
};

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "chat-files-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

const client = (
  { socketPath }: ChatFixture,
  cwd: string,
  input: Readable,
  more: ChatOptions = {},
): StartedChat => startedChat(socketPath, input, { cwd, ...more });

// It starts several clients, and CI runs it at low priority.
test(
  "--attach sends files of any content with the first line; answers give the paths of their files",
  { timeout: 120_000 },
  async () => {
    const fixture = await chatFixture();
    const { heard } = await returning(fixture);
    const cwd = folder();
    const large = Buffer.alloc(700_000, "0123456789\0\n");
    writeFileSync(join(cwd, "large.bin"), large);
    writeFileSync(join(cwd, "empty"), "");
    const talk = client(fixture, cwd, Readable.from(["one\ntwo\n"]), {
      attach: ["large.bin", "empty"],
      isJson: true,
    });
    expect(await talk.exitCode).toBe(0);
    expect(heard).toEqual([
      {
        text: "one",
        files: [
          { name: "large.bin", bytes: large },
          { name: "empty", bytes: Buffer.alloc(0) },
        ],
      },
      { text: "two", files: [] },
    ]);
    const [one, two] = talk
      .out()
      .trim()
      .split("\n")
      .map((text) => JSON.parse(text) as { files?: { path: string }[] });
    expect(one?.files).toMatchObject([
      { name: "large.bin", size: 700_000 },
      { name: "empty", size: 0 },
    ]);
    expect(readFileSync(one?.files?.[0]?.path ?? "").equals(large)).toBe(true);
    expect(two).not.toHaveProperty("files");
    await vi.waitFor(async () => expect(await filesIn(fixture, "chat-in")).toEqual([]));
  },
);

test("--save never overwrites a file, leaves no partial file, and prints each path", async () => {
  const fixture = await chatFixture();
  await returning(fixture);
  const cwd = folder();
  const saved = folder();
  writeFileSync(join(cwd, "a.txt"), "new");
  writeFileSync(join(saved, "a.txt"), "old");
  const talk = client(fixture, cwd, Readable.from(["one\n"]), { attach: ["a.txt"], saveDir: saved });
  expect(await talk.exitCode).toBe(0);
  expect(readdirSync(saved).toSorted()).toEqual(["2-a.txt", "a.txt"]);
  expect(["2-a.txt", "a.txt"].map((name) => readFileSync(join(saved, name), "utf8"))).toEqual(["new", "old"]);
  await vi.waitFor(async () => expect(await fetchedIn(fixture)).toHaveLength(1));
  expect([talk.out(), talk.err()]).toEqual([
    "echo one\n",
    `│ file a.txt (3 bytes): ${join(saved, "2-a.txt")}\n`,
  ]);
});

test("a file that cannot be saved stays in its place, and the client fails", async () => {
  const fixture = await chatFixture();
  await returning(fixture);
  const cwd = folder();
  writeFileSync(join(cwd, "a.txt"), "new");
  const saveDir = folder();
  const withoutFolder = function* () {
    rmSync(saveDir, { recursive: true });
    yield "one\n";
  };
  const talk = client(fixture, cwd, Readable.from(withoutFolder()), { attach: ["a.txt"], saveDir });
  expect(await talk.exitCode).toBe(1);
  expect(await fetchedIn(fixture)).toEqual([]);
  expect(talk.out()).toBe("echo one\n");
  expect(talk.err()).toMatch(
    /^│ file a\.txt \(3 bytes\): .*re-.*a\.txt; it cannot be saved in .* \(ENOENT\)\n$/,
  );
});

test.each([
  { what: "a missing file", attach: ["missing"], says: /missing cannot be read \(ENOENT\)/ },
  { what: "a folder", attach: ["."], says: /not a plain file/ },
  {
    what: "one that is too large",
    attach: ["huge"],
    says: /has 20971521 bytes, and a file has at most 20971520 \(20 MB\)/,
  },
  { what: "too many", attach: Array.from({ length: 11 }, () => "small"), says: /at most 10 files/ },
])("$what is refused before anything is sent", async ({ attach, says }) => {
  const fixture = await chatFixture();
  const { heard } = await returning(fixture);
  const cwd = folder();
  writeFileSync(join(cwd, "small"), "x");
  writeFileSync(join(cwd, "huge"), "");
  truncateSync(join(cwd, "huge"), attachmentLimits.bytes + 1);
  const talk = client(fixture, cwd, Readable.from(["one\n"]), { attach });
  expect(await talk.exitCode).toBe(1);
  expect(talk.err()).toMatch(says);
  expect(heard).toEqual([]);
});

test.each([
  { what: "that is missing", name: "missing", says: /^Files cannot be saved in .*missing \(ENOENT\)\.$/m },
  { what: "that is a file", name: "a-file", says: /^Files cannot be saved in .*a-file \(ENOTDIR\)\.$/m },
])("a folder for --save $what is refused before anything is sent", async ({ name, says }) => {
  const fixture = await chatFixture();
  const { heard } = await returning(fixture);
  const cwd = folder();
  writeFileSync(join(cwd, "a-file"), "");
  const talk = client(fixture, cwd, Readable.from(["one\n"]), { saveDir: join(cwd, name) });
  expect(await talk.exitCode).toBe(1);
  expect(talk.err().replace("error: ", "")).toMatch(says);
  expect(heard).toEqual([]);
});

test("files without a line to go with make the client fail", async () => {
  const fixture = await chatFixture();
  await returning(fixture);
  const cwd = folder();
  writeFileSync(join(cwd, "a"), "x");
  const talk = client(fixture, cwd, Readable.from([]), { attach: ["a"] });
  expect(await talk.exitCode).toBe(1);
  expect(talk.err()).toMatch(/files were not sent/);
});

test("/attach at a terminal goes with the next message, confirms it, and reports errors", async () => {
  const fixture = await chatFixture();
  const { heard } = await returning(fixture);
  const cwd = folder();
  writeFileSync(join(cwd, "my notes.txt"), "x");
  const [input, terminal] = [new PassThrough(), new PassThrough()];
  let screen = "";
  terminal.setEncoding("utf8").on("data", (text: string) => (screen += text));
  const talk = client(fixture, cwd, input, { terminal });
  await vi.waitFor(() => expect(screen).toContain("local:ana"));
  input.write("/attach missing\r/attach my notes.txt\rlook\rno more\r");
  await vi.waitFor(() => expect(screen).toContain("echo no more"));
  expect(talk.err()).toMatch(/missing cannot be read \(ENOENT\)\. It was not attached\./);
  expect(talk.err()).toContain("Attached my notes.txt (1 bytes): with the next message.");
  expect(heard).toEqual([
    { text: "look", files: [{ name: "my notes.txt", bytes: Buffer.from("x") }] },
    { text: "no more", files: [] },
  ]);
  expect(screen).toMatch(/│ file my notes\.txt \(1 bytes\):\n│ .*\n│ notes\.txt/);
});

test("a host that is restarted during an upload gets the files again, once", async () => {
  const fixture = await chatFixture();
  const first = await returning(fixture, 1);
  const cwd = folder();
  writeFileSync(join(cwd, "a"), Buffer.alloc(5_000_000, "x"));
  const talk = client(fixture, cwd, Readable.from(["one\n"]), { attach: ["a"] });
  // Part of the file has arrived.
  await vi.waitFor(() => expect(readdirSync(join(fixture.filesDir, "aside"))).toHaveLength(1));
  await first.channel.close();
  const { heard } = await returning(fixture);
  expect(await talk.exitCode).toBe(0);
  expect(heard.map(({ files }) => files.map(({ bytes }) => bytes.length))).toEqual([[5_000_000]]);
});

test("a file that grows after it was attached is not sent, and the person is told", async () => {
  const fixture = await chatFixture();
  const { heard } = await returning(fixture);
  const cwd = folder();
  writeFileSync(join(cwd, "a"), "x");
  const input = new PassThrough();
  const talk = client(fixture, cwd, input, { attach: ["a"] });
  await vi.waitFor(async () =>
    expect(await fixture.central.db.selectFrom("user_dms").select("user_id").execute()).toHaveLength(1),
  );
  writeFileSync(join(cwd, "a"), "xyz");
  input.end("one\n");
  expect(await talk.exitCode).toBe(1);
  expect(talk.err()).toMatch(/a was changed after it was attached; the message was not sent/);
  expect(heard).toEqual([]);
});

test("the chunks of a file must be consecutive, stay below the limit, and be complete", async () => {
  const fixture = await chatFixture();
  const { heard } = await returning(fixture);
  const raw = await welcomed(fixture, "ana");
  const id = randomUUID();
  const chunk = (file: number, at: number, data: string): string =>
    line({ type: "chunk", id, file, at, data });
  raw.say(chunk(0, 0, "YQ=="));
  raw.say(chunk(0, 5, "YQ=="));
  raw.say(chunk(10, 0, "YQ=="));
  raw.say(line({ type: "message", id, text: "one", files: [{ name: "a", size: 2 }] }));
  await vi.waitFor(() =>
    expect(framesOf(raw, "error").map(({ code }) => code)).toEqual([
      "bad-chunk",
      "bad-chunk",
      "incomplete-file",
    ]),
  );
  raw.say(chunk(0, 1, "Yg=="));
  raw.say(line({ type: "message", id, text: "one", files: [{ name: "../a\u0007", size: 2 }] }));
  await vi.waitFor(() => expect(heard).toHaveLength(1));
  expect(heard[0]?.files).toEqual([{ name: "../a\u0007", bytes: Buffer.from("ab") }]);
  await vi.waitFor(() => expect(framesOf(raw, "message")[0]?.files).toMatchObject([{ name: "a", size: 2 }]));
});

/** Messages of Ana that name a file: one is waiting, one was routed. */
const waitingAndTaken = async (fixture: ChatFixture): Promise<readonly [string, string]> => {
  const [waiting, taken] = [randomUUID(), randomUUID()];
  const row = { platform_id: "ana", direction: "in", user_id: "local:ana", from_name: "Ana", text: "t" };
  const rest = { ...row, in_reply_to: null, card: null, failed: 0, at: new Date().toISOString() };
  const files = JSON.stringify([{ name: "a", size: 1 }]);
  await fixture.central.db
    .insertInto("local_messages")
    .values([
      { id: waiting, seq: 1, ...rest, files, routed_at: null },
      { id: taken, seq: 2, ...rest, files, routed_at: rest.at },
    ])
    .execute();
  return [waiting, taken];
};

/** A host that hands over no message, and gives none up while the test runs: that would remove its files. */
const started = async (fixture: ChatFixture): Promise<void> => {
  const channel = fixture.open({ retryMs: 60_000 });
  await channel.start(() => Promise.reject(new Error("not now")));
  onTestFinished(() => channel.close());
};

test("unneeded files of a killed host are removed; files of waiting messages stay", async () => {
  const fixture = await chatFixture();
  const [waiting, taken] = await waitingAndTaken(fixture);
  const { db } = fixture.central;
  for (const messageId of [waiting, taken])
    await putFiles(
      db,
      { sessionId: "", box: "chat-in", messageId },
      [{ name: "0", content: Buffer.from("x") }],
      { now: new Date().toISOString(), most: 10 },
    );
  await started(fixture);
  expect(await filesIn(fixture, "chat-in")).toEqual([`${waiting}/0`]);
});

test("a message with a file may arrive at one host and be answered by another", async () => {
  const fixture = await chatFixture();
  const other = { ...fixture, filesDir: join(fixture.filesDir, "of-another-host") };
  // This host stores the message, and is stopped before it hands it over.
  const first = fixture.open({ retryMs: 60_000 });
  await first.start(() => Promise.reject(new Error("not now")));
  const cwd = folder();
  writeFileSync(join(cwd, "a.txt"), "from Ana");
  const talk = client(fixture, cwd, Readable.from(["one\n"]), { attach: ["a.txt"], isJson: true });
  await vi.waitFor(async () => expect(await filesIn(fixture, "chat-in")).toHaveLength(1));
  await first.close();
  const { heard } = await returning({
    ...fixture,
    open: (more) => fixture.open({ ...more, filesDir: other.filesDir }),
  });
  expect(await talk.exitCode).toBe(0);
  expect(heard).toEqual([{ text: "one", files: [{ name: "a.txt", bytes: Buffer.from("from Ana") }] }]);
  const [answer] = JSON.parse(`[${talk.out().trim()}]`) as { files: { path: string }[] }[];
  const path = answer?.files[0]?.path ?? "";
  expect(path.startsWith(other.filesDir)).toBe(true);
  expect(readFileSync(path, "utf8")).toBe("from Ana");
});
