// A vitest reporter for the ends of the gate and of soak: what is slow, skipped, retried and failed, each in a line. Leaves
// the counts in `.results/`.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

export default class EndReporter {
  onInit(vitest) {
    this.root = vitest.config.root;
    // Tests that the filter leaves out are neither counted nor named: tags, each with or without `!`, with && between them.
    this.filter = (vitest.config.tagsFilter?.[0] ?? "").split("&&").map((term) => term.trim());
  }

  onTestRunEnd(modules, unhandled) {
    const all = modules.flatMap((module) => [...module.children.allTests()]);
    const tests = all.filter(({ tags }) =>
      this.filter.every((term) =>
        term.startsWith("!") ? !tags.includes(term.slice(1)) : !term || tags.includes(term),
      ),
    );
    const inState = (state) => tests.filter((test) => test.result().state === state);
    // Errors around tests: a file that cannot be loaded, a hook that throws, a rejection that nothing awaits.
    const around = modules.flatMap((module) =>
      [module, ...module.children.allSuites()].flatMap((suite) =>
        suite.errors().map(({ message }) => `${relative(this.root, module.moduleId)}: ${message}`),
      ),
    );
    const errors = [...around, ...unhandled.map(({ message }) => message)];
    const [passed, failed, skipped] = ["passed", "failed", "skipped"].map(inState);
    const slowest = modules.toSorted((a, b) => secondsOf(b) - secondsOf(a)).slice(0, 10);
    print("slow    ", slowest, (it) => `${secondsOf(it).toFixed(1)} s  ${relative(this.root, it.moduleId)}`);
    print("skipped ", skipped, (it) => `${this.#nameOf(it)}: ${it.result().note ?? "no reason is given"}`);
    const failures = [
      ...failed.map((it) => `${this.#nameOf(it)}: ${it.result().errors[0]?.message}`),
      ...errors,
    ];
    print("failed  ", failures, (it) => it);
    const counts = { passed: passed.length, failed: failures.length, skipped: skipped.length, failures };
    mkdirSync(join(this.root, ".results"), { recursive: true });
    const name = process.env["GATEHOUSE_RESULTS"] ?? "tests";
    writeFileSync(join(this.root, ".results", `${name}.json`), JSON.stringify(counts));
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
