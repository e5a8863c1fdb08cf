import { expect, test } from "vitest";
import { redacted } from "./launch-artifact.ts";

const redact = (text: string): string => text.replaceAll("ada", "***");

test("redacted redacts every text of an artifact and keeps its field names", () =>
  expect(redacted({ ada: [{ folder: "/home/ada", ok: false, at: 1, none: null }] }, redact)).toEqual({
    ada: [{ folder: "/home/***", ok: false, at: 1, none: null }],
  }));

test.for(["message", "fix", "question"])(
  "redacted cuts each %s at 600 characters, those of members too",
  (name) => {
    const members = [{ member: "ana", folder: "/f".repeat(400), [name]: `ada ${"x".repeat(700)}` }];
    const [kept] = redacted({ error: { [name]: "y".repeat(700) }, members }, redact).members;
    expect(kept?.[name]).toBe(`*** ${"x".repeat(596)}`);
    expect(kept?.folder).toHaveLength(800);
    expect(redacted({ error: { [name]: "y".repeat(700) } }, redact).error[name]).toHaveLength(600);
  },
);
