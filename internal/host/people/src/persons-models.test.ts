import type { CheckModel } from "@gatehouse/agent-clis";
import { addRow } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { renderReport } from "./reload-report.ts";
import { usersFixture, usersYaml } from "./users.fixture.ts";

/** The users of a host whose CLIs know these models, after its first reload; `null`: the CLI gives no answer. */
const running = async (knownOf: Readonly<Record<string, readonly string[] | null>>) => {
  const asked: string[] = [];
  const checkModel: CheckModel = async (provider, { model }) => {
    asked.push(`${provider} ${model}`);
    const known = knownOf[provider] ?? null;
    const wrong = { field: "model", value: model ?? "", near: null, known: known ?? [] } as const;
    const isUnknown = known !== null && model !== null && !known.includes(model);
    return { unknown: isUnknown ? [wrong] : [], notes: [], unasked: known === null ? "it is missing" : null };
  };
  const fixture = await usersFixture(checkModel);
  fixture.write("users: []\n");
  await fixture.users.reload();
  const reload = async (...entries: readonly Readonly<Record<string, unknown>>[]) => {
    fixture.write(usersYaml(...entries));
    return fixture.users.reload();
  };
  return { fixture, asked, reload };
};

const ana = { telegram_id: 5, name: "Ana" };
const ben = { telegram_id: 6, name: "Ben" };

describe("a reload with a model in users.yaml", () => {
  test("applies a name that the CLI does not know, and warns of it", async () => {
    const { fixture, reload } = await running({ claude: ["opus"] });
    const report = await reload({ ...ana, model: "opsu", agent_backend: "claude" });
    const warning = 'telegram:5: The CLI of claude knows no model "opsu". It knows opus.';
    expect(report).toMatchObject({ ok: true, applied: [{ user: "telegram:5" }], warnings: [warning] });
    expect(renderReport(report)).toContain(`\n  warning: ${warning}`);
    expect(fixture.users.current().get("telegram:5")?.model).toBe("opsu");
  });

  test("asks once for all people of one model, and not about people who did not change", async () => {
    const { asked, reload } = await running({ claude: ["opus"] });
    const both = [ana, ben].map((one) => ({ ...one, model: "opsu", agent_backend: "claude" }));
    expect((await reload(...both)).warnings).toHaveLength(2);
    expect("warnings" in (await reload(...both.map((one) => ({ ...one, role: "admin" }))))).toBe(false);
    expect(asked).toEqual(["claude opsu"]);
  });

  test("asks the CLIs of the groups if a person names no backend, until one knows the model", async () => {
    const { fixture, asked, reload } = await running({ claude: ["opus"], codex: ["gpt-1"] });
    const { db } = fixture.central;
    for (const [id, provider] of Object.entries({ a: "codex", b: null, c: "echo" })) {
      await addRow(db, "agent_groups", { id: `ag-${id}`, name: id, folder: id });
      const row = {
        agent_group_id: `ag-${id}`,
        provider,
        cli_scope: "group",
        generation: 1,
        updated_at: "2026",
      };
      await db
        .insertInto("container_configs")
        .values(row as never)
        .execute();
    }
    expect("warnings" in (await reload({ ...ana, model: "gpt-1" }))).toBe(false);
    expect((await reload({ ...ana, model: "mine" })).warnings).toEqual([
      'telegram:5: The CLI of claude knows no model "mine". It knows opus. The CLI of codex knows no model "mine". It knows gpt-1.',
    ]);
    expect(asked).toEqual(["claude gpt-1", "codex gpt-1", "claude mine", "codex mine"]);
  });

  test.each([
    { what: "a CLI that gives no answer", known: { claude: null } },
    { what: "a person without a model", known: { claude: [] }, model: null },
  ])("warns of nothing with $what", async ({ known, model = "opus" }) => {
    const { reload } = await running(known);
    expect("warnings" in (await reload({ ...ana, model }))).toBe(false);
  });

  test("asks no CLI while the host starts", async () => {
    const asked: string[] = [];
    const fixture = await usersFixture(async (provider) => {
      asked.push(provider);
      return { unknown: [], notes: [], unasked: null };
    });
    fixture.write(usersYaml({ ...ana, model: "opsu" }));
    expect(await fixture.users.reload()).toMatchObject({ ok: true, users: 1 });
    expect(asked).toEqual([]);
  });
});
