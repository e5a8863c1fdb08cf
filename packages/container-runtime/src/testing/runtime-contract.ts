import type { Exit } from "../runtime.ts";
import type { Mount } from "../workload-spec.ts";
import { type ContractCase, exitOf, same, signalOf, valueOf } from "./contract-case.ts";
import { placingCases } from "./placing-cases.ts";

/**
 * The tests that every runtime must pass, for any test runner:
 * `for (const { title, check } of runtimeContract) test(title, () => check(makeSubject()));`
 */
export const runtimeContract: readonly ContractCase[] = [
  {
    title: "calls each listener once with the exit and the last lines of stderr",
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
    title: "calls a listener that is added after the exit",
    check: async ({ host, spec }) => {
      const container = valueOf(await host().spawn(spec("exits-3")));
      await exitOf(container);
      const exit = await exitOf(container);
      same(exit, { ...exit, code: 3 });
    },
  },
  {
    title: "ends a container within its grace, and calls its listeners",
    check: async ({ host, spec, isUp }) => {
      const container = valueOf(await host().spawn(spec("stays")));
      await isUp(container);
      const [told, exit] = await Promise.all([exitOf(container), container.kill(60_000)]);
      same([told, signalOf(exit)], [exit, "SIGTERM"]);
    },
  },
  {
    title: "ends a container that ignores SIGTERM by force after its grace",
    check: async ({ host, spec, isUp }) => {
      const container = valueOf(await host().spawn(spec("ignores-sigterm")));
      await isUp(container);
      same(signalOf(await container.kill(100)), "SIGKILL");
    },
  },
  {
    title: "resolves a kill of an ended container with its exit",
    check: async ({ host, spec }) => {
      const container = valueOf(await host().spawn(spec("exits-3")));
      const exit = await exitOf(container);
      same(await container.kill(60_000), exit);
    },
  },
  {
    title: "ends a container once for two kills at the same time",
    check: async ({ host, spec, isUp }) => {
      const container = valueOf(await host().spawn(spec("ignores-sigterm")));
      await isUp(container);
      const [patient, hasty] = await Promise.all([container.kill(60_000), container.kill(50)]);
      same([patient, signalOf(patient)], [hasty, "SIGKILL"]);
    },
  },
  {
    title: "lists running containers with their labels, but not ended ones",
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
    title: "lets another host adopt a container, and reports its exit to both",
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
    title: "keeps containers running after their host has closed",
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
    title: "does not list containers of another installation",
    check: async ({ host, spec, isUp, otherInstall }) => {
      const theirs = valueOf(await host(otherInstall).spawn(spec("stays", { install: otherInstall })));
      await isUp(theirs);
      same(valueOf(await host().running()), []);
      same(valueOf(await host(otherInstall).running()).length, 1);
      await theirs.kill(0);
    },
  },
  {
    title: "refuses a mount whose source is missing, and starts nothing",
    check: async ({ host, spec }) => {
      const runtime = host();
      const missing: Mount = {
        source: "/proc/nowhere/at/all",
        target: "/proc/nowhere/at/all",
        isReadOnly: false,
      };
      const refused = await runtime.spawn({ ...spec("stays"), mounts: [missing] });
      same(refused.ok ? null : refused.error.code, "mount-missing");
      same(valueOf(await runtime.running()), []);
    },
  },
  {
    title: "reports the exit of a container that was killed from outside",
    check: async ({ host, spec, isUp, crash }) => {
      const container = valueOf(await host().spawn(spec("stays")));
      await isUp(container);
      const [exit] = await Promise.all([exitOf(container), crash(container)]);
      same(signalOf(exit), "SIGKILL");
    },
  },
  {
    title: "does not list a container that ended while no host ran",
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
    title: "accepts a kill of a container that another host has ended",
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
