import { mkdtemp, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { configChange } from "../config-change.ts";
import { snapshotConfig } from "./config-sentinel.ts";

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "config-sentinel-"));
  file = join(folder, "config.toml");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const snapshot = async () => {
  const result = await snapshotConfig(file);
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
};
const config = 'model = "x"\nn = 1\nwhen = 1979-05-27\n[projects."/a"]\ntrust_level = "trusted"\n';
const trust = "codex_config_changed_during_trust_override";

describe("two snapshots show", () => {
  test.each([
    {
      what: "a folder that Codex added",
      after: `${config}[projects."/b"]\ntrust_level = "trusted"\n`,
      code: trust,
      changed: ['projects."/b"'],
    },
    {
      what: "a folder that changed",
      after: config.replace('"trusted"', '"untrusted"'),
      code: trust,
      changed: ['projects."/a"'],
    },
    {
      what: "another key that changed",
      after: config.replace("n = 1", "n = 2"),
      code: "config-changed-elsewhere",
      changed: ["n"],
    },
    {
      what: "the key that 0.169.0 writes at its first start",
      after: `${config}[tui]\nscreen_reader_detection_done = true\n`,
      code: "config-changed-elsewhere",
      changed: ["tui"],
    },
    { what: "a comment", after: `# hello\n${config}`, code: "config-changed-elsewhere", changed: [] },
    {
      what: "a file that is nested too deep",
      after: `a${".a".repeat(10_000)} = 1`,
      code: trust,
      changed: [],
    },
    { what: "a file that is no longer TOML", after: "model = ", code: trust, changed: [] },
  ])("$what, by name", async ({ after, code, changed }) => {
    await writeFile(file, config);
    const before = await snapshot();
    await writeFile(file, after);
    expect(configChange(before, await snapshot())).toEqual({ code, file, changed, more: 0 });
  });

  test("that a file was created, and that it was removed", async () => {
    const none = await snapshot();
    await writeFile(file, config);
    const some = await snapshot();
    await rm(file);
    expect(configChange(none, some)).toMatchObject({ code: trust });
    expect(configChange(some, await snapshot())).toMatchObject({ code: trust });
    expect(configChange(none, await snapshot())).toBe(null);
  });

  test("that a file was replaced by the same content, or got a new time", async () => {
    await writeFile(file, config);
    const before = await snapshot();
    await writeFile(`${file}.new`, config);
    await rename(`${file}.new`, file);
    const renamed = await snapshot();
    expect(configChange(before, renamed)).toMatchObject({ code: "config-changed-elsewhere", changed: [] });
    await utimes(file, 1, 1);
    expect(configChange(renamed, await snapshot())).toMatchObject({ changed: [] });
  });

  test("no change if the file was not written", async () => {
    await writeFile(file, config);
    expect(configChange(await snapshot(), await snapshot())).toBe(null);
  });
});

test("a snapshot contains no value of the file", async () => {
  await writeFile(file, `api_key = "sk-secret"\n${config}[mcp_servers.x.env]\nTOKEN = "s3cret"\n`);
  const { keys, ...rest } = await snapshot();
  const kept = JSON.stringify([...(keys ?? []), rest]);
  expect([...(keys ?? [])].map(([key]) => key)).toEqual([
    "api_key",
    "model",
    "n",
    "when",
    'projects."/a"',
    "mcp_servers",
  ]);
  expect(kept).not.toMatch(/sk-secret|s3cret|TOKEN/);
});
