import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readTrustedKeys } from "./state-file.ts";

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "trusted-keys-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const rows: readonly { what: string; state: unknown; read: unknown }[] = [
  { what: "a missing file", state: null, read: { ok: true, value: [] } },
  { what: "a file without projects", state: {}, read: { ok: true, value: [] } },
  {
    what: "keys that are trusted, beside others",
    state: {
      projects: {
        "/": { hasTrustDialogAccepted: true },
        "/a": { hasTrustDialogAccepted: true, allowedTools: [] },
        "/b": { hasTrustDialogAccepted: false },
        "/c": { hasTrustDialogAccepted: "true" },
        "/d": {},
        "/e": null,
      },
    },
    read: { ok: true, value: ["/", "/a"] },
  },
  {
    what: "projects of another shape",
    state: { projects: [] },
    read: { ok: false, error: { code: "unreadable" } },
  },
  { what: "a file without JSON", state: undefined, read: { ok: false, error: { code: "not-json" } } },
];

describe("readTrustedKeys", () => {
  test.each(rows)("of $what", async ({ state, read }) => {
    if (state !== null) await writeFile(join(home, ".claude.json"), JSON.stringify(state) ?? "{");
    expect(await readTrustedKeys({ env: {}, home })).toMatchObject(read as object);
  });

  test("of the file that CLAUDE_CONFIG_DIR names", async () => {
    await writeFile(
      join(home, ".claude.json"),
      JSON.stringify({ projects: { "/x": { hasTrustDialogAccepted: true } } }),
    );
    const context = { env: { CLAUDE_CONFIG_DIR: home }, home: "/proc/nowhere" };
    expect(await readTrustedKeys(context)).toEqual({ ok: true, value: ["/x"] });
  });
});
