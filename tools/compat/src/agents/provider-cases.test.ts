import { echo } from "@gatehouse/agent-runner/echo";
import { describe, expect, test } from "vitest";
import { checks } from "../check/checks.ts";
import { caseNames, echoCannot, providerCases, type CaseName } from "./provider-cases.ts";
import { promptOf, turnTools } from "./provider-turns.ts";

describe.for(Object.entries(providerCases))("the cases of %s", ([name, cases]) => {
  const scenarios = checks[name as keyof typeof checks].map((check) => check.name);

  test.for(caseNames)("%s is a scenario with the real CLI, or has a reason", (each, { skip }) => {
    const shown = cases[each];
    if ("cannot" in shown) return skip(shown.cannot);
    expect(shown.length).toBeGreaterThan(0);
    expect(scenarios).toEqual(expect.arrayContaining([...shown]));
  });
});

const running = () => turnTools(new AbortController().signal);

/** The cases of `echo`, at the port of providers. */
const echoCases: Readonly<Partial<Record<CaseName, () => Promise<void>>>> = {
  answer: async () => {
    const turn = await echo().turn(promptOf("m-1", "hello"), running());
    expect(turn).toMatchObject({ ok: true, value: { answers: [{ text: "hello", inReplyTo: "m-1" }] } });
  },
  kill: async () => {
    const prompt = promptOf("m-1", "/tool Bash {}");
    const abort = new AbortController();
    const killed = echo();
    const asked = new Promise<void>((resolve) => {
      const askTool = () => (resolve(), new Promise<never>(() => {}));
      void killed.turn(prompt, turnTools(abort.signal, { askTool }));
    });
    await asked;
    abort.abort("stop");
    killed.stop();
    const next = echo();
    expect(await next.start(null)).toMatchObject({ ok: true });
    const turn = await next.turn(prompt, running());
    expect(turn).toMatchObject({ ok: true, value: { answers: [{ text: "Bash is allowed" }] } });
  },
  permission: async () => {
    const asked: string[] = [];
    const askTool = ({ tool }: { readonly tool: string }) => {
      asked.push(tool);
      return Promise.resolve({ behavior: "deny", message: "not today" } as const);
    };
    const tools = turnTools(new AbortController().signal, { askTool });
    const turn = await echo().turn(promptOf("m-1", '/tool Bash {"command":"touch made"}'), tools);
    expect(asked).toEqual(["Bash"]);
    expect(turn).toMatchObject({ ok: true, value: { answers: [{ text: "Bash is denied: not today" }] } });
  },
  interrupt: async () => {
    const provider = echo();
    const abort = new AbortController();
    const setTool = () => abort.abort("interrupt");
    const slow = provider.turn(promptOf("m-1", "/slow 3600000"), turnTools(abort.signal, { setTool }));
    await expect(slow).rejects.toThrow();
    const turn = await provider.turn(promptOf("m-2", "again"), running());
    expect(turn).toMatchObject({ ok: true, value: { answers: [{ text: "again" }] } });
  },
};

describe("the cases of echo", () => {
  for (const name of caseNames) {
    const reason = echoCannot[name];
    const run = echoCases[name];
    if (reason === undefined)
      test(name, () => run?.() ?? expect.fail("echo has neither this case nor a reason"));
    else test(`${name}: ${reason}`, () => expect(run).toBeUndefined());
  }

  test("it returns no conversation to resume", async () => {
    const turn = await echo().turn(promptOf("m-1", "hello"), running());
    expect(turn).toMatchObject({ ok: true, value: { conversation: null } });
  });
});
