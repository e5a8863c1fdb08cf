import { onTestFinished, expect, test } from "vitest";
import { slackStandin } from "../testing/slack-standin.ts";
import { slackSetUp } from "./slack-set-up.ts";

const prepared = async () => {
  const api = await slackStandin();
  onTestFinished(api.close);
  return { api, options: { root: api.url, timeoutMs: 600_000 } };
};

test("knows a bot by its two tokens", async () => {
  const { api, options } = await prepared();
  const me = await slackSetUp.whoAmI({ token: api.token, more: { app: api.appToken } }, options);
  expect(me).toEqual({ ok: true, value: { id: "T1:UBOT", username: "gate" } });
});

const other = (kind: string): string => `${kind}-${"2".repeat(20)}`;

test.for([
  { what: "an unknown bot's token", of: { token: other("xoxb") }, secret: "token" },
  { what: "an unknown app's token", of: { app: other("xapp") }, secret: "app" },
  { what: "the bot's token in place of the app's", of: { app: "bot" }, secret: "app" },
])("names the secret that Slack refuses: $what", async ({ of: { token, app }, secret }) => {
  const { api, options } = await prepared();
  const given = {
    token: token ?? api.token,
    more: { app: app === "bot" ? api.token : (app ?? api.appToken) },
  };
  expect(await slackSetUp.whoAmI(given, options)).toMatchObject({
    ok: false,
    error: { code: "unauthorized", secret: { name: secret } },
  });
});

test("prints a manifest that asks for socket mode, and for no right to write as others", () => {
  const [, manifest = ""] = /\n(\{.*\})\n/.exec(slackSetUp.secrets[0].whereFrom) ?? [];
  const { settings, oauth_config: oauth } = JSON.parse(manifest) as {
    readonly settings: { readonly socket_mode_enabled: boolean };
    readonly oauth_config: { readonly scopes: { readonly bot: readonly string[] } };
  };
  expect(settings.socket_mode_enabled).toBe(true);
  expect(oauth.scopes.bot).not.toContain("chat:write.public");
});
