// @module-tag rest
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { installCodex, makeBed, type Bed } from "@gatehouse/test-kit";
import {
  askWrite,
  readConfig,
  trustFolder,
  type CodexAnswer,
  type CodexRequest,
} from "../../control/codex-protocol.ts";
import { codexProtocol } from "./confirm-codex.ts";
import { openControlChannel, type Asked, type ControlChannel, type Question } from "./control-channel.ts";

const slow = { tags: ["slow"] };
const real = process.env["GATEHOUSE_TEST_CODEX"];
const whyNot = real !== undefined && existsSync(real) ? null : "GATEHOUSE_TEST_CODEX names no real Codex";

/** The fake and the real CLI must behave alike, or the other tests prove nothing. */
const clis = [
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

type CodexChannel = ControlChannel<CodexRequest, CodexAnswer>;

const open = async (bed: Bed, file: string): Promise<CodexChannel> => {
  const program = {
    file,
    env: bed.request([]).env,
    cwd: bed.folder("neutral"),
    redact: (text: string) => text,
  };
  const channel = openControlChannel<CodexRequest, CodexAnswer>(
    { ...program, ...codexProtocol },
    new AbortController().signal,
  );
  onTestFinished(() => channel.kill());
  expect(await codexProtocol.checkSupport(channel, { real: "/", timeoutMs })).toEqual({
    ok: true,
    value: "supported",
  });
  return channel;
};

const ask = (
  channel: CodexChannel,
  request: Question<CodexRequest>["request"],
): Promise<Asked<CodexAnswer>> => channel.ask({ request, timeoutMs });

const versionOf = async (channel: CodexChannel): Promise<string> => {
  const asked = await ask(channel, readConfig);
  return asked.ok && asked.value.status === "ok" ? (asked.value.version ?? "") : "";
};

describe.each(clis)("$name, as an app-server", ({ cli, whyNot: reason }) => {
  test("writes one entry, keeps the rest, and ends when its input closes", slow, async ({ skip }) => {
    skip(reason !== null, reason ?? "");
    const bed = makeBed();
    const kept = `# by hand\nmodel   = "o3"\n\n[projects."/w/no"]\ntrust_level = "untrusted"\n`;
    write(bed, kept);
    const [channel, folder] = [await open(bed, cli(bed)), bed.folder(`it's "a".b é`)];
    const version = await versionOf(channel);
    expect(version).toMatch(/^sha256:/);
    expect(configIn(bed)).toBe(kept);
    expect(await ask(channel, (id) => trustFolder(id, folder, version))).toMatchObject({
      value: { status: "ok" },
    });
    const after = configIn(bed);
    expect(after).toContain(`[projects."/w/no"]\ntrust_level = "untrusted"\n`);
    expect(after).toContain(`# by hand\nmodel   = "o3"\n`);
    expect(after.match(/trust_level = "trusted"/g)).toHaveLength(1);
    expect(await versionOf(channel)).not.toBe(version);
    expect(await channel.closeInput(20_000)).toBe(true);
  });

  test("writes nothing if config.toml changed since its version was read", slow, async ({ skip }) => {
    skip(reason !== null, reason ?? "");
    const bed = makeBed();
    const [channel, folder] = [await open(bed, cli(bed)), bed.folder("project")];
    const version = await versionOf(channel);
    const text = `[projects.${JSON.stringify(folder)}]\ntrust_level = "untrusted"\n`;
    write(bed, text);
    expect(await ask(channel, (id) => trustFolder(id, folder, version))).toEqual({
      ok: true,
      value: { status: "conflict" },
    });
    expect(configIn(bed)).toBe(text);
  });

  test("reports unknown requests, and keeps answering", slow, async ({ skip }) => {
    skip(reason !== null, reason ?? "");
    const bed = makeBed();
    const channel = await open(bed, cli(bed));
    const unknown = await ask(channel, (id) => ({ id, method: "gatehouse/unknown" as "initialize" }));
    expect(unknown).toEqual({ ok: true, value: { status: "unsupported" } });
    expect(await ask(channel, askWrite)).toMatchObject({
      value: { status: "refused", detail: expect.stringContaining("missing field `edits`") as unknown },
    });
    expect(configIn(bed)).toBe("");
  });
});
