import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chatSocketIn } from "@gatehouse/channels/client";
import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { initGroup } from "@gatehouse/group-setup";
import { aloneWithCentral } from "@gatehouse/data-folder";
import { chooseRuntime, type ChosenPlace, type RuntimeFlags } from "@gatehouse/places";
import { placeFacts } from "@gatehouse/places/facts";
import { abortOf, fail, ok, type Result } from "@gatehouse/std";
import { providers } from "@gatehouse/provider-facts";
import { startHost, type Host } from "../up/start-host.ts";
import { pathStep } from "@gatehouse/first-run/next-step";
import { cliForDemo, type ObtainFlags } from "./cli-for-demo.ts";
import { demoPerson } from "./demo-person.ts";

/** Prints a line: a step of the demo, or its outcome. */
type Tell = (line: string) => void;

const group = { name: "Demo", folder: "demo", owner: "local:you" };

/** The flags of `gatehouse demo`, parsed. */
export type DemoFlags = ObtainFlags &
  RuntimeFlags & {
    /** The provider of the demo's agent. Default: echo. */
    readonly provider?: string;
    /** True if its requests are for the reader, in a browser. */
    readonly console?: boolean;
  };

/**
 * Shows a host at work in a temporary data folder: a message and its answer, an approval, and a restart. Asks no model, and
 * removes the folder at the end. Returns the exit code.
 */
export const demoCommand = async (flags: DemoFlags, version: string, io: Io): Promise<number> => {
  const { json: isJson = false } = flags;
  const begun = performance.now();
  const steps: string[] = [];
  const tell: Tell = (line) => {
    steps.push(line);
    if (!isJson) io.stdout.write(`${line}\n`);
  };
  const dataDir = await mkdtemp(join(tmpdir(), "gatehouse-demo-"));
  try {
    const choose = (runtime: string) => chooseRuntime({ ...flags, runtime }, io.env, version, null);
    // The image of agents may lack Claude Code, so the demo uses containers only if a flag names an engine. Its agent asks
    // no model, so it runs as a process where no sandbox starts.
    const isolated = await choose(flags.runtime ?? "sandbox");
    const runtime = isolated.ok || flags.runtime !== undefined ? isolated : await choose("process");
    const shown = runtime.ok ? await show({ dataDir, runtime: runtime.value, flags, io, tell }) : runtime;
    if (!shown.ok) {
      printFailure(io, isJson, shown.error);
      return 1;
    }
    const seconds = Number(((performance.now() - begun) / 1_000).toFixed(1));
    if (isJson) printJson(io, { ok: true, steps, seconds });
    else
      io.stdout.write(
        [
          `\nAll of it in ${seconds} s. The demo's folder has been removed. To make your own: gatehouse init, then gatehouse up.\n`,
          ...pathStep(io.env).map((line) => `${line}\n`),
        ].join(""),
      );
    return 0;
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
};

type Showing = {
  readonly dataDir: string;
  readonly runtime: ChosenPlace;
  readonly flags: DemoFlags;
  readonly io: Io;
  readonly tell: Tell;
};

const show = async ({ dataDir, runtime, flags, io, tell }: Showing): Promise<Result<null, Failure>> => {
  const { provider = "echo" } = flags;
  const isInImage = placeFacts[runtime.name].isolation === "container";
  const now = (): string => new Date().toISOString();
  const making = { dataDir, now, id: (prefix: string) => `${prefix}-${randomUUID()}` };
  const made = await aloneWithCentral({ dataDir, database: null }, now, (central) =>
    initGroup(central, making, { ...group, provider }),
  );
  if (!made.ok) return made;
  const cli = providers.find((name) => name === provider);
  const model = cli === undefined ? ok(noModel) : await cliForDemo(cli, dataDir, { ...flags, isInImage }, io);
  if (!model.ok) return model;
  const { upstreams, note, close } = model.value;
  try {
    const report = (error: unknown): void => tell(`trouble: ${String(error)}`);
    const pages = flags.console === true ? { console: { host: "127.0.0.1", port: 0 } } : {};
    const host = await startHost({ dataDir, upstreams, runtime, report, ...pages });
    if (!host.ok) return host;
    try {
      tell(`A host runs with one group, ${group.name}, and one person, its owner.`);
      for (const said of [...runtime.notes, ...(note === null ? [] : [note])]) tell(said);
      const wanted = cli === undefined ? approval : tool;
      const socket = chatSocketIn(dataDir);
      const told =
        flags.console === true
          ? waitOnPages({ host: host.value, socket, dataDir, io, tell })
          : talk(host.value, socket, wanted, tell);
      return await told.then(
        () => ok(null),
        (error: unknown) => fail({ code: "demo-failed", message: (error as Error).message }),
      );
    } finally {
      await host.value.stop();
    }
  } finally {
    await close();
  }
};

const noModel = { upstreams: {}, note: null, close: () => Promise.resolve() };

type Part = (person: Person, tell: Tell) => Promise<void>;

const talk = async (host: Host, chatSocket: string, wanted: Part, tell: Tell): Promise<void> => {
  const ncl = async (words: string, args: object): Promise<void> => {
    tell(
      `$ ncl ${words} ${Object.entries(args)
        .map(([name, value]) => `--${name} ${JSON.stringify(value)}`)
        .join(" ")}`,
    );
    const frame = await host.transports.socket({ id: "demo", command: words.replaceAll(" ", "-"), args });
    if (!frame.ok) throw new Error(frame.error.message);
  };
  const person = demoPerson(chatSocket, group.name);
  try {
    await message(person, tell);
    await wanted(person, tell);
    await restart(person, ncl, tell);
  } finally {
    person.leave();
  }
};

type OnPages = Pick<Showing, "dataDir" | "io" | "tell"> & { readonly host: Host; readonly socket: string };

/** How long the demo waits for its reader, ms. */
const readerMs = 60 * 60 * 1_000;

/** Lets two requests wait on the pages of the console, until the reader has answered them, or ends the demo. */
const waitOnPages = async ({ host, socket, dataDir, io, tell }: OnPages): Promise<void> => {
  const person = demoPerson(socket, group.name, readerMs);
  try {
    await person.ask(`/ncl groups config update ${group.name} --model demo-model`);
    const used = person.ask('/tool Bash {"command":"npm test","description":"Run the tests"}');
    const changed = person.next(({ text }) =>
      /^(?:Approved|Rejected) by .*: groups config update /.test(text),
    );
    await person.next(({ card }) => card?.title.includes("Bash") === true);
    const frame = await host.transports.socket({ id: "demo", command: "console-invite", args: {} });
    if (!frame.ok) throw new Error(frame.error.message);
    tell("\nIts agent asks for two things, which wait for you:");
    tell(frame.human ?? "");
    tell(`Another link: gatehouse console --data ${dataDir}`);
    const answers = [changed, used].map(async (answer) => tell(`  ${(await answer).text}`));
    await Promise.race([Promise.all(answers), abortOf(io.signal)]);
  } finally {
    person.leave();
  }
};

type Person = ReturnType<typeof demoPerson>;

const message = async (person: Person, tell: Tell): Promise<void> => {
  tell("\nA message in, an answer out:");
  tell("  you:  hello");
  tell(`  ${group.name}: ${(await person.ask("hello")).text}`);
};

const approval = async (person: Person, tell: Tell): Promise<void> => {
  tell("\nThe agent asks for something that a person must decide:");
  tell(`  you:  /ncl groups config update ${group.name} --model demo-model`);
  const asked = await person.ask(`/ncl groups config update ${group.name} --model demo-model`);
  tell(`  ${group.name}: ${asked.text}`);
  await approve(person, "Approve", tell);
  const told = await person.next(({ from, text }) => from !== null && text.includes("approved"));
  tell(`  ${group.name}: ${told.text}`);
};

/** Shows the approval of a command that the model wants the agent to run. */
const tool: Part = async (person, tell) => {
  tell("\nThe agent wants to run a command, which a person must allow:");
  tell("  you:  run date >now.txt");
  const answered = person.ask("run date >now.txt");
  await approve(person, "Allow once", tell);
  tell(`  ${group.name}: ${(await answered).text}`);
};

/** Shows the card, and approves its request. */
const approve = async (person: Person, said: string, tell: Tell): Promise<void> => {
  const { card } = await person.next((shown) => shown.card !== undefined);
  if (card === undefined) return;
  tell(`  host: ${card.title}`);
  for (const line of card.lines) tell(`        ${line}`);
  tell(`  you:  ${said}`);
  person.answer(card, "approve");
  tell(`  host: ${(await person.next(({ text }) => text.startsWith("Approved by"))).text}`);
};

const restart = async (
  person: Person,
  ncl: (words: string, args: object) => Promise<void>,
  tell: Tell,
): Promise<void> => {
  tell("\nThe agent is restarted, with a message to the new one:");
  await ncl("groups restart", { id: group.name, message: "You were started again." });
  tell(`  ${group.name}: ${(await person.next(({ text }) => text.includes("started again"))).text}`);
  tell("  you:  still there?");
  tell(`  ${group.name}: ${(await person.ask("still there?")).text}`);
};
