import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "./setup.mjs";

/** Where the reporter leaves what it saw, for the end of `npm test`. */
export const suiteJson = join(root, ".results", "suite.json");

/** A vitest reporter that keeps how long each test file took, which tests failed, and which were skipped and why. */
export default class SuiteReporter {
  onTestRunEnd(modules) {
    const files = modules.map((module) => ({
      file: relative(root, module.moduleId),
      seconds: (module.diagnostic().collectDuration + module.diagnostic().duration) / 1000,
    }));
    const skipped = modules.flatMap((module) =>
      [...module.children.allTests("skipped")].map((test) => ({
        name: `${relative(root, module.moduleId)}: ${test.fullName}`,
        reason: test.result().note ?? "no reason is given",
      })),
    );
    const failed = modules.flatMap((module) => [
      ...module.errors().map(({ message }) => ({ name: relative(root, module.moduleId), reason: message })),
      ...[...module.children.allTests("failed")].map((test) => ({
        name: `${relative(root, module.moduleId)}: ${test.fullName}`,
        reason: test.result().errors?.[0]?.message ?? "no reason is given",
      })),
    ]);
    writeFileSync(suiteJson, JSON.stringify({ files, failed, skipped }));
  }
}
