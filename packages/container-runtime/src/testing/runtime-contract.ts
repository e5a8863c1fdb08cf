import type { Exit } from "../runtime.ts";
import type { Mount } from "../workload-spec.ts";
import { type ContractCase, exitOf, same, signalOf, valueOf } from "./contract-case.ts";
import { placingCases } from "./placing-cases.ts";

/**
 * What a host needs of every runtime, for any test runner:
 * `for (const { title, check } of runtimeContract) test(title, () => check(makeSubject()));`
 */
export const runtimeContract: readonly ContractCase[] = [
  {
    title: "the exit is told once to each listener, with the last lines of stderr",
    check: async ({ host, spec }) => {
      const container = valueOf(await host().spawn(spec("exits-3")));
      const told: Exit[] = [];
      container.onExit((exit) => told.push(exit));
      const exit = await exitOf(container);
      same([exit.code, exit.signal, ...exit.lastLines], [3, null, "first", "last words"]);
      await exitOf(container);
      await container.kill(0);
      same(told, [exit]);
    },
  },
  {
    title: "a listener that comes after the end is told too",
    check: async ({ host, spec }) => {
      const container = valueOf(await host().spawn(spec("exits-3")));
      await exitOf(container);
      same((await exitOf(container)).code, 3);
    },
  },
  {
    title: "one that ends when asked ends within its grace, and its listeners are told",
    check: async ({ host, spec, isUp }) => {
      const container = valueOf(await host().spawn(spec("stays")));
      await isUp(container);
      const [told, exit] = await Promise.all([exitOf(container), container.kill(60_000)]);
      same([told, signalOf(exit)], [exit, "SIGTERM"]);
    },
  },
  {
    title: "one that does not listen is ended by force after its grace",
    check: async ({ host, spec, isUp }) => {
      const container = valueOf(await host().spawn(spec("ignores-sigterm")));
      await isUp(container);
      same(signalOf(await container.kill(100)), "SIGKILL");
    },
  },
  {
    title: "a kill of one that has ended resolves with its exit (B13)",
    check: async ({ host, spec }) => {
      const container = valueOf(await host().spawn(spec("exits-3")));
      const exit = await exitOf(container);
      same(await container.kill(60_000), exit);
    },
  },
  {
    title: "two kills at once end it once",
    check: async ({ host, spec, isUp }) => {
      const container = valueOf(await host().spawn(spec("ignores-sigterm")));
      await isUp(container);
      const [patient, hasty] = await Promise.all([container.kill(60_000), container.kill(50)]);
      same([patient, signalOf(patient)], [hasty, "SIGKILL"]);
    },
  },
  {
    title: "what runs is listed with its label, what has ended is not",
    check: async ({ host, spec }) => {
      const runtime = host();
      const stays = valueOf(await runtime.spawn(spec("stays", { sessionId: "a", incarnation: 4, token: 9 })));
      await exitOf(valueOf(await runtime.spawn(spec("exits-3"))));
      same(valueOf(await runtime.running()), [stays]);
      same([stays.label.sessionId, stays.label.incarnation, stays.label.token], ["a", 4, 9]);
      await stays.kill(0);
      same(valueOf(await runtime.running()), []);
    },
  },
  {
    title: "another host of the installation adopts what runs, and both are told of its end",
    check: async ({ host, spec, isUp }) => {
      const started = valueOf(await host().spawn(spec("stays")));
      await isUp(started);
      const second = host();
      const [adopted] = valueOf(await second.running());
      if (adopted === undefined) throw new Error("nothing was adopted");
      same([adopted.reference, adopted.label], [started.reference, started.label]);
      same(valueOf(await second.running()), [adopted]);
      await Promise.all([exitOf(started), exitOf(adopted), adopted.kill(60_000)]);
      same(valueOf(await second.running()), []);
    },
  },
  {
    title: "containers run on when their host has closed",
    check: async ({ host, spec }) => {
      const first = host();
      const { reference } = valueOf(await first.spawn(spec("stays")));
      await first.close();
      const found = valueOf(await host().running());
      same(
        found.map((it) => it.reference),
        [reference],
      );
      await found[0]?.kill(0);
    },
  },
  {
    title: "containers of another installation are not seen",
    check: async ({ host, spec, otherInstall }) => {
      const theirs = valueOf(await host(otherInstall).spawn(spec("stays", { install: otherInstall })));
      same(valueOf(await host().running()), []);
      same(valueOf(await host(otherInstall).running()).length, 1);
      await theirs.kill(0);
    },
  },
  {
    title: "a mount whose source is missing is refused, and nothing starts",
    check: async ({ host, spec }) => {
      const runtime = host();
      const missing: Mount = { source: "/nowhere/at/all", target: "/nowhere/at/all", isReadOnly: false };
      const refused = await runtime.spawn({ ...spec("stays"), mounts: [missing] });
      same(refused.ok ? null : refused.error.code, "mount-missing");
      same(valueOf(await runtime.running()), []);
    },
  },
  {
    title: "the exit of one that was killed behind its host's back is told",
    check: async ({ host, spec, isUp, crash }) => {
      const container = valueOf(await host().spawn(spec("stays")));
      await isUp(container);
      const [exit] = await Promise.all([exitOf(container), crash(container)]);
      same(signalOf(exit), "SIGKILL");
    },
  },
  {
    title: "one that ended while no host was there is not listed by the next",
    check: async ({ host, spec, isUp, crash }) => {
      const first = host();
      const container = valueOf(await first.spawn(spec("stays")));
      await isUp(container);
      await first.close();
      await crash(container);
      same(valueOf(await host().running()), []);
    },
  },
  {
    title: "what another host has ended is told as ended, not as an error",
    check: async ({ host, spec, isUp }) => {
      const first = host();
      const started = valueOf(await first.spawn(spec("stays")));
      await isUp(started);
      const [adopted] = valueOf(await host().running());
      await adopted?.kill(60_000);
      await started.kill(0);
      same(valueOf(await first.running()), []);
    },
  },
  ...placingCases,
];
