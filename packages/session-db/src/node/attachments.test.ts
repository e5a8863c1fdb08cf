import {
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import type { AttachmentPlace } from "./attachment-place.ts";
import {
  clearAttachments,
  findAttachment,
  hasAttachments,
  removeAttachments,
  writeAttachments,
} from "./attachments.ts";
import { readAttachment } from "./read-attachment.fixture.ts";
import { shareFolder } from "./share-folder.ts";

const must = <T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false }): T => {
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.value;
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const made = async () => {
  const base = mkdtempSync(join(tmpdir(), "attachments-"));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const folder = join(base, "session");
  must(shareFolder(folder, null));
  const outside = join(folder, "..", "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "secret"), "secret");
  const place = (box: AttachmentPlace["box"], messageId = "m"): AttachmentPlace => ({
    folder,
    box,
    messageId,
  });
  return { folder, outside, place };
};

describe("attachments", () => {
  test("are files of their message, read by the other side, and removed", async () => {
    const { folder, place } = await made();
    const files = [
      { name: "a.txt", content: bytes("one") },
      { name: "a.txt", content: bytes("two") },
    ];
    expect(await writeAttachments(place("inbox"), files)).toEqual({ ok: true, value: ["a.txt", "2-a.txt"] });
    expect(readFileSync(join(folder, "in/inbox/m/2-a.txt"), "utf8")).toBe("two");
    const read = await readAttachment(place("inbox"), "a.txt", 3);
    expect(read.ok && new TextDecoder().decode(read.value)).toBe("one");
    expect(await removeAttachments(place("inbox"))).toEqual({ ok: true, value: null });
    expect(readdirSync(join(folder, "in/inbox"))).toEqual([]);
    expect(await removeAttachments(place("inbox"))).toEqual({ ok: true, value: null });
  });

  test("sent again, the first content stays", async () => {
    const { folder, place } = await made();
    for (const text of ["first", "second"])
      await writeAttachments(place("inbox"), [{ name: "a", content: bytes(text) }]);
    expect(readFileSync(join(folder, "in/inbox/m/a"), "utf8")).toBe("first");
  });

  test("case 13: one named ../../x lands in its folder under a safe name", async () => {
    const { folder, place } = await made();
    const written = await writeAttachments(place("inbox"), [{ name: "../../x", content: bytes("x") }]);
    expect(written).toEqual({ ok: true, value: ["x"] });
    expect(readdirSync(join(folder, "in/inbox/m"))).toEqual(["x"]);
    expect(readdirSync(join(folder, "in")).toSorted()).toEqual(["inbox"]);
  });

  test.each([
    { what: "in/inbox", plant: (folder: string, to: string) => symlinkSync(to, join(folder, "in/inbox")) },
    {
      what: "in/inbox/m",
      plant: (folder: string, to: string) => {
        mkdirSync(join(folder, "in/inbox"));
        symlinkSync(to, join(folder, "in/inbox/m"));
      },
    },
    {
      what: "the file itself",
      plant: (folder: string, to: string) => {
        mkdirSync(join(folder, "in/inbox/m"), { recursive: true });
        symlinkSync(join(to, "new"), join(folder, "in/inbox/m/new"));
      },
    },
    {
      what: "a second name of the file",
      plant: (folder: string, to: string) => {
        mkdirSync(join(folder, "in/inbox/m"), { recursive: true });
        linkSync(join(to, "secret"), join(folder, "in/inbox/m/new"));
      },
    },
  ])("case 14: where $what is a link, nothing is written through it", async ({ plant }) => {
    const { folder, outside, place } = await made();
    plant(folder, outside);
    const written = await writeAttachments(place("inbox"), [{ name: "new", content: bytes("x") }]);
    expect(written).toMatchObject({ ok: false, error: { code: "unsafe-place" } });
    expect(readdirSync(outside)).toEqual(["secret"]);
    expect(readFileSync(join(outside, "secret"), "utf8")).toBe("secret");
  });

  test.each(["../m", "a/b", "..", "/m", ""])(
    "case 15: for the id %j nothing is written, read or removed",
    async (id) => {
      const { folder, place } = await made();
      const unsafe = { ok: false, error: { code: "unsafe-id" } };
      expect(await writeAttachments(place("inbox", id), [{ name: "x", content: bytes("x") }])).toMatchObject(
        unsafe,
      );
      expect(await readAttachment(place("outbox", id), "x", 10)).toMatchObject(unsafe);
      expect(await removeAttachments(place("outbox", id))).toMatchObject(unsafe);
      expect([readdirSync(join(folder, "in")), readdirSync(join(folder, "out"))]).toEqual([[], []]);
    },
  );

  test("case 15: a plain id still works", async () => {
    const { place } = await made();
    const written = await writeAttachments(place("inbox", "re-0b9d:1"), [{ name: "x", content: bytes("x") }]);
    expect(written).toEqual({ ok: true, value: ["x"] });
  });

  test.each(["../secret", "/etc/hostname", "..", ".hidden", "a\\b"])(
    "case 16: the name %j is not read",
    async (name) => {
      const { place } = await made();
      expect(await readAttachment(place("outbox"), name, 100)).toMatchObject({
        ok: false,
        error: { code: "unsafe-name" },
      });
    },
  );

  test("case 16: a link that leads out is not read, and removing its folder leaves the target", async () => {
    const { folder, outside, place } = await made();
    mkdirSync(join(folder, "out/outbox/m"), { recursive: true });
    symlinkSync(join(outside, "secret"), join(folder, "out/outbox/m/file"));
    linkSync(join(outside, "secret"), join(folder, "out/outbox/m/twice"));
    symlinkSync(outside, join(folder, "out/outbox/n"));
    for (const [id, name] of [
      ["m", "file"],
      ["m", "twice"],
      ["n", "secret"],
    ] as const)
      expect(await readAttachment(place("outbox", id), name, 100)).toMatchObject({
        ok: false,
        error: { code: "unsafe-place" },
      });
    expect(await removeAttachments(place("outbox", "n"))).toMatchObject({ error: { code: "unsafe-place" } });
    expect(await removeAttachments(place("outbox"))).toEqual({ ok: true, value: null });
    expect(lstatSync(join(outside, "secret")).isFile()).toBe(true);
  });

  test("one that is too large, or missing, is not read", async () => {
    const { place } = await made();
    await writeAttachments(place("outbox"), [{ name: "x", content: bytes("four") }]);
    const tooLarge = await readAttachment(place("outbox"), "x", 3);
    expect(tooLarge).toMatchObject({ ok: false, error: { code: "too-large" } });
    const missing = await readAttachment(place("outbox"), "y", 3);
    expect(missing).toMatchObject({ ok: false, error: { code: "missing" } });
  });

  test("are whole or not there: what a killed writer left of one is in nobody's way", async () => {
    const { folder, place } = await made();
    const torn = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes("half");
      throw new Error("killed");
    };
    const writing = writeAttachments(place("inbox"), [{ name: "a", content: torn() }]);
    await expect(writing).rejects.toThrow("killed");
    expect(await findAttachment(place("inbox"), "a", 10)).toMatchObject({ error: { code: "missing" } });
    await writeAttachments(place("inbox"), [{ name: "a", content: bytes("whole") }]);
    expect(readdirSync(join(folder, "in/inbox/m"))).toEqual(["a"]);
    expect(readFileSync(join(folder, "in/inbox/m/a"), "utf8")).toBe("whole");
  });

  test("two hosts that write the same one leave it whole, and both know of it", async () => {
    const { folder, place } = await made();
    let go = (): void => undefined;
    const waits = new Promise<void>((resolve) => (go = resolve));
    const content = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes("ha");
      await waits;
      yield bytes("lf");
    };
    const slow = writeAttachments(place("inbox"), [{ name: "a", content: content() }]);
    const done = { ok: true, value: ["a"] };
    expect(await writeAttachments(place("inbox"), [{ name: "a", content: bytes("half") }])).toEqual(done);
    go();
    expect(await slow).toEqual(done);
    expect(readdirSync(join(folder, "in/inbox/m"))).toEqual(["a"]);
    expect(readFileSync(join(folder, "in/inbox/m/a"), "utf8")).toBe("half");
  });

  test("what a killed writer left beside one is removed by a later one", async () => {
    const { folder, place } = await made();
    must(await writeAttachments(place("inbox"), [{ name: "a", content: bytes("one") }]));
    const left = join(folder, "in/inbox/m/.part-left");
    writeFileSync(left, "half");
    utimesSync(left, 1, 1);
    must(await writeAttachments(place("inbox"), [{ name: "b", content: bytes("two") }]));
    expect(readdirSync(join(folder, "in/inbox/m")).toSorted()).toEqual(["a", "b"]);
  });

  test.runIf(process.getuid?.() === 0)("one of another account is not read", async () => {
    const { folder, place } = await made();
    must(await writeAttachments(place("outbox"), [{ name: "a", content: bytes("one") }]));
    chownSync(join(folder, "out/outbox/m/a"), 54321, 54321);
    const found = await findAttachment(place("outbox"), "a", 10);
    expect(found).toMatchObject({ ok: false, error: { code: "unsafe-place" } });
  });

  test("one that its writer changes after the look is not given away", async () => {
    const { folder, place } = await made();
    await writeAttachments(place("outbox"), [{ name: "a", content: bytes("one") }]);
    const found = must(await findAttachment(place("outbox"), "a", 10));
    writeFileSync(join(folder, "out/outbox/m/a"), "one and more");
    await expect(found.content()[Symbol.asyncIterator]().next()).rejects.toThrow(/changed/);
  });

  test("are for both accounts of a session, whatever the umask is, and what is held for the host's alone", async () => {
    const { folder, place } = await made();
    const before = process.umask(0o077);
    onTestFinished(() => void process.umask(before));
    for (const box of ["inbox", "outbox", "held"] as const)
      must(await writeAttachments(place(box), [{ name: "a", content: bytes("one") }]));
    const modes = ["in/inbox", "in/inbox/m", "in/inbox/m/a", "out/outbox", "out/outbox/m", "held", "held/m"];
    expect(modes.map((path) => (lstatSync(join(folder, path)).mode & 0o777).toString(8))).toEqual([
      "711",
      "711",
      "644",
      "777",
      "777",
      "700",
      "700",
    ]);
  });

  test("of all messages are cleared, and a link's target stays", async () => {
    const { folder, outside, place } = await made();
    await writeAttachments(place("outbox"), [{ name: "a", content: bytes("one") }]);
    symlinkSync(outside, join(folder, "out/outbox/n"));
    expect([hasAttachments(folder, "outbox"), hasAttachments(folder, "inbox")]).toEqual([true, false]);
    expect(await clearAttachments(folder, "outbox")).toEqual({ ok: true, value: null });
    expect(hasAttachments(folder, "outbox")).toBe(false);
    expect([readdirSync(join(folder, "out/outbox")), readdirSync(outside)]).toEqual([[], ["secret"]]);
    expect(await clearAttachments(folder, "inbox")).toEqual({ ok: true, value: null });
  });
});
