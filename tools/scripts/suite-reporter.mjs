import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** Where the reporter leaves what it saw in a run of the tests of this folder. */
export const suiteJson = (root) => join(root, ".results", "suite.json");

/**
 * A vitest reporter that keeps of each test file how long it took, how many of its tests passed, which failed,
 * and which were skipped and why; and the errors outside of every test.
 */
export default class SuiteReporter {
  onInit(vitest) {
    this.root = vitest.config.root;
  }

  onTestRunEnd(modules, unhandled) {
    const files = modules.map((module) => this.#resultOf(module));
    const errors = unhandled.map(({ message }) => message);
    mkdirSync(dirname(suiteJson(this.root)), { recursive: true });
    writeFileSync(suiteJson(this.root), JSON.stringify({ files, errors }));
  }

  /** A failure's `at` is the test's place in its file, which a title with a seed in it does not change. */
  #resultOf(module) {
    const file = relative(this.root, module.moduleId);
    const tests = [...module.children.allTests()];
    const nameOf = (test) => `${file}: ${test.fullName}`;
    const around = [module, ...module.children.allSuites()].flatMap((suite) => suite.errors());
    return {
      ...{ project: module.project.name, file, tests: tests.length },
      seconds: (module.diagnostic().collectDuration + module.diagnostic().duration) / 1000,
      passed: tests.filter((test) => test.result().state === "passed").length,
      failures: [
        ...around.map(({ message }) => ({ at: null, name: file, reason: message })),
        ...tests.flatMap((test, at) =>
          test.result().state === "failed"
            ? [{ at, name: nameOf(test), reason: test.result().errors[0]?.message ?? "no reason is given" }]
            : [],
        ),
      ],
      skipped: tests
        .filter((test) => test.result().state === "skipped")
        .map((test) => ({ name: nameOf(test), reason: test.result().note ?? "no reason is given" })),
    };
  }
}
