import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { fail, ok } from "@gatehouse/std";
import { hostToolsOf, type HostToolsOptions } from "../host-tools/host-tools.ts";
import { placeWithProgram, promptOf, say, turnTools } from "../provider.fixture.ts";
import type { ProviderPlace } from "../provider.ts";
import { codex } from "./codex.ts";
import { tryingSandbox } from "./codex-program.ts";

/** A workload whose `codex` on PATH is this shell script; null for none. */
const workload = (script: string | null): ProviderPlace => placeWithProgram("codex", script);

const turnOf = async (place: ProviderPlace) => {
  const provider = codex(place);
  await provider.start(null);
  const tools = turnTools(undefined, { signal: AbortSignal.timeout(100_000) });
  const ended = await provider.turn(promptOf("hello"), tools);
  provider.stop();
  return ended;
};

describe("a turn of a Codex that cannot be used", () => {
  test.each([
    {
      what: "a Codex without an app-server",
      script: "echo \"error: unrecognized subcommand 'app-server'\" >&2; exit 2",
    },
    {
      what: "a version below the floor",
      script: `while read -r line; do case "$line" in
*initialize\\"*) echo '{"id":1,"result":{"userAgent":"gatehouse/0.166.0 (Debian 12.0.0; x86_64)"}}';;
esac; done`,
    },
    {
      what: "a Codex without a needed method",
      script: `while read -r line; do case "$line" in
*initialize\\"*) echo '{"id":1,"result":{}}';;
*thread/turns/list*) echo '{"id":2,"error":{"code":-32600,"message":"Invalid request: unknown variant thread/turns/list"}}';;
esac; done`,
    },
  ])("reports $what as too old", async ({ script }) =>
    expect(await turnOf(workload(script))).toMatchObject({
      error: {
        code: "failed",
        message: expect.stringContaining("too old: 0.169.0 or newer is needed") as string,
      },
    }),
  );

  test("does not report a newer version as too old", async () =>
    expect(
      await turnOf(
        workload(`while read -r line; do case "$line" in
*initialize\\"*) echo '{"id":1,"result":{"userAgent":"gatehouse/0.1000.0 (Debian 12.0.0; x86_64)"}}';;
*thread/turns/list*) echo no memory >&2; exit 1;;
esac; done`),
      ),
    ).toMatchObject({ error: { code: "unavailable" } }));

  test("is tried again if Codex exits at once", async () =>
    expect(await turnOf(workload("echo no memory >&2; exit 1"))).toMatchObject({
      error: { code: "unavailable", message: "Codex exited (1): no memory" },
    }));
});

describe("the commands that a turn of Codex leaves running", { tags: ["slow"] }, () => {
  const server = join(import.meta.dirname, "../../../../test-fixtures/programs/fake-codex-server.mjs");

  /** Two turns of one provider; how often Codex was started, and the threads whose commands it ended. */
  const twoTurns = async (lacks: string) => {
    const made = workload(`echo "$1" >> "$FAKE_CLI/starts"; exec ${process.execPath} ${server} "$@"`);
    const place = { ...made, env: { ...made.env, FAKE_CLI: made.folder, FAKE_CODEX_LACKS: lacks } };
    const provider = codex(place);
    onTestFinished(() => provider.stop());
    await provider.start(null);
    const [first, second] = [await say(provider, "hello"), await say(provider, "again", turnTools(), "b-2")];
    const linesOf = (file: string): readonly string[] =>
      existsSync(join(made.folder, file))
        ? readFileSync(join(made.folder, file), "utf8").trim().split("\n")
        : [];
    return {
      answers: [first, second],
      starts: linesOf("starts").filter((line) => line === "app-server").length,
      ended: linesOf("cleaned").length,
    };
  };

  test("are ended when it ends", async () =>
    expect(await twoTurns("")).toEqual({
      answers: [["you said: hello"], ["you said: again"]],
      starts: 1,
      ended: 2,
    }));

  test("are ended with Codex if it cannot end them", async () =>
    expect(await twoTurns("clean")).toEqual({
      answers: [["you said: hello"], ["you said: again"]],
      starts: 2,
      ended: 0,
    }));
});

describe("a message that Codex sends during a turn", { tags: ["slow"] }, () => {
  const server = join(import.meta.dirname, "../../../../test-fixtures/programs/fake-codex-server.mjs");

  /** A provider, and tools that note what is sent; `refusal` is the host's answer, null if it takes each. */
  const talk = (refusal: string | null = null) => {
    const made = workload(`exec ${process.execPath} ${server} "$@"`);
    const place = { ...made, env: { ...made.env, FAKE_CLI: made.folder } };
    const events: string[] = [];
    const send: HostToolsOptions["send"] = ({ text }, occurrence) => {
      events.push(`${text} ${occurrence}`);
      return Promise.resolve(refusal === null ? ok([]) : fail(refusal));
    };
    const ncl = (): Promise<never> => Promise.reject(new Error("no host"));
    return {
      events,
      provider: () => {
        const provider = codex(place);
        onTestFinished(() => provider.stop());
        return provider;
      },
      tools: () => turnTools(undefined, { hostTools: hostToolsOf({ send, ncl, groupId: "ag-1" }) }),
    };
  };

  test("is sent at once, and is no part of the answer", async () => {
    const { provider, tools, events } = talk();
    const first = provider();
    await first.start(null);
    expect(await say(first, "send May I?", tools())).toEqual(["it was sent"]);
    expect(events).toEqual(["May I? 0"]);
  });

  test("is sent again, with its number, if the next runner finds the turn ended", async () => {
    const { provider, tools, events } = talk();
    const first = provider();
    await first.start(null);
    const turn = await first.turn(promptOf("send May I?"), tools());
    first.stop();
    const next = provider();
    await next.start(turn.ok ? turn.value.conversation : null);
    expect(await say(next, "send May I?", tools())).toEqual(["it was sent"]);
    expect(events).toEqual(["May I? 0", "May I? 0"]);
  });

  test("stands above the answer if it could not be sent", async () => {
    const { provider, tools } = talk("The text is too long.");
    const first = provider();
    await first.start(null);
    expect(await say(first, "send May I?", tools())).toEqual(["May I?\n\nit was sent"]);
  });
});

describe("Codex's sandbox", () => {
  test.each([
    { what: "works", script: '[ "$1" = sandbox ]', mode: "workspace-write" },
    {
      what: "works at the second try",
      script: "[ -e tried ] || { touch tried; exit 1; }",
      mode: "workspace-write",
    },
    {
      what: "does not work on this machine",
      script: "echo no namespaces >&2; exit 1",
      mode: "danger-full-access",
    },
    { what: "has no program", script: null, mode: "danger-full-access" },
  ])("is $mode if it $what", async ({ script, mode }) => {
    const { cwd, env } = workload(script);
    expect(await tryingSandbox(cwd, env)).toBe(mode);
  });
});
