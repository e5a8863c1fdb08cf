import type { FilesIn } from "../files-in.ts";
import type { WorkloadSpec } from "../workload-spec.ts";
import { type ContractCase, exitOf, same, valueOf } from "./contract-case.ts";

/** Cases about what a workload is given: its files, and its isolation. */
export const placingCases: readonly ContractCase[] = [
  {
    title: "files that are handed in are there when it runs",
    check: async ({ host, spec, isUp }) => {
      const container = valueOf(await host().spawn(withWord(spec("says-its-word"), "first")));
      await isUp(container);
      same((await container.kill(60_000)).lastLines.at(-1), "first");
    },
  },
  {
    title: "files are replaced while it runs",
    check: async ({ host, spec, isUp }) => {
      const container = valueOf(await host().spawn(withWord(spec("says-its-word"), "first")));
      await isUp(container);
      valueOf(await container.replaceFiles(fileWith("second")));
      same((await container.kill(60_000)).lastLines.at(-1), "second");
    },
  },
  {
    title: "files of one that was adopted are replaced too",
    check: async ({ host, spec, isUp }) => {
      const started = valueOf(await host().spawn(withWord(spec("says-its-word"), "first")));
      await isUp(started);
      const [adopted] = valueOf(await host().running());
      if (adopted === undefined) throw new Error("nothing was adopted");
      valueOf(await adopted.replaceFiles(fileWith("second")));
      same((await started.kill(60_000)).lastLines.at(-1), "second");
    },
  },
  {
    title: "files that lead out of their folder are refused, and nothing starts",
    check: async ({ host, spec }) => {
      const runtime = host();
      const { files, ...rest } = spec("stays");
      const entry = { kind: "file", path: "../out", mode: 0o600, content: "" } as const;
      const refused = await runtime.spawn({ ...rest, files: { ...files, entries: [entry] } });
      same(refused.ok ? null : refused.error.code, "files-refused");
      same(valueOf(await runtime.running()), []);
    },
  },
  {
    title: "each host tells the same folder of a session's files",
    check: async ({ host, spec }) => {
      const owner = { sessionId: "s-1", account: null, hostFolder: spec("stays").files.folder };
      same(valueOf(await host().folderOf(owner)), valueOf(await host().folderOf(owner)));
    },
  },
  {
    title: "a spec that asks for more isolation than there is is refused, and nothing starts",
    check: async ({ host, spec }) => {
      const runtime = host();
      const wanted = { image: { image: "agent:1" }, network: { network: "none" } } as const;
      for (const [ability, over] of Object.entries(wanted)) {
        if (runtime.cannot[ability as keyof typeof wanted] === undefined) continue;
        const refused = await runtime.spawn({ ...spec("stays"), ...over });
        same(refused.ok ? null : refused.error.code, "unsupported");
      }
      same(valueOf(await runtime.running()), []);
    },
  },
  {
    title: "one with a limit that there is not starts all the same",
    check: async ({ host, spec }) => {
      const runtime = host();
      const limits = { cpus: 1, memoryMb: 256, pids: 256 };
      const exit = await exitOf(valueOf(await runtime.spawn({ ...spec("exits-3"), ...limits })));
      same(exit.code, 3);
    },
  },
];

const fileWith = (content: string): Omit<FilesIn, "folder"> => ({
  whole: ["in"],
  entries: [{ kind: "file", path: "in/word", mode: 0o600, content }],
});

const withWord = (spec: WorkloadSpec, word: string): WorkloadSpec => ({
  ...spec,
  files: { ...spec.files, ...fileWith(word) },
});
