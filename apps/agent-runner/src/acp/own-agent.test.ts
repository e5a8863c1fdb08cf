import { join } from "node:path";
import process from "node:process";
import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { OwnProvider } from "../container-json.ts";
import { promptOf, providerPlace, say, turnTools } from "../provider.fixture.ts";
import { serveModelStandIn, type AskedModel } from "@gatehouse/model-stand-in";
import { providerOf } from "../providers/index.ts";

const fixture = join(import.meta.dirname, "../../../../test-fixtures/programs/acp-with-model.mjs");

const row: OwnProvider = {
  name: "mine",
  command: [process.execPath, fixture, "--model={model}"],
  env: { ANTHROPIC_BASE_URL: "{url}", ANTHROPIC_API_KEY: "{key}", ACP_WITH: "ends" },
  mode: "default",
  inputIn: "request",
  denialEnds: true,
  takesServers: false,
  errorPrefix: null,
};

/** The provider of the row, with a stand-in of the gateway. */
const own = async (over: Partial<OwnProvider> = {}, model: string | null = "claude-x") => {
  const asked: AskedModel[] = [];
  const standIn = await serveModelStandIn((request) => (asked.push(request), true));
  const place = providerPlace({ env: process.env, json: { model } });
  const tokenFile = join(place.folder, "token");
  writeFileSync(tokenFile, "the-token\n");
  const make = await providerOf("own:mine", { ...row, ...over });
  if (make === null) throw new Error("There is no provider.");
  const provider = make({
    ...place,
    gateway: { url: standIn.url, tokenCommand: "false", tokenFile },
  });
  return { provider, asked, end: async () => (provider.stop(), standIn.close()) };
};

describe("a provider of the operator's own", { tags: ["slow"] }, () => {
  test("answers by the gateway, as its row says", async () => {
    const { provider, asked, end } = await own();
    expect(await say(provider, "hello")).toEqual(["you said: hello"]);
    expect(asked).toHaveLength(1);
    await end();
  });

  test("is not started without a model, if its row needs one", async () => {
    const { provider, end } = await own({}, null);
    expect(await provider.turn(promptOf("hello"), turnTools())).toMatchObject({
      ok: false,
      error: {
        message: expect.stringMatching(
          /^The provider own:mine needs the name of a model: ncl groups config update (\S+) --model MODEL, then ncl groups restart \1$/,
        ) as string,
      },
    });
    await end();
  });

  test.each([
    { program: "/no/such/agent", says: /ENOENT\)\. Install it for the account/ },
    { program: "/etc", says: /EACCES\)\. Let the account that runs the agent execute it/ },
  ])("says that its program cannot be started: $program", async ({ program, says }) => {
    const { provider, end } = await own({ command: [program, "{model}"] });
    expect(await say(provider, "hello")).toMatchObject({ message: expect.stringMatching(says) as string });
    await end();
  });
});
