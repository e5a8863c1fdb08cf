import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { CliAccount } from "./ask-cli.ts";
import { modelChecker } from "./check-model.ts";

// These programs imitate CLIs; `agent-models` of tools/compat asks real ones.

const answer = JSON.stringify({
  type: "control_response",
  response: {
    subtype: "success",
    response: { models: [{ value: "default" }, { value: "opus", displayName: "O" }] },
  },
});

type Program = { readonly program?: string; readonly limitMs?: number } & Partial<CliAccount>;

/** Creates a data folder, and a PATH folder with a program that appends its arguments to `starts`. */
const bed = (script: string | null, { program = "claude", limitMs = 20_000, ...as }: Program = {}) => {
  const root = mkdtempSync(join(tmpdir(), "models-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [bin, temporary] = [join(root, "bin"), join(root, "tmp")];
  for (const folder of [bin, temporary]) mkdirSync(folder);
  // Other accounts may enter the folder.
  chmodSync(root, 0o755);
  vi.stubEnv("TMPDIR", temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  const write = (text: string): void => {
    writeFileSync(join(bin, program), `#!/bin/sh\necho "$*" >>'${root}/starts' 2>/dev/null\n${text}\n`);
    chmodSync(join(bin, program), 0o755);
  };
  if (script !== null) write(script);
  return {
    bin,
    write,
    /** The temporary folders that remain. */
    folders: () => readdirSync(temporary),
    starts: () => readFileSync(join(root, "starts"), "utf8").trim().split("\n"),
    check: modelChecker({
      dataDir: root,
      env: { PATH: `${bin}:/usr/bin:/bin` },
      limitMs,
      ...(as.uid === undefined ? {} : { as: as as CliAccount }),
    }),
  };
};

const answers = `read line; echo '${answer}'; cat >/dev/null`;
const opus = { model: "opus", effort: null };
const known = { unknown: [], notes: [], unasked: null };

describe("modelChecker", () => {
  test("asks a CLI once for each model, and again after an update", async () => {
    const { check, starts, write } = bed(answers);
    const twice = [await check("claude", opus), await check("claude", opus)];
    expect(twice).toEqual([known, known]);
    expect(starts()).toEqual([expect.stringMatching(/--model opus$/)]);
    write(`: another size; ${answers}`);
    await check("claude", opus);
    expect(starts()).toHaveLength(2);
  });

  test.for([
    {
      what: "a missing CLI",
      script: null,
      limitMs: 20_000,
      says: /^Claude Code is not on the PATH of this host$/,
    },
    {
      what: "a CLI without an answer",
      script: "cat >/dev/null; sleep 60",
      limitMs: 1_000,
      says: /within 1 s$/,
    },
    {
      what: "a CLI that fails",
      script: "exit 3",
      limitMs: 20_000,
      says: /did not list its models/,
    },
  ])("accepts every name with $what", async ({ script, limitMs, says }) => {
    const { check } = bed(script, { limitMs });
    expect(await check("claude", opus)).toEqual({
      unknown: [],
      notes: [],
      unasked: expect.stringMatching(says) as unknown,
    });
  });

  test("does not wait for a program that the CLI started and that holds its output open", async () => {
    const { check } = bed("setsid sleep 60 & exit 3");
    expect(await check("claude", opus)).toMatchObject({
      unasked: expect.stringContaining("did not list its models"),
    });
  });

  test("asks Codex for its list, and refuses a name outside the list", async () => {
    const list = { id: 2, result: { data: [{ model: "gpt-5.5", isDefault: true }] } };
    const { check, starts } = bed(
      `while read line; do case "$line" in *model/list*) echo '${JSON.stringify(list)}';; esac; done`,
      { program: "codex" },
    );
    expect(await check("codex", { model: "gpt-5.5", effort: null })).toEqual(known);
    expect(await check("codex", { model: "gpt-55", effort: null })).toMatchObject({
      unknown: [{ field: "model", value: "gpt-55", near: "gpt-5.5" }],
    });
    expect(starts()).toEqual(["app-server", "app-server"]);
  });

  test("asks Gemini CLI for its list, and refuses a name outside the list", async () => {
    const availableModels = ["auto", "gemini-2.5-pro", "gemini-2.5-flash"].map((modelId) => ({
      modelId,
      name: modelId,
    }));
    const list = { jsonrpc: "2.0", id: 2, result: { sessionId: "s", models: { availableModels } } };
    const { check, starts } = bed(
      `while read line; do case "$line" in *session/new*) echo '${JSON.stringify(list)}';; esac; done`,
      { program: "gemini" },
    );
    expect(await check("gemini", { model: "gemini-2.5-flash", effort: null })).toEqual(known);
    for (const model of ["auto", "flash", "gemini-25-flash", "models/gemini-2.5-flash", "GEMINI-2.5-FLASH"])
      expect(await check("gemini", { model, effort: null })).toMatchObject({
        unknown: [{ field: "model", value: model, known: ["gemini-2.5-pro", "gemini-2.5-flash"] }],
      });
    expect(starts()).toContain("--acp");
  });

  test("asks Gemini CLI so that its own requests reach nobody, as those to a model do", async () => {
    const list = { id: 2, result: { models: { availableModels: [{ modelId: "g", name: "G" }] } } };
    const { check } = bed(
      `[ "$HTTPS_PROXY" = "$GOOGLE_GEMINI_BASE_URL" ] && while read line; do echo '${JSON.stringify(list)}'; done`,
      { program: "gemini" },
    );
    expect(await check("gemini", { model: "g", effort: null })).toEqual(known);
  });

  test("says nothing of an effort that the provider does not have", async () => {
    const list = { id: 2, result: { models: { availableModels: [{ modelId: "g", name: "G" }] } } };
    const { check } = bed(`while read line; do echo '${JSON.stringify(list)}'; done`, { program: "gemini" });
    expect(await check("gemini", { model: null, effort: "high" })).toEqual(known);
  });

  test("asks no CLI of a provider without a list of models", async () => {
    expect(await bed(null).check("echo", opus)).toEqual(known);
  });

  test("starts no CLI for most of 40 questions at once", async () => {
    const { check } = bed(answers);
    const names = Array.from({ length: 40 }, (_, index) => `model-${index}`);
    const checked = await Promise.all(names.map((model) => check("claude", { model, effort: null })));
    expect(checked.filter(({ unasked }) => unasked?.includes("too many questions")).length).toBeGreaterThan(
      20,
    );
  });

  const isRoot = process.getuid?.() === 0;
  test.skipIf(!isRoot)("starts the CLI as another account, in a folder of that account", async () => {
    const seen = [{ value: "default" }, { value: "$(id -u)-$(id -G)-$(stat -c %u .)", displayName: "Seen" }];
    const says = JSON.stringify({ type: "control_response", response: { response: { models: seen } } });
    const { check, folders } = bed(`read line\ncat <<END\n${says}\nEND`, { uid: 4_711, gid: 4_712 });
    expect(await check("claude", { model: "4711-4712-4711", effort: null })).toEqual(known);
    expect(folders()).toEqual([]);
  });

  test("removes the temporary folder of a question", async () => {
    const { check, folders } = bed(answers);
    await check("claude", opus);
    expect(folders()).toEqual([]);
  });
});
