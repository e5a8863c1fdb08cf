import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readInstallSettings } from "./install-settings.ts";

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "nanoclaw-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
};

const read = async (text: string) => {
  const made = folder();
  writeFileSync(join(made, ".env"), text);
  return readInstallSettings(made);
};

describe("readInstallSettings", () => {
  test.each([
    { what: "no line", text: "ANTHROPIC_API_KEY=s3cret\n", timezone: undefined, says: [] },
    { what: "an empty value", text: "TZ=\nDEFAULT_AGENT_PROVIDER=", timezone: undefined, says: [] },
    {
      what: "a timezone",
      text: "A=b\n TZ=Europe/Berlin \r\n",
      timezone: "Europe/Berlin",
      says: ["Europe/Berlin"],
    },
    { what: "one in quotes", text: 'TZ="europe/berlin"', timezone: "Europe/Berlin", says: ["Europe/Berlin"] },
    {
      what: "two: the last counts",
      text: "TZ=UTC\nTZ=Asia/Tokyo",
      timezone: "Asia/Tokyo",
      says: ["Asia/Tokyo"],
    },
    { what: "another variable", text: "MY_TZ=UTC\n#TZ=UTC", timezone: undefined, says: [] },
    { what: "no timezone", text: "TZ=s3cret", timezone: undefined, says: ["it is no timezone"] },
    {
      what: "a provider",
      text: "DEFAULT_AGENT_PROVIDER=Codex",
      timezone: undefined,
      says: ["--provider codex."],
    },
    {
      what: "a provider that there is not",
      text: "DEFAULT_AGENT_PROVIDER=s3cret",
      timezone: undefined,
      says: ["--provider PROVIDER."],
    },
  ])("of $what", async ({ text, timezone, says }) => {
    const { defaults, sentences } = await read(text);
    expect(defaults).toEqual(timezone === undefined ? {} : { timezone });
    expect(sentences).toEqual(says.map((part) => expect.stringContaining(part) as unknown));
    expect(sentences.join()).not.toContain("s3cret");
  });

  test("is nothing without a file, and is told of one that cannot be read", async () => {
    expect(await readInstallSettings(folder())).toEqual({ defaults: {}, sentences: [] });
    const spoilt = folder();
    mkdirSync(join(spoilt, ".env"));
    expect((await readInstallSettings(spoilt)).sentences).toEqual([
      expect.stringContaining("cannot be read"),
    ]);
  });
});
