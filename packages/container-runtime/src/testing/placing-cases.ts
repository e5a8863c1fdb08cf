import type { FilesIn } from "../files-in.ts";
import type { WorkloadSpec } from "../workload-spec.ts";
import { type ContractCase, exitOf, same, valueOf } from "./contract-case.ts";

/** Cases about the files and the isolation of a workload. */
export const placingCases: readonly ContractCase[] = [
  {
    title: "provides the spec's files when the program runs",
    check: async ({ host, spec, isUp }) => {
      const container = valueOf(await host().spawn(withWord(spec("says-its-word"), "first")));
      await isUp(container);
      same((await container.kill(60_000)).lastLines.at(-1), "first");
    },
  },
  {
    title: "replaces files of a running container",
    check: async ({ host, spec, isUp }) => {
      const container = valueOf(await host().spawn(withWord(spec("says-its-word"), "first")));
      await isUp(container);
      valueOf(await container.replaceFiles(fileWith("second")));
      same((await container.kill(60_000)).lastLines.at(-1), "second");
    },
  },
  {
    title: "replaces files of an adopted container",
    check: async ({ host, spec, isUp }) => {
      const first = host();
      await isUp(valueOf(await first.spawn(withWord(spec("says-its-word"), "first"))));
      // Only the host that removes the ended container reads its last lines, so the first host is closed.
      await first.close();
      const [adopted] = valueOf(await host().running());
      if (adopted === undefined) throw new Error("nothing was adopted");
      valueOf(await adopted.replaceFiles(fileWith("second")));
      same((await adopted.kill(60_000)).lastLines.at(-1), "second");
    },
  },
  {
    title: "refuses files that lead out of their folder, and starts nothing",
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
    title: "returns the same folder for a session's files from each host",
    check: async ({ host, spec }) => {
      const owner = { sessionId: "s-1", account: null, hostFolder: spec("stays").files.folder };
      same(valueOf(await host().folderOf(owner)), valueOf(await host().folderOf(owner)));
    },
  },
  {
    title: "refuses a spec that needs missing isolation, and starts nothing",
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
    title: "starts a container even if it cannot apply a limit",
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
