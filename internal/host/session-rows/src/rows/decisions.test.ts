import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextBatch, type BatchRow } from "./batch.ts";
import { namedFiles } from "../messages/named-files.ts";
import { isFolderName, safeFileName, safeFileNames } from "../messages/safe-names.ts";
import { nextEven, nextOdd } from "./insert-messages.ts";

describe("seq", () => {
  test("the host's next number is even, the container's is odd, and each is above all earlier numbers", () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e9 }), (highest) => {
        expect([nextEven(highest) % 2, nextOdd(highest) % 2]).toEqual([0, 1]);
        expect(Math.min(nextEven(highest), nextOdd(highest))).toBeGreaterThan(highest);
        expect(Math.max(nextEven(highest), nextOdd(highest))).toBeLessThanOrEqual(highest + 2);
      }),
    );
  });

  test.each([
    { highest: 0, even: 2, odd: 1 },
    { highest: 1, even: 2, odd: 3 },
    { highest: 2, even: 4, odd: 3 },
  ])("after $highest come $even and $odd", ({ highest, even, odd }) => {
    expect([nextEven(highest), nextOdd(highest)]).toEqual([even, odd]);
  });
});

describe("nextBatch", () => {
  const rows = fc.uniqueArray(
    fc.record({ seq: fc.integer({ min: 1, max: 200 }), trigger: fc.boolean(), onWake: fc.boolean() }),
    { selector: ({ seq }) => seq, maxLength: 40 },
  );
  const seqs = (of: readonly BatchRow[]): readonly number[] => of.map(({ seq }) => seq);

  test("takes all notes first, then the oldest triggers, then the newest context, and nothing without a trigger", () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 12 }), (all, limit) => {
        const batch = nextBatch(all, limit);
        const bySeq = all.toSorted((a, b) => a.seq - b.seq);
        const notes = bySeq.filter(({ onWake }) => onWake);
        const triggers = bySeq.filter(({ onWake, trigger }) => trigger && !onWake);
        const context = bySeq.filter(({ onWake, trigger }) => !trigger && !onWake);
        if (!batch.some(({ trigger }) => trigger)) {
          expect(batch).toEqual([]);
          expect(triggers.length === 0 || notes.length >= limit).toBe(true);
          return;
        }
        expect(batch.slice(0, notes.length)).toEqual(notes);
        const rest = batch.slice(notes.length);
        expect(seqs(rest)).toEqual(seqs(rest).toSorted((a, b) => a - b));
        const received = rest.filter(({ trigger }) => trigger);
        const along = rest.filter(({ trigger }) => !trigger);
        expect(received).toEqual(triggers.slice(0, received.length));
        expect(along).toEqual(context.slice(context.length - along.length));
        // Every place is used while a message waits for one, and context takes no place from a trigger.
        const places = Math.max(0, limit - notes.length);
        expect(rest.length).toBe(Math.min(places, triggers.length + context.length));
        expect(received.length).toBe(Math.min(places, triggers.length));
      }),
    );
  });

  test("accepts rows in any order", () => {
    fc.assert(
      fc.property(rows, (all) => {
        expect(nextBatch(all.toReversed(), 5)).toEqual(nextBatch(all, 5));
      }),
    );
  });
});

describe("safe names", () => {
  test.each([
    ["../../x", "x"],
    ["..\\..\\x.png", "x.png"],
    ["/etc/passwd", "passwd"],
    ["a b (1).pdf", "a b (1).pdf"],
    [".ssh", "ssh"],
    ["..", "file"],
    ["", "file"],
    ["x/", "file"],
    ["a\u0000b\n\u202Ec.txt", "abc.txt"],
    ["фото.jpg", "фото.jpg"],
  ])("%j becomes %j", (name, safe) => {
    expect(safeFileName(name)).toBe(safe);
  });

  test("a safe name is one part of a path, stays the same when made safe again, and fits into a file system", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (name) => {
        const safe = safeFileName(name);
        expect(safe).not.toMatch(/[/\\\0]|^\.|^$/);
        expect(safeFileName(safe)).toBe(safe);
        expect(new TextEncoder().encode(safe).length).toBeLessThanOrEqual(200);
      }),
    );
  });

  test("a long name keeps its end", () => {
    expect(safeFileName(`${"x".repeat(300)}.tar.gz`)).toMatch(/^x+\.tar\.gz$/);
  });

  test("two attachments with one name are two files", () => {
    expect(safeFileNames(["a.txt", "../a.txt", "A.TXT", "2-a.txt"])).toEqual([
      ...["a.txt", "2-a.txt", "3-A.TXT", "2-2-a.txt"],
    ]);
  });

  test.each([
    ["0b9d-4f", true],
    ["re-0b9d", true],
    ["cli-1.2:3@x_y", true],
    ["..", false],
    [".hidden", false],
    ["a/b", false],
    ["a\\b", false],
    ["", false],
    ["a b", false],
    ["x".repeat(201), false],
  ])("%j as a folder's name: %s", (id, expected) => {
    expect(isFolderName(id)).toBe(expected);
  });
});

describe("namedFiles", () => {
  test("returns the files that a message's content names, and leaves out other entries", () => {
    const attachments = [
      { name: "a", size: 3 },
      { name: "b", problem: "it is gone" },
      {},
      "c",
      null,
      { name: "" },
    ];
    expect(namedFiles({ text: "x", attachments })).toEqual([
      { name: "a", size: 3, problem: null },
      { name: "b", size: null, problem: "it is gone" },
    ]);
    for (const content of [null, "x", [], {}, { attachments: {} }]) expect(namedFiles(content)).toEqual([]);
  });
});
