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
    {
      what: "a file without these variables",
      text: "ANTHROPIC_API_KEY=s3cret\n",
      timezone: undefined,
      says: [],
    },
    { what: "empty values", text: "TZ=\nDEFAULT_AGENT_PROVIDER=", timezone: undefined, says: [] },
    {
      what: "a timezone",
      text: "A=b\n TZ=Europe/Berlin \r\n",
      timezone: "Europe/Berlin",
      says: ["Europe/Berlin"],
    },
    {
      what: "a timezone in quotes",
      text: 'TZ="europe/berlin"',
      timezone: "Europe/Berlin",
      says: ["Europe/Berlin"],
    },
    {
      what: "two timezones, of which the last counts",
      text: "TZ=UTC\nTZ=Asia/Tokyo",
      timezone: "Asia/Tokyo",
      says: ["Asia/Tokyo"],
    },
    { what: "other variables", text: "MY_TZ=UTC\n#TZ=UTC", timezone: undefined, says: [] },
    { what: "an unknown timezone", text: "TZ=s3cret", timezone: undefined, says: ["it is no timezone"] },
    {
      what: "a provider",
      text: "DEFAULT_AGENT_PROVIDER=Codex",
      timezone: undefined,
      says: ["--provider codex."],
    },
    {
      what: "an unknown provider",
      text: "DEFAULT_AGENT_PROVIDER=s3cret",
      timezone: undefined,
      says: ["--provider PROVIDER."],
    },
  ])("reads $what", async ({ text, timezone, says }) => {
    const { defaults, sentences } = await read(text);
    expect(defaults).toEqual(timezone === undefined ? {} : { timezone });
    expect(sentences).toEqual(says.map((part) => expect.stringContaining(part) as unknown));
    expect(sentences.join()).not.toContain("s3cret");
  });

  test("returns no settings without a file, and reports an unreadable one", async () => {
    expect(await readInstallSettings(folder())).toEqual({ defaults: {}, sentences: [] });
    const spoilt = folder();
    mkdirSync(join(spoilt, ".env"));
    expect((await readInstallSettings(spoilt)).sentences).toEqual([
      expect.stringContaining("cannot be read"),
    ]);
  });
});
