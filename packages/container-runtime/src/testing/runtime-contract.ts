import type { Container, ContainerRuntime, Exit } from "../runtime.ts";
import type { WorkloadSpec, Mount } from "../workload-spec.ts";
import type { RuntimeResult } from "../runtime-result.ts";

/** The programs that the contract is tried on. Each runtime provides its own. */
export type ContractProgram =
  /** Stays until it is asked to end. */
  | "stays"
  /** Stays also when it is asked to end. */
  | "ignores-sigterm"
  /** Writes the lines "first" and "last words" to stderr, and exits with 3. */
  | "exits-3";

/** A machine with nothing on it yet. */
export type RuntimeSubject = {
  /** The runtime of a host that starts now. All of them are of one machine, and find what others started. */
  readonly host: (install?: string) => ContainerRuntime;
  readonly spec: (program: ContractProgram, label?: Partial<WorkloadSpec["label"]>) => WorkloadSpec;
  /** Resolves when the program has come up. */
  readonly isUp: (container: Container) => Promise<void>;
};

/** One case. `check` rejects with the reason if the runtime breaks it. */
export type ContractCase = {
  readonly title: string;
  readonly check: (subject: RuntimeSubject) => Promise<void>;
};

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
      same([told, exit.signal], [exit, "SIGTERM"]);
    },
  },
  {
    title: "one that does not listen is ended by force after its grace",
    check: async ({ host, spec, isUp }) => {
      const container = valueOf(await host().spawn(spec("ignores-sigterm")));
      await isUp(container);
      same((await container.kill(100)).signal, "SIGKILL");
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
      same([patient, patient.signal], [hasty, "SIGKILL"]);
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
    check: async ({ host, spec }) => {
      const theirs = valueOf(await host("there").spawn(spec("stays", { install: "there" })));
      same(valueOf(await host("here").running()), []);
      same(valueOf(await host("there").running()).length, 1);
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
];

const exitOf = (container: Container): Promise<Exit> => new Promise((resolve) => container.onExit(resolve));

const valueOf = <T>(result: RuntimeResult<T>): T => {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
};

const same = (found: unknown, expected: unknown): void => {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`expected ${other}, found ${one}`);
};
