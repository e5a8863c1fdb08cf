import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { placeWithProgram, promptOf, turnTools } from "../provider.fixture.ts";
import type { Provider, ProviderPlace } from "../provider.ts";
import { runnableProviders } from "@gatehouse/provider-facts/agents";
import { trials } from "../trial/run-trial.ts";
import { providerNames, providerOf } from "./index.ts";

/** A provider of the table, as the contract uses it. */
type Subject = {
  /** The program in `test-fixtures/programs` that stands in for the CLI; null for a provider without a CLI. */
  readonly program: string | null;
  /** The program that a missing one is installed by. */
  readonly install: string;
  /** A prompt that asks for the tool, one whose turn goes on until it is interrupted, and one that ends the CLI. */
  readonly prompts: { readonly tool: string; readonly wait: string; readonly exit: string };
  readonly answers: { readonly hello: string; readonly allowed: string; readonly denied: string };
  /** A tool that was asked for before a kill may have run. */
  readonly mayHaveRun: boolean;
  readonly compacts?: true;
};

const cli = {
  prompts: { tool: "tool touch a", wait: "wait here", exit: "exit no memory" },
  answers: { hello: "you said: hello", allowed: "it ran: touch a", denied: "it did not run" },
};

/** A denial ends the agent's turn, and the runner goes on in it. */
const denialEnds = {
  prompts: { ...cli.prompts, tool: "withinends touch a" },
  answers: { ...cli.answers, denied: "you said:" },
};

const subjects: Readonly<Record<string, Subject>> = {
  echo: {
    program: null,
    install: "",
    prompts: { tool: '/tool Bash {"command":"touch a"}', wait: "/slow 3600000", exit: "/fail no memory" },
    answers: { hello: "hello", allowed: "Bash is allowed", denied: "Bash is denied: no" },
    mayHaveRun: false,
  },
  claude: {
    ...cli,
    program: "fake-claude-stream.mjs",
    install: "@anthropic-ai/claude-code",
    mayHaveRun: true,
    compacts: true,
  },
  // Codex keeps no tool that it asked for, so the runner notes those that it allowed.
  codex: {
    ...cli,
    program: "fake-codex-server.mjs",
    install: "@openai/codex",
    mayHaveRun: false,
    compacts: true,
  },
  opencode: { ...cli, program: "fake-acp.mjs", install: "opencode-ai", mayHaveRun: true },
  qwen: {
    ...denialEnds,
    program: "fake-acp.mjs",
    install: "@qwen-code/qwen-code",
    mayHaveRun: true,
  },
  kimi: {
    ...cli,
    prompts: { ...cli.prompts, tool: "told touch a" },
    program: "fake-acp.mjs",
    install: "@moonshot-ai/kimi-code",
    mayHaveRun: true,
  },
  copilot: {
    ...denialEnds,
    program: "fake-acp.mjs",
    install: "@github/copilot",
    mayHaveRun: true,
  },
  gemini: {
    ...cli,
    prompts: { ...cli.prompts, tool: "named touch a" },
    program: "fake-acp.mjs",
    install: "@google/gemini-cli",
    mayHaveRun: true,
  },
};

const fixtures = join(import.meta.dirname, "../../../../test-fixtures/programs");

test("every provider of the host is one of the runner's, keeps the contract, and has a trial of its CLI", () => {
  const known = Object.keys(runnableProviders).toSorted();
  expect(providerNames.toSorted()).toEqual(known);
  expect(Object.keys(subjects).toSorted()).toEqual(known);
  expect([...Object.keys(trials), "echo"].toSorted()).toEqual(known);
});

/** Two runners one after the other in one session's folder, with the provider and its CLI's stand-in. */
const makers = new Map(
  await Promise.all(providerNames.map(async (name) => [name, await providerOf(name, null)] as const)),
);

const machine = (name: string, { program }: Subject, script?: string | null) => {
  const stub = `exec ${process.execPath} ${join(fixtures, program ?? "")} "$@"`;
  const made = placeWithProgram(name, script === undefined ? stub : script);
  const { folder } = made;
  const place: ProviderPlace = { ...made, env: { ...made.env, FAKE_ACP: folder, FAKE_CLI: folder } };
  const textIn = (file: string): string =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : "";
  return {
    provider: (): Provider => {
      const provider = makers.get(name)?.(place) ?? expect.fail(`There is no provider ${name}.`);
      onTestFinished(() => provider.stop());
      return provider;
    },
    ran: () => textIn("ran"),
    /** Resolves when a turn waits. `fake-acp.mjs` notes it in its log. */
    waits: () => vi.waitUntil(() => textIn("waits") !== "" || textIn("log").includes('"waits"')),
  };
};

/** One turn of a started provider. A thrown error counts as `failed`. */
const turn = async (provider: Provider, text: string, tools = turnTools(), batch = "b-1") => {
  try {
    return await provider.turn(promptOf(text, batch), tools);
  } catch (error) {
    return { ok: false, error: { code: "failed", message: String(error) } } as const;
  }
};

const answered = (text: string) => ({ ok: true, value: { answers: [{ text, inReplyTo: "m-1" }] } });

describe.each(Object.entries(subjects))("%s as a provider", { tags: ["slow"] }, (name, subject) => {
  const { prompts, answers, program, install, mayHaveRun } = subject;

  test("answers turn after turn, also for a runner that resumes its conversation", async () => {
    const { provider } = machine(name, subject);
    const first = provider();
    expect(await first.start(null)).toEqual({ ok: true, value: null });
    const one = await turn(first, "hello");
    expect(one).toMatchObject(answered(answers.hello));
    expect(await turn(first, "hello", turnTools(), "b-2")).toMatchObject(answered(answers.hello));
    first.stop();
    const kept = one.ok ? one.value.conversation : null;
    expect(kept === null).toBe(program === null);
    const next = provider();
    await next.start(kept);
    const three = await turn(next, "hello", turnTools(), "b-3");
    expect(three).toMatchObject({ ok: true, value: { conversation: kept } });
  });

  test.runIf(program !== null)("names a conversation that does not exist any more", async () => {
    const provider = machine(name, subject).provider();
    await provider.start("00000000-0000-4000-8000-000000000000");
    expect(await turn(provider, "hello")).toMatchObject({ error: { code: "invalid-conversation" } });
  });

  test("asks for a tool with its input, and uses it once a person allows it", async () => {
    const { provider } = machine(name, subject);
    const tools = turnTools();
    expect(await turn(provider(), prompts.tool, tools)).toMatchObject(answered(answers.allowed));
    expect(tools.asked).toMatchObject([
      { messageId: "m-1", input: { command: "touch a" }, occurrence: 0, mayHaveRun: false },
    ]);
  });

  test("does not use a tool that a person denies", async () => {
    const { provider, ran } = machine(name, subject);
    const tools = turnTools({ behavior: "deny", message: "no" });
    expect(await turn(provider(), prompts.tool, tools)).toMatchObject(answered(answers.denied));
    expect(ran()).toBe("");
  });

  test("answers a batch again that a killed runner had in work", async () => {
    const { provider } = machine(name, subject);
    const killed = provider();
    const asked = new Promise<ReturnType<typeof turnTools>>((resolve) => {
      const tools = turnTools(undefined, { askTool: () => (resolve(tools), new Promise(() => {})) });
      void turn(killed, prompts.tool, tools);
    });
    (await asked).abort.abort("stop");
    killed.stop();
    const tools = turnTools();
    const next = provider();
    await next.start(null);
    expect(await turn(next, prompts.tool, tools)).toMatchObject(answered(answers.allowed));
    expect(tools.asked).toMatchObject([{ occurrence: 0, mayHaveRun }]);
  });

  test("ends an interrupted turn, and answers the next one", async () => {
    const { provider, waits } = machine(name, subject);
    const running = provider();
    const tools = turnTools();
    const cut = turn(running, prompts.wait, tools);
    if (program !== null) await waits();
    tools.abort.abort("interrupt");
    expect(await cut).toMatchObject({ ok: false });
    expect(await turn(running, "hello", turnTools(), "b-2")).toMatchObject(answered(answers.hello));
  });

  test.runIf(program !== null)("does not begin a turn that was already aborted", async () => {
    const tools = turnTools();
    tools.abort.abort("stop");
    expect(await turn(machine(name, subject).provider(), "hello", tools)).toMatchObject({ ok: false });
  });

  test("fails a turn that the agent does not answer", async () => {
    const failed = await turn(machine(name, subject).provider(), prompts.exit);
    const error = { code: program === null ? "failed" : "unavailable" };
    expect(failed).toMatchObject({ error });
    expect(failed.ok ? "" : failed.error.message).toContain("no memory");
  });

  test.runIf(program !== null)("says how a missing CLI is installed", async () => {
    const provider = machine(name, subject, null).provider();
    const started = await provider.start(null);
    const failed = started.ok ? await turn(provider, "hello") : started;
    expect(failed).toMatchObject({ error: { code: "failed" } });
    expect(failed.ok ? "" : failed.error.message).toContain(`npm install --global ${install}`);
  });

  test("compacts the conversation exactly if it says that it can", async () => {
    const provider = machine(name, subject).provider();
    expect(provider.compacts).toBe(subject.compacts);
    if (subject.compacts !== true) return;
    await provider.start(null);
    const compacted = await provider.turn({ ...promptOf("/compact"), compacts: true }, turnTools());
    expect(compacted).toMatchObject(answered("There is nothing to compact yet."));
  });
});
