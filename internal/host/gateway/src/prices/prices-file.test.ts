import { chmodSync, statSync, writeFileSync } from "node:fs";
import { temporaryFolder } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { sonnet } from "../usage/counted.fixture.ts";
import { pricesFileIn, readPrices, removePrice, setPrice } from "./prices-file.ts";
import { costOf, parsePrices, priceOf, pricesText } from "./price-table.ts";

const table = { currency: "USD", models: [sonnet] };

describe("the price table", () => {
  test("is empty without a file, and holds what was set, in 0600", async () => {
    const dataDir = temporaryFolder();
    expect(await readPrices(dataDir)).toEqual({ ok: true, value: null });
    expect(await setPrice(dataDir, sonnet, "USD")).toEqual({ ok: true, value: table });
    expect(await readPrices(dataDir)).toEqual({ ok: true, value: table });
    expect((statSync(pricesFileIn(dataDir)).mode & 0o777).toString(8)).toBe("600");
    expect(await setPrice(dataDir, { ...sonnet, input: 3 }, null)).toMatchObject({
      value: { models: [{ input: 3 }] },
    });
    expect(await removePrice(dataDir, "claude-sonnet-latest")).toEqual({ ok: true, value: false });
    expect(await removePrice(dataDir, "claude-sonnet-4-5")).toEqual({ ok: true, value: true });
    expect(await readPrices(dataDir)).toEqual({ ok: true, value: { currency: "USD", models: [] } });
  });

  test("needs one currency for all prices", async () => {
    const dataDir = temporaryFolder();
    expect(await setPrice(dataDir, sonnet, null)).toEqual({ ok: false, error: { code: "currency-needed" } });
    await setPrice(dataDir, sonnet, "USD");
    expect(await setPrice(dataDir, { ...sonnet, model: "m" }, "EUR")).toEqual({
      ok: false,
      error: { code: "other-currency", currency: "USD" },
    });
    await removePrice(dataDir, sonnet.model);
    expect(await setPrice(dataDir, sonnet, "EUR")).toMatchObject({ value: { currency: "EUR" } });
  });

  test("refuses a name that another row has", async () => {
    const dataDir = temporaryFolder();
    await setPrice(dataDir, sonnet, "USD");
    expect(await setPrice(dataDir, { ...sonnet, model: "m" }, null)).toEqual({
      ok: false,
      error: { code: "name-taken", problems: ["the model claude-sonnet-latest has more than one price"] },
    });
    expect(await readPrices(dataDir)).toEqual({ ok: true, value: table });
  });

  test("refuses a file that other accounts may write", async () => {
    const dataDir = temporaryFolder();
    writeFileSync(pricesFileIn(dataDir), pricesText(table));
    chmodSync(pricesFileIn(dataDir), 0o622);
    expect(await readPrices(dataDir)).toMatchObject({ ok: false, error: { code: "prices-unreadable" } });
  });

  test.for([
    { text: "x", problems: ["it is not a JSON object"] },
    { text: "[]", problems: [/^the table: /] },
    {
      text: '{"v":1,"currency":"usd","models":[{"model":"a b","input":-1,"output":1,"cacheRead":0,"cacheWrite":"1"}]}',
      problems: [
        "currency: is no currency of three capital letters, such as USD",
        "models[0].model: is no name of a model, such as claude-sonnet-4-5",
        "models[0].input: is below 0",
        /^models\[0\]\.cacheWrite: /,
      ],
    },
    { text: '{"v":1,"currency":"USD","models":[],"unit":"token"}', problems: [/unit/] },
    { text: '{"v":2,"currency":"USD","models":[]}', problems: [/^v: /] },
  ])("names all problems of $text", ({ text, problems }) => {
    const parsed = parsePrices(text);
    expect(parsed.ok ? [] : parsed.error).toEqual(
      problems.map((problem): unknown =>
        typeof problem === "string" ? problem : expect.stringMatching(problem),
      ),
    );
  });

  test("matches exact ids and aliases only", () => {
    expect(priceOf(table, "claude-sonnet-4-5")).toBe(sonnet);
    expect(priceOf(table, "claude-sonnet-latest")).toBe(sonnet);
    expect(priceOf(table, "claude-sonnet-4-5-20250929")).toBeNull();
    expect(priceOf(null, "claude-sonnet-4-5")).toBeNull();
  });

  test("rounds a cost up to whole millionths, without the error of binary fractions", () => {
    const tokens = { input: 3, output: 0, cacheRead: 3, cacheWrite: 0 };
    expect(costOf({ ...sonnet, cacheRead: 0.1 }, tokens)).toBe(1);
    expect(costOf({ ...sonnet, cacheRead: 0.1 }, { ...tokens, input: 30, cacheRead: 30 })).toBe(3);
  });
});
