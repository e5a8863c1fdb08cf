import { rmSync } from "node:fs";
import process from "node:process";
import { runtimeContract } from "../../testing/runtime-contract.ts";
import type { ContainerRuntime } from "../../runtime.ts";
import { sandboxesIn, temporarySandboxes } from "./sandboxes-in.fixture.ts";
import { sandboxSubject } from "./sandbox-subject.fixture.ts";

/** The problem of each case of the contract, with sandboxes of this program's account; null for none. */
const problems = await Promise.all(
  runtimeContract.map(async ({ title, check }) => {
    const folder = temporarySandboxes();
    const hosts: ContainerRuntime[] = [];
    const sandboxes = sandboxesIn(folder, (host) => {
      hosts.push(host);
      return host;
    });
    const problem = await check(sandboxSubject(sandboxes)).then(() => null, String);
    for (const host of hosts) {
      const running = await host.running();
      if (running.ok) await Promise.all(running.value.map((it) => it.kill(0)));
      await host.close();
    }
    rmSync(folder, { recursive: true, force: true });
    return { title, problem };
  }),
);
process.stdout.write(JSON.stringify({ uid: process.getuid?.(), problems }));
