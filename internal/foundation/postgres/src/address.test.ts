import { describe, expect, test } from "vitest";
import { chooseAddress } from "./address.ts";

describe("chooseAddress", () => {
  test.for([
    {
      text: "postgresql:///hosts?host=/var/run/postgresql",
      shown: "postgresql:///hosts?host=/var/run/postgresql",
    },
    { text: "postgres://ana@db.example:5433/hosts", shown: "postgresql://ana@db.example:5433/hosts" },
    {
      text: "postgresql://db/hosts?user=ana&port=5433&sslmode=verify-full",
      shown: "postgresql://ana@db:5433/hosts",
    },
    { text: "postgresql://ana@/hosts?host=/tmp", shown: "postgresql://ana@/hosts?host=/tmp" },
  ])("accepts $text", ({ text, shown }) => {
    const expected = { ok: true, value: { url: text, shown } };
    expect(chooseAddress({}, text)).toEqual(expected);
    expect(chooseAddress({ GATEHOUSE_DATABASE: text })).toEqual(expected);
  });

  test.for(["", "gatehouse.db", "mysql://db/hosts", "postgresql:hosts", "postgresql://ana:50%@db/hosts"])(
    "refuses %j, without quoting it",
    (text) => {
      const refused = chooseAddress({}, text);
      expect(refused).toMatchObject({ ok: false, error: { code: "database-address-invalid" } });
      if (text !== "") expect(JSON.stringify(refused)).not.toContain(text);
    },
  );

  test("prefers the flag to the environment, and returns null without both or for an empty variable", () => {
    const env = { GATEHOUSE_DATABASE: "postgresql:///other" };
    expect(chooseAddress(env, "postgresql:///mine")).toMatchObject({
      value: { shown: "postgresql:///mine" },
    });
    expect(chooseAddress({})).toEqual({ ok: true, value: null });
    expect(chooseAddress({ GATEHOUSE_DATABASE: "" })).toEqual({ ok: true, value: null });
  });

  test.for(["postgresql://ana:geheim@db/hosts", "postgresql://db/hosts?user=ana&password=geheim"])(
    "refuses a password on the command line, accepts it in the environment, and never shows it: %s",
    (text) => {
      const [typed, set] = [chooseAddress({}, text), chooseAddress({ GATEHOUSE_DATABASE: text })];
      expect(typed).toMatchObject({ ok: false, error: { code: "password-in-arguments" } });
      expect(JSON.stringify(typed)).not.toContain("geheim");
      expect(set).toMatchObject({ ok: true, value: { url: text, shown: "postgresql://ana@db/hosts" } });
    },
  );
});
