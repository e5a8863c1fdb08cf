import { describe, expect, test } from "vitest";
import { diffConfigs, driftIn, needOf } from "./diff-configs.ts";
import { fieldNames, fields, initialSettings, type Settings } from "../fields/fields.ts";

const changed = (settings: Partial<Settings>) =>
  diffConfigs(initialSettings, { ...initialSettings, ...settings });

describe("diffConfigs", () => {
  test.each<{ settings: Partial<Settings>; needs: string | null }>([
    { settings: {}, needs: null },
    { settings: { cli_scope: "global" }, needs: "now" },
    { settings: { model: "opus" }, needs: "restart" },
    { settings: { model: "opus", cli_scope: "global" }, needs: "restart" },
    { settings: { packages_npm: ["tool"], model: "opus" }, needs: "rebuild" },
  ])("$settings needs $needs", ({ settings, needs }) => {
    const changes = changed(settings);
    expect(changes.map(({ field }) => field).toSorted()).toEqual(Object.keys(settings).toSorted());
    expect(needOf(changes)).toBe(needs);
  });

  test("ignores the order of a map's keys, but not the order of a list", () => {
    const one = { a: { command: "x", env: { A: "1", B: "2" } } };
    const other = { a: { env: { B: "2", A: "1" }, command: "x" } };
    expect(
      diffConfigs({ ...initialSettings, mcp_servers: one }, { ...initialSettings, mcp_servers: other }),
    ).toEqual([]);
    const lists = [
      ["a", "b"],
      ["b", "a"],
    ].map((skills) => ({ ...initialSettings, skills }));
    expect(diffConfigs(lists[0]!, lists[1]!)).toHaveLength(1);
  });
});

test("driftIn returns only changes that need a new start of the container", () => {
  const changes = changed({ cli_scope: "global", effort: "high", packages_apt: ["jq"] });
  expect(driftIn(changes).map(({ field }) => field)).toEqual(["effort", "packages_apt"]);
});

test("the initial value of every field passes the field's check", () => {
  for (const name of fieldNames) {
    const { check, initial } = fields[name];
    if (initial !== null) expect(check.safeParse(initial)).toEqual({ success: true, data: initial });
  }
});
