import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DriveEvent } from "../drive/drive-types.ts";
import { createRecorder, formatCast, parseCast, type Cast, type CastEvent } from "./recording.ts";

const output = (at: number, data: string): DriveEvent => ({ type: "output", at, data });

describe("createRecorder", () => {
  test("writes output, keys and decisions as asciicast v2", () => {
    const recorder = createRecorder({ columns: 80, rows: 24, title: "claude" });
    recorder.record(output(12.4, "hi"));
    recorder.record({ type: "dialog", at: 13, dialog: "claude/trust" });
    recorder.record({
      type: "key",
      at: 220,
      key: "down",
      data: "\x1b[B",
      dialog: "claude/trust",
      why: "towards",
    });
    expect(formatCast(recorder.cast())).toBe(
      [
        '{"version":2,"width":80,"height":24,"title":"claude","env":{"TERM":"xterm-256color"}}',
        '[0.012,"o","hi"]',
        '[0.013,"m","dialog claude/trust"]',
        '[0.22,"i","\\u001b[B"]',
        "",
      ].join("\n"),
    );
  });

  test("keeps a limited amount of output, marks the cut, and keeps every key", () => {
    const recorder = createRecorder({}, 10);
    for (let piece = 0; piece < 5; piece += 1) recorder.record(output(piece, "12345678"));
    recorder.record({ type: "key", at: 9, key: "enter", data: "\r", dialog: "claude/trust", why: "" });
    expect(recorder.cast().events.map(([, kind, data]) => `${kind} ${data}`)).toEqual([
      "o 12345678",
      "o 12345678",
      "m the rest of the output is left out",
      "i \r",
    ]);
  });
});

describe("createRecorder and a program that never stops asking", () => {
  test("keeps terminal replies up to the limit of the output", () => {
    const recorder = createRecorder({}, 40);
    for (let at = 0; at < 9; at += 1) recorder.record({ type: "reply", at, data: "\x1b[1;1R" });
    expect(recorder.cast().events.map(([, kind]) => kind)).toEqual(["m", "m", "m"]);
  });
});

describe("parseCast", () => {
  const event = fc.tuple(
    fc
      .double({ min: 0, max: 1e6, noNaN: true, noDefaultInfinity: true })
      .map((seconds) => (seconds === 0 ? 0 : seconds)),
    fc.constantFrom("o" as const, "i" as const, "m" as const),
    fc.string({ unit: "binary" }),
  );

  test("reads back any written output", () => {
    fc.assert(
      fc.property(fc.array(event), (events: CastEvent[]) => {
        const cast: Cast = { header: { version: 2, width: 120, height: 40 }, events };
        expect(parseCast(formatCast(cast))).toEqual({ ok: true, value: cast });
      }),
    );
  });

  test("reads the valid fields of a header and skips the others", () => {
    const whole = {
      version: 2,
      width: 80,
      height: 24,
      timestamp: 1_700_000_000,
      title: "t",
      command: "c",
      env: { SHELL: "/bin/sh" },
    };
    const headerIn = (header: object): unknown => {
      const cast = parseCast(JSON.stringify(header));
      return cast.ok ? cast.value.header : cast.error;
    };
    expect(headerIn(whole)).toEqual(whole);
    const odd = {
      timestamp: "now",
      title: null,
      command: ["c"],
      env: { SHELL: 1, TERM: "xterm" },
      theme: {},
    };
    expect(headerIn({ ...whole, ...odd })).toEqual({
      version: 2,
      width: 80,
      height: 24,
      env: { TERM: "xterm" },
    });
  });

  test("skips event kinds of other recorders", () => {
    const parsed = parseCast('{"version":2,"width":80,"height":24}\n[0,"r","100x30"]\n[1,"o","x"]\n');
    expect(parsed).toMatchObject({ ok: true, value: { events: [[1, "o", "x"]] } });
  });

  test.each([
    { title: "an empty file", text: "", line: 1 },
    { title: "no JSON", text: "hello", line: 1 },
    { title: "version 1", text: '{"version":1,"width":80,"height":24}', line: 1 },
    { title: "a size that no terminal has", text: '{"version":2,"width":0,"height":24}', line: 1 },
    { title: "a line cut off", text: '{"version":2,"width":80,"height":24}\n[0,"o","x', line: 2 },
    { title: "an event without text", text: '{"version":2,"width":80,"height":24}\n[0,"o"]', line: 2 },
  ])("refuses $title and names the line", ({ text, line }) => {
    expect(parseCast(text)).toMatchObject({ ok: false, error: { code: "invalid-cast", line } });
  });
});
