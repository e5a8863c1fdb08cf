import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { dialAsMachine, type DialledMachine } from "@gatehouse/places/machine/dial";
import { connectToHost, wireAddressOf } from "@gatehouse/wire/runner";
import { exitOnce, type Container } from "@nc/container-runtime";
import { ok } from "@gatehouse/std";
import { scriptedApi, type ApiObject } from "@nc/kubernetes-runtime/testing";
import { answerEcho } from "./answer-echo.ts";

/**
 * A cluster in a process of its own: an API server in memory, and a kubelet whose Pods are connections of this process. Each
 * dials its host as `gatehouse machine run` in a Pod does. Prints the URL of the API, and one with the counts of its requests.
 */
const main = async (): Promise<void> => {
  const machines = new Map<string, DialledMachine>();
  const start = (pod: ApiObject): void => {
    const { name } = pod.metadata;
    const { address = "", pin, token } = JSON.parse(api.secret(name)?.["machine.json"] ?? "{}") as Secret;
    const place = wireAddressOf(address);
    if (place === null) throw new Error(`The Pod ${name} got no address.`);
    const connect = (use: "machine" | "wire") => () => connectToHost(place, pin, use);
    const machine = dialAsMachine({
      connect: connect("machine"),
      credential: { token },
      name,
      runtime: "process",
      running: [],
      start: ({ label }, sessionToken) => {
        const exit = exitOnce();
        const stop = answerEcho(connect("wire"), sessionToken);
        const container: Container = {
          reference: name,
          label,
          pid: null,
          onExit: exit.onExit,
          replaceFiles: () => Promise.resolve(ok(null)),
          kill: async () => {
            await stop();
            exit.settle({ code: 0, signal: null, lastLines: [] });
            return exit.ended;
          },
        };
        return Promise.resolve(ok(container));
      },
      since: "",
      served: () => {},
      welcomed: () => {},
      trouble: () => {},
      say: () => {},
      report: (error) => void process.stderr.write(`${String(error)}\n`),
    });
    machines.set(name, machine);
    api.bind(name, "node1");
    api.setStatus(name, { phase: "Running" });
  };
  const end = ({ metadata: { name } }: ApiObject): void => {
    const machine = machines.get(name);
    machines.delete(name);
    void (machine?.close() ?? Promise.resolve()).then(() => api.remove(name));
  };
  const api = await scriptedApi({ started: start, ending: end });
  const counts = (): Readonly<Record<string, number>> => {
    const all: Record<string, number> = {};
    for (const { method, path, query } of api.requests) {
      const kind = path.split("/")[5] ?? path;
      const what = query["watch"] === "1" ? "watch" : `${method} ${kind}`;
      all[what] = (all[what] ?? 0) + 1;
    }
    return all;
  };
  const control = createServer((_, response) => response.end(JSON.stringify(counts())));
  await new Promise<void>((resolve) => control.listen(0, "127.0.0.1", resolve));
  process.stdout.write(`${api.url} http://127.0.0.1:${(control.address() as AddressInfo).port}\n`);
  // It ends with its starter, also if that is killed.
  process.stdin.resume().once("close", () => process.exit());
};

type Secret = { readonly address?: string; readonly pin: string | null; readonly token: string };

await main();
