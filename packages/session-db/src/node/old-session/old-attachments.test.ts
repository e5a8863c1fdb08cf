import {
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { findOldFile, type OldPlace, removeOldBox } from "./old-attachments.ts";

const made = () => {
  const base = mkdtempSync(join(tmpdir(), "old-attachments-"));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const [folder, outside] = [join(base, "session"), join(base, "outside")] as const;
  mkdirSync(outside);
  writeFileSync(join(outside, "secret"), "secret");
  mkdirSync(join(folder, "in"), { recursive: true });
  mkdirSync(join(folder, "out", "outbox", "m"), { recursive: true });
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const place = (box: OldPlace["box"], messageId = "m"): OldPlace => ({ folder, box, messageId });
  return { folder, outside, place, write };
};

const read = async (place: OldPlace, name: string, maxBytes = 100) => {
  const found = await findOldFile(place, name, maxBytes);
  if (!found.ok) return found.error.code;
  const chunks: number[] = [];
  for await (const chunk of found.value.content()) chunks.push(...chunk);
  return new TextDecoder().decode(Uint8Array.from(chunks));
};

describe("files of messages in a session's folder", () => {
  test("are read", async () => {
    const { place, write } = made();
    write("in/inbox/m/a.txt", "one");
    write("out/outbox/m/a.txt", "two");
    write("held/m/a.txt", "three");
    const all = (["inbox", "outbox", "held"] as const).map((box) => read(place(box), "a.txt"));
    expect(await Promise.all(all)).toEqual(["one", "two", "three"]);
  });

  test.each(["case 15: with the id %j nothing is read", "a/b", "..", "/m", ""])(
    "case 15: for the id %j nothing is read",
    async (id) => {
      const { place } = made();
      expect(await read(place("outbox", id), "x")).toBe("unsafe-id");
    },
  );

  test.each(["../secret", "/etc/hostname", "..", ".hidden", "a\\b"])(
    "case 16: the name %j is not read",
    async (name) => {
      const { place } = made();
      expect(await read(place("outbox"), name)).toBe("unsafe-name");
    },
  );

  test("case 16: a link that leads out is not read, and the target stays when its folder is removed", async () => {
    const { folder, outside, place } = made();
    symlinkSync(join(outside, "secret"), join(folder, "out/outbox/m/file"));
    linkSync(join(outside, "secret"), join(folder, "out/outbox/m/twice"));
    symlinkSync(outside, join(folder, "out/outbox/n"));
    for (const [id, name] of [
      ["m", "file"],
      ["m", "twice"],
      ["n", "secret"],
    ] as const)
      expect(await read(place("outbox", id), name)).toBe("unsafe-place");
    expect(await removeOldBox(folder, "outbox")).toEqual({ ok: true, value: null });
    expect([readdirSync(join(folder, "out")), readdirSync(outside)]).toEqual([[], ["secret"]]);
    expect(lstatSync(join(outside, "secret")).isFile()).toBe(true);
  });

  test("a box that is a link is not followed", async () => {
    const { folder, outside, place } = made();
    mkdirSync(join(outside, "m"));
    symlinkSync(outside, join(folder, "in", "inbox"));
    expect(await read(place("inbox"), "secret")).toBe("unsafe-place");
    expect(await removeOldBox(folder, "inbox")).toMatchObject({ ok: false, error: { code: "unsafe-place" } });
    expect(readdirSync(outside).toSorted()).toEqual(["m", "secret"]);
  });

  test("a file that is too large or missing is not read; removing a missing box succeeds", async () => {
    const { folder, place, write } = made();
    write("out/outbox/m/x", "four");
    expect([await read(place("outbox"), "x", 3), await read(place("outbox"), "y")]).toEqual([
      "too-large",
      "missing",
    ]);
    expect(await removeOldBox(folder, "inbox")).toEqual({ ok: true, value: null });
  });

  test.runIf(process.getuid?.() === 0)("a file of another account is not read", async () => {
    const { folder, place, write } = made();
    write("out/outbox/m/a", "one");
    chownSync(join(folder, "out/outbox/m/a"), 54321, 54321);
    expect(await read(place("outbox"), "a")).toBe("unsafe-place");
    write("out/owner", "");
    chownSync(join(folder, "out/owner"), 54321, 54321);
    expect(await read(place("outbox"), "a"), "of the account that ran the agent").toBe("one");
  });

  test("a file that its writer changes after the check is not returned", async () => {
    const { folder, place, write } = made();
    write("out/outbox/m/a", "one");
    const found = await findOldFile(place("outbox"), "a", 10);
    if (!found.ok) expect.fail(found.error.code);
    writeFileSync(join(folder, "out/outbox/m/a"), "one and more");
    await expect(found.value.content()[Symbol.asyncIterator]().next()).rejects.toThrow(/changed/);
  });
});
