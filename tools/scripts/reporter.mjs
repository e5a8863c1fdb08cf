// A vitest reporter for the ends of the gate and of soak: what is slow, skipped, retried and failed, each in a line. Leaves
// the counts in `.results/tests.json`.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

export default class EndReporter {
  onInit(vitest) {
    this.root = vitest.config.root;
    // Tests that the filter leaves out are neither counted nor named: `soak`, `!soak` or none.
    this.filter = vitest.config.tagsFilter?.[0];
  }

  onTestRunEnd(modules, unhandled) {
    const all = modules.flatMap((module) => [...module.children.allTests()]);
    const isChosen = { soak: (isSoak) => isSoak, "!soak": (isSoak) => !isSoak }[this.filter] ?? (() => true);
    const tests = all.filter((test) => isChosen(test.tags.includes("soak")));
    const inState = (state) => tests.filter((test) => test.result().state === state);
    // Errors around tests: a file that cannot be loaded, a hook that throws, a rejection that nothing awaits.
    const around = modules.flatMap((module) =>
      [module, ...module.children.allSuites()].flatMap((suite) =>
        suite.errors().map(({ message }) => `${relative(this.root, module.moduleId)}: ${message}`),
      ),
    );
    const errors = [...around, ...unhandled.map(({ message }) => message)];
    const [passed, failed, skipped] = ["passed", "failed", "skipped"].map(inState);
    const retried = passed.filter((test) => (test.diagnostic()?.retryCount ?? 0) > 0);
    const slowest = modules.toSorted((a, b) => secondsOf(b) - secondsOf(a)).slice(0, 10);
    print("slow    ", slowest, (it) => `${secondsOf(it).toFixed(1)} s  ${relative(this.root, it.moduleId)}`);
    print("skipped ", skipped, (it) => `${this.#nameOf(it)}: ${it.result().note ?? "no reason is given"}`);
    print("retried ", retried, (it) => this.#nameOf(it));
    print("failed  ", failed, (it) => `${this.#nameOf(it)}: ${it.result().errors[0]?.message}`);
    print("failed  ", errors, (it) => it);
    const counts = { passed: passed.length, failed: failed.length + errors.length, skipped: skipped.length };
    mkdirSync(join(this.root, ".results"), { recursive: true });
    writeFileSync(join(this.root, ".results", "tests.json"), JSON.stringify(counts));
  }

  #nameOf(test) {
    return `${relative(this.root, test.module.moduleId)} (${test.project.name}): ${test.fullName}`;
  }
}

const secondsOf = (module) => {
  const { collectDuration, duration } = module.diagnostic();
  return (collectDuration + duration) / 1000;
};

function print(word, items, tell) {
  for (const item of items) console.log(`${word} ${tell(item).split("\n")[0]}`);
}
