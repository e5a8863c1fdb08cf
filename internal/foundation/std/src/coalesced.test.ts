import { expect, test } from "vitest";
import { coalesced } from "./coalesced.ts";

test("calls during a run are combined into one more run, and all of them wait for it", async () => {
  let runs = 0;
  let open = (): void => {};
  const { run } = coalesced(
    async () => {
      runs += 1;
      if (runs === 1) await new Promise<void>((resolve) => (open = resolve));
    },
    (error) => expect.fail(String(error)),
  );
  const first = run();
  const later = [run(), run(), run()];
  open();
  await Promise.all([first, ...later]);
  expect(runs).toBe(2);
  await run();
  expect(runs).toBe(3);
});

test("a failed run is reported, and the next call still starts a run", async () => {
  const errors: unknown[] = [];
  const { run } = coalesced(
    () => Promise.reject(new Error("no")),
    (error) => errors.push(error),
  );
  await Promise.all([run(), run()]);
  expect(errors).toHaveLength(2);
});
