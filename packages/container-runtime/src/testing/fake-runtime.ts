import type { Cannot } from "../check-spec.ts";
import { type Container, type ContainerRuntime, type Exit, type ExitOnce, exitOnce } from "../runtime.ts";
import { checkFiles, type FileIn, type FilesIn } from "../files-in.ts";
import type { WorkloadSpec } from "../workload-spec.ts";
import type { RuntimeError } from "../runtime-result.ts";

/** A container without a process. The test decides when it ends. */
export type FakeContainer = {
  readonly reference: string;
  readonly spec: WorkloadSpec;
  /** Its current files by path: the content, the target of a link, or the path of a host file. */
  readonly files: () => ReadonlyMap<string, string>;
  /** The grace of every kill so far, ms. */
  readonly kills: readonly number[];
  readonly hasEnded: () => boolean;
  /** Ends it, by default with code 0. A second call has no effect. */
  readonly end: (exit?: Partial<Exit>) => void;
};

export type FakeRuntimeOptions = {
  /** The installation of `runtime`; "here" by default. */
  readonly install?: string;
  /** The abilities that it lacks; none by default. */
  readonly cannot?: Cannot;
  /** Called before a container starts. It may delay the start, or refuse it with an error. */
  readonly beforeSpawn?: (spec: WorkloadSpec) => Promise<RuntimeError | null> | RuntimeError | null;
  readonly onSpawn?: (container: FakeContainer) => void;
  /** Called for each kill; the test then ends the container. By default, it ends at once with SIGTERM. */
  readonly onKill?: (container: FakeContainer, graceMs: number) => void;
};

export type FakeRuntime = {
  readonly runtime: ContainerRuntime;
  /** The runtime of another host process on the same machine. It adopts the running containers. */
  readonly anotherHost: (install?: string) => ContainerRuntime;
  /** All containers in the order of their start. */
  readonly containers: readonly FakeContainer[];
};

/** A runtime for tests of races: the test decides when its containers start and end. */
export const fakeRuntime = (options: FakeRuntimeOptions = {}): FakeRuntime => {
  const containers: FakeContainer[] = [];
  const machine: Machine = { options, started: [], containers };
  const { install = "here" } = options;
  return {
    runtime: hostOn(machine, install),
    anotherHost: (other = install) => hostOn(machine, other),
    containers,
  };
};

type Started = {
  readonly fake: FakeContainer;
  readonly kill: (graceMs: number) => void;
  readonly replaceFiles: Container["replaceFiles"];
  readonly exit: ExitOnce;
};
type Machine = {
  readonly options: FakeRuntimeOptions;
  readonly started: Started[];
  readonly containers: FakeContainer[];
};

/** Applies new files. Stores the path of a host's file instead of its content. */
const replaceIn = (files: Map<string, string>, { whole, entries }: Omit<FilesIn, "folder">): void => {
  for (const path of [...files.keys()])
    if (whole.some((folder) => path.startsWith(`${folder}/`))) files.delete(path);
  for (const entry of entries)
    if (entry.kind === "link") files.set(entry.path, entry.target);
    else if (entry.kind === "file") files.set(entry.path, shown(entry.content));
};

const shown = (content: Extract<FileIn, { readonly kind: "file" }>["content"]): string => {
  if (typeof content === "string") return content;
  return "source" in content ? content.source : new TextDecoder().decode(content);
};

const start = ({ options, started, containers }: Machine, spec: WorkloadSpec): Started => {
  const exit = exitOnce();
  const kills: number[] = [];
  const files = new Map<string, string>();
  const replaceFiles: Container["replaceFiles"] = async (given) => {
    const checked = checkFiles(given);
    if (checked.ok) replaceIn(files, given);
    return checked;
  };
  replaceIn(files, spec.files);
  const fake: FakeContainer = {
    reference: `fake-${started.length + 1}`,
    spec,
    files: () => files,
    kills,
    hasEnded: exit.hasEnded,
    end: (how = {}) => exit.settle({ code: 0, signal: null, lastLines: [], ...how }),
  };
  const kill = (graceMs: number): void => {
    kills.push(graceMs);
    if (options.onKill === undefined) fake.end({ code: null, signal: "SIGTERM" });
    else options.onKill(fake, graceMs);
  };
  const it = { fake, kill, replaceFiles, exit };
  started.push(it);
  containers.push(fake);
  return it;
};

const hostOn = (machine: Machine, install: string): ContainerRuntime => {
  const seen = new Map<Started, Container>();
  let isClosed = false;
  const observe = (started: Started, told: (exit: Exit) => Exit): Container => {
    const here = exitOnce();
    started.exit.onExit((exit) => {
      if (!isClosed) here.settle(told(exit));
    });
    const container: Container = {
      reference: started.fake.reference,
      label: started.fake.spec.label,
      pid: null,
      onExit: here.onExit,
      replaceFiles: started.replaceFiles,
      kill: async (graceMs) => {
        if (!started.fake.hasEnded()) started.kill(graceMs);
        return here.ended;
      },
    };
    seen.set(started, container);
    return container;
  };
  return {
    name: "fake",
    cannot: machine.options.cannot ?? {},
    folderOf: async ({ account, sessionId, hostFolder }) => ({
      ok: true,
      value: account === null ? hostFolder : `/home/${account}/agents/${sessionId}`,
    }),
    spawn: async (spec) => {
      const refused = (await machine.options.beforeSpawn?.(spec)) ?? null;
      if (refused !== null) return { ok: false, error: refused };
      const files = checkFiles(spec.files);
      if (!files.ok) return files;
      const started = start(machine, spec);
      const container = observe(started, (exit) => exit);
      machine.options.onSpawn?.(started.fake);
      return { ok: true, value: container };
    },
    running: async () => {
      if (isClosed)
        return { ok: false, error: { code: "runtime-unavailable", message: "The runtime was closed." } };
      const ours = machine.started.filter(
        ({ fake }) => !fake.hasEnded() && fake.spec.label.install === install,
      );
      // Only the host that started a container learns its exit code.
      const adopt = (it: Started) => observe(it, (exit) => ({ ...exit, code: null, signal: null }));
      return { ok: true, value: ours.map((it) => seen.get(it) ?? adopt(it)) };
    },
    close: async () => {
      isClosed = true;
    },
  };
};
