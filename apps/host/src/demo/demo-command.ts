import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chatSocketIn } from "@gatehouse/channels/client";
import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { initGroup } from "@gatehouse/control-plane";
import { aloneWithCentral } from "@gatehouse/data-folder";
import type { Result } from "@gatehouse/std";
import { startHost, type Host } from "../up/start-host.ts";
import { pathStep } from "../init/next-step.ts";
import { demoPerson } from "./demo-person.ts";

/** Told as it happens: one line for what is done, one for what came of it. */
type Tell = (line: string) => void;

const group = { name: "Demo", folder: "demo", owner: "local:you" };

/**
 * Shows a host at work in a throw-away data folder: a message and its answer, an approval, a restart. It opens
 * no network, and leaves nothing. Returns the exit code.
 */
export const demoCommand = async (
  { json: isJson = false }: { readonly json?: boolean },
  io: Io,
): Promise<number> => {
  const begun = performance.now();
  const steps: string[] = [];
  const tell: Tell = (line) => {
    steps.push(line);
    if (!isJson) io.stdout.write(`${line}\n`);
  };
  const dataDir = await mkdtemp(join(tmpdir(), "gatehouse-demo-"));
  try {
    const shown = await show(dataDir, tell);
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

const show = async (dataDir: string, tell: Tell): Promise<Result<null, Failure>> => {
  const now = (): string => new Date().toISOString();
  const making = { dataDir, now, id: (prefix: string) => `${prefix}-${randomUUID()}` };
  const made = await aloneWithCentral({ dataDir, database: null }, now, (central) =>
    initGroup(central, making, { ...group, provider: "echo" }),
  );
  if (!made.ok) return made;
  const host = await startHost({ dataDir, report: (error) => tell(`trouble: ${String(error)}`) });
  if (!host.ok) return host;
  try {
    tell(`A host runs with one group, ${group.name}, and one person, its owner.`);
    return await talk(host.value, chatSocketIn(dataDir), tell).then(
      () => ({ ok: true, value: null }),
      (error: unknown) => ({ ok: false, error: { code: "demo-failed", message: (error as Error).message } }),
    );
  } finally {
    await host.value.stop();
  }
};

const talk = async (host: Host, chatSocket: string, tell: Tell): Promise<void> => {
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
    await approval(person, tell);
    await restart(person, ncl, tell);
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
  const { card } = await person.next((shown) => shown.card !== undefined);
  if (card === undefined) return;
  tell(`  host: ${card.title}`);
  for (const line of card.lines) tell(`        ${line}`);
  tell("  you:  Approve");
  person.answer(card.id, "approve");
  tell(`  host: ${(await person.next(({ text }) => text.includes("is approved"))).text}`);
  const told = await person.next(({ from, text }) => from !== null && text.includes("approved"));
  tell(`  ${group.name}: ${told.text}`);
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
