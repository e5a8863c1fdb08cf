import { onTestFinished, expect, test } from "vitest";
import { discordStandin } from "../testing/discord-standin.ts";
import { discordSetUp } from "./discord-set-up.ts";

const prepared = async (options: Parameters<typeof discordStandin>[0] = {}) => {
  const api = await discordStandin(options);
  onTestFinished(api.close);
  return { api, options: { root: api.url, timeoutMs: 600_000 } };
};

test("knows a bot by its token, and says how to invite it with the rights that it needs, and no others", async () => {
  const { api, options } = await prepared();
  const me = await discordSetUp.whoAmI({ token: api.token }, options);
  expect(me).toEqual({ ok: true, value: { id: api.id, username: "gate" } });
  const [invite = ""] = me.ok ? discordSetUp.afterAdding(me.value) : [];
  const { searchParams } = new URL(/https:\S+/.exec(invite)?.[0] ?? "");
  expect(Object.fromEntries(searchParams)).toEqual({
    client_id: api.id.split(":")[0],
    scope: "bot",
    permissions: "274878024704",
  });
});

test("says which token Discord refuses", async () => {
  const { api, options } = await prepared();
  const token = api.token.replace("Cl2FMQ", "Cl2FMR");
  expect(await discordSetUp.whoAmI({ token }, options)).toMatchObject({
    ok: false,
    error: { code: "unauthorized" },
  });
});

test("refuses a bot without the intent, and says where to switch it on", async () => {
  const { api, options } = await prepared({ hasIntent: false });
  expect(await discordSetUp.whoAmI({ token: api.token }, options)).toMatchObject({
    ok: false,
    error: { code: "refused", fix: expect.stringContaining("Message Content Intent") as string },
  });
});

test.each([
  { text: `${"M".repeat(26)}.Cl2FMQ.${"a-_".repeat(9)}`, is: true },
  { text: `${"M".repeat(26)}.Cl2FMQ`, is: false },
  { text: "a client secret of 32 characters", is: false },
  { text: "12345678901234567890", is: false },
])("the form of a token fits $text: $is", ({ text, is }) =>
  expect(discordSetUp.secrets[0].form.test(text)).toBe(is),
);
