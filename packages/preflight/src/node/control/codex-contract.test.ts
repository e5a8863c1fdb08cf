import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { installCodex, makeBed, type Bed } from "@gatehouse/test-kit";
import type { CodexAnswer } from "../../control/codex-answer.ts";
import { askWrite, readConfig, trustFolder, type CodexRequest } from "../../control/codex-messages.ts";
import { codexSpeech } from "./codex-control.ts";
import { openDoor, type Asked, type Door, type Question } from "./door.ts";

const slow = { tags: ["slow"] };
const real = process.env["GATEHOUSE_TEST_CODEX"];
const whyNot = real !== undefined && existsSync(real) ? null : "GATEHOUSE_TEST_CODEX names no real Codex";

/** The fake and the real CLI must behave alike, or the other tests prove nothing. */
const doors = [
  { name: "the fake", cli: (bed: Bed) => installCodex(bed).path, whyNot: null },
  { name: "the real Codex", cli: () => real ?? "", whyNot },
] as const;

const timeoutMs = 60_000;
const configOf = ({ home }: Bed): string => join(home, ".codex", "config.toml");
const configIn = (bed: Bed): string => (existsSync(configOf(bed)) ? readFileSync(configOf(bed), "utf8") : "");
const write = (bed: Bed, text: string): void => {
  mkdirSync(dirname(configOf(bed)), { recursive: true });
  writeFileSync(configOf(bed), text);
};

type CodexDoor = Door<CodexRequest, CodexAnswer>;

const open = async (bed: Bed, file: string): Promise<CodexDoor> => {
  const program = {
    file,
    env: bed.request([]).env,
    cwd: bed.folder("neutral"),
    redact: (text: string) => text,
  };
  const door = openDoor<CodexRequest, CodexAnswer>(
    { ...program, ...codexSpeech },
    new AbortController().signal,
  );
  onTestFinished(() => door.kill());
  expect(await codexSpeech.greet(door, { real: "/", timeoutMs })).toEqual({ ok: true, value: "supported" });
  return door;
};

const ask = (door: CodexDoor, request: Question<CodexRequest>["request"]): Promise<Asked<CodexAnswer>> =>
  door.ask({ request, timeoutMs });

const versionOf = async (door: CodexDoor): Promise<string> => {
  const asked = await ask(door, readConfig);
  return asked.ok && asked.value.status === "ok" ? (asked.value.version ?? "") : "";
};

describe.each(doors)("$name, as an app-server", ({ cli, whyNot: reason }) => {
  test("writes one entry, keeps the rest, and ends with its input", slow, async ({ skip }) => {
    skip(reason !== null, reason ?? "");
    const bed = makeBed();
    const kept = `# by hand\nmodel   = "o3"\n\n[projects."/w/no"]\ntrust_level = "untrusted"\n`;
    write(bed, kept);
    const [door, folder] = [await open(bed, cli(bed)), bed.folder(`it's "a".b é`)];
    const version = await versionOf(door);
    expect(version).toMatch(/^sha256:/);
    expect(configIn(bed)).toBe(kept);
    expect(await ask(door, (id) => trustFolder(id, folder, version))).toMatchObject({
      value: { status: "ok" },
    });
    const after = configIn(bed);
    expect(after).toContain(`[projects."/w/no"]\ntrust_level = "untrusted"\n`);
    expect(after).toContain(`# by hand\nmodel   = "o3"\n`);
    expect(after.match(/trust_level = "trusted"/g)).toHaveLength(1);
    expect(await versionOf(door)).not.toBe(version);
    expect(await door.hangUp(20_000)).toBe(true);
  });

  test("writes nothing if config.toml changed since its version was read", slow, async ({ skip }) => {
    skip(reason !== null, reason ?? "");
    const bed = makeBed();
    const [door, folder] = [await open(bed, cli(bed)), bed.folder("project")];
    const version = await versionOf(door);
    const text = `[projects.${JSON.stringify(folder)}]\ntrust_level = "untrusted"\n`;
    write(bed, text);
    expect(await ask(door, (id) => trustFolder(id, folder, version))).toEqual({
      ok: true,
      value: { status: "conflict" },
    });
    expect(configIn(bed)).toBe(text);
  });

  test("says which requests it does not know, and stays to answer", slow, async ({ skip }) => {
    skip(reason !== null, reason ?? "");
    const bed = makeBed();
    const door = await open(bed, cli(bed));
    const unknown = await ask(door, (id) => ({ id, method: "gatehouse/unknown" as "initialize" }));
    expect(unknown).toEqual({ ok: true, value: { status: "unsupported" } });
    expect(await ask(door, askWrite)).toMatchObject({
      value: { status: "refused", detail: expect.stringContaining("missing field `edits`") as unknown },
    });
    expect(configIn(bed)).toBe("");
  });
});
