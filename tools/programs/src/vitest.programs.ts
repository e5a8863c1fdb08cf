import type { ProvidedContext } from "vitest";
import type { TestProject } from "vitest/node";
import { bundlePrograms } from "./index.ts";

/** The programs that tests start, by their sources. */
const sources: Readonly<Record<keyof ProvidedContext["programs"], URL>> = {
  gatehouse: new URL("../../../apps/host/src/main.ts", import.meta.url),
  "workspace-trust": new URL("../../../apps/workspace-trust/src/main.ts", import.meta.url),
  "agent-runner": new URL("../../../apps/agent-runner/src/main.ts", import.meta.url),
  ncl: new URL("../../../apps/ncl/src/main.ts", import.meta.url),
  "orchestrator-adapter": new URL("../../../apps/orchestrator-adapter/src/main.ts", import.meta.url),
  "add-user-child": new URL(
    "../../../packages/user-wizard/src/node/add-user/add-user.child.fixture.ts",
    import.meta.url,
  ),
  approver: new URL("../../../internal/host/approvals/src/approver.fixture.ts", import.meta.url),
  "killed-backup": new URL("../../../internal/host/backup/src/killed-backup.fixture.ts", import.meta.url),
  "open-later": new URL("../../../internal/host/central-database/src/open-later.fixture.ts", import.meta.url),
  "later-gatehouse": new URL("../../../apps/host/src/upgrade/later-gatehouse.fixture.ts", import.meta.url),
  "hold-lock": new URL("../../../packages/container-config/src/node/hold-lock.fixture.ts", import.meta.url),
  writer: new URL("../../../packages/container-config/src/node/writer.fixture.ts", import.meta.url),
  "echo-runner": new URL("../../../internal/host/wire/src/echo-runner.fixture.ts", import.meta.url),
  "import-once": new URL("../../../apps/host/src/import/import-once.fixture.ts", import.meta.url),
  "intent-killed": new URL("../../../apps/host/src/up/intent-killed.fixture.ts", import.meta.url),
  "container-host": new URL(
    "../../../packages/container-runtime/src/node/process/host.fixture.ts",
    import.meta.url,
  ),
  "sandbox-contract": new URL(
    "../../../packages/container-runtime/src/node/sandbox/contract.fixture.ts",
    import.meta.url,
  ),
  "host-child": new URL("../../../apps/host/src/chaos/host-child.fixture.ts", import.meta.url),
};

/** Bundles the programs that tests start, once for the whole run: a second or two of processor time. */
export default async function providePrograms(project: TestProject): Promise<(() => void) | undefined> {
  // Every project inherits this set-up; what the root provides, all of them have.
  if (!project.isRootProject()) return;
  const programs = await bundlePrograms(sources);
  project.onTestsRerun(programs.bundle);
  project.provide("programs", programs.files);
  return programs.remove;
}
